"""A run that is killed while it waits for a provider pays for no answer twice that it had got."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from tests.llm_stand_in import Asked, Reply, StandIn, says, serving

pytestmark = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="the trial works on a database file of its own",
)
POSTS = 150
VERDICT = {"label": "relevant", "confidence": 0.8, "reasoning": "It asks for a tool."}


def answer(_asked: Asked) -> Reply:
    return says(VERDICT, seconds=0.2)


def call(folder: Path, provider: StandIn, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
        "SIGNALOPS_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'trial.sqlite3'}",
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
        "OPENAI_API_KEY": "sk-test-key-of-nobody",
        "OPENAI_BASE_URL": provider.url,
    }
    command = [sys.executable, "-m", "tests.leads.pipeline.killed_judging", *arguments]
    return subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=180, check=False
    )


def times_asked(provider: StandIn) -> Counter[str]:
    """How often each post was put to the provider, by its number."""
    return Counter(re.findall(r"invoice (\d+)\?", asked.messages[-1][1])[0] for asked in provider.asked)


def numbers(folder: Path, query: str) -> set[str]:
    with sqlite3.connect(folder / "trial.sqlite3") as database:
        return {re.findall(r"invoice (\d+)\?", row[0])[0] for row in database.execute(query)}


ANSWERED = (
    "select p.text from core_llmcall c join leads_lead l on c.subject = 'lead:' || l.id"
    " join leads_post p on p.id = l.post_id where c.status = 'answered' and not c.cached"
)
JUDGED = (
    "select p.text from leads_judgment j join leads_lead l on l.id = j.lead_id"
    " join leads_post p on p.id = l.post_id"
)


def test_a_killed_run_goes_on_and_pays_for_no_answer_twice(tmp_path: Path) -> None:
    with serving(answer) as provider:
        prepared = call(tmp_path, provider, "prepare", str(POSTS))
        assert prepared.returncode == 0, prepared.stderr
        killed = call(tmp_path, provider, "run", "3")
        assert killed.returncode == -9, killed.stderr
        paid, judged, asked = numbers(tmp_path, ANSWERED), numbers(tmp_path, JUDGED), times_asked(provider)
        assert len(judged) < len(paid) < len(asked) <= POSTS

        again = call(tmp_path, provider, "run", "0")
        assert again.stdout.strip() == "succeeded", again.stderr
        twice = {number for number, times in times_asked(provider).items() if times > 1}
        assert twice & paid == set()
        assert len(twice) <= 64
        assert len(numbers(tmp_path, JUDGED)) == POSTS
        with sqlite3.connect(tmp_path / "trial.sqlite3") as database:
            assert database.execute("select count(*) from leads_judgment").fetchone() == (POSTS,)
            assert database.execute("select count(*), count(distinct id) from core_run").fetchone() == (1, 1)
