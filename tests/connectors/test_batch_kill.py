"""A batch that is killed with its process goes on where it was, and neither loses nor repeats a post."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.factories import document

from .fakes import MastodonFake
from .standin import Asked, Reply

pytestmark = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="each trial works on a copy of a database file",
)

POSTS = 200
TAGS = ("one", "two", "three")
TIMELINE = "/api/v1/timelines/tag/"


def started(folder: Path, *command: str, platform: str = "") -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'trial.sqlite3'}",
        "MASTODON_BASE_URL": platform,
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(folder: Path, *command: str, platform: str = "") -> str:
    process = started(folder, *command, platform=platform)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return said


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a project of three queries, and nothing collected."""
    folder = tmp_path_factory.mktemp("prepared")
    queries = [
        {"text": f"#{tag}", "label": tag, "platform": "mastodon", "max_results_per_run": 1000} for tag in TAGS
    ]
    project = document(queries=queries, batch={"enabled": True}).model_dump(mode="json", exclude_unset=True)
    file = folder / "project.yaml"
    file.write_text(yaml.safe_dump(project), encoding="utf-8")
    finished(folder, "migrate", "-v0")
    finished(folder, "importproject", str(file), "--activate")
    return folder


def facts(folder: Path) -> dict[str, object]:
    with sqlite3.connect(folder / "trial.sqlite3") as database:
        ask = {
            "posts": "select count(*), count(distinct platform_post_id) from leads_post",
            "leads": "select count(*), count(distinct post_id) from leads_lead",
            "found by": "select label, count(*) from leads_leadquery group by label order by label",
            "cursors": "select query, newest_id, page_token from connectors_querycursor order by query",
        }
        return {name: database.execute(query).fetchall() for name, query in ask.items()}


@pytest.mark.parametrize("page", [2, 9])
def test_a_killed_batch_goes_on_where_it_was(
    page: int, prepared: Path, tmp_path: Path, mastodon: MastodonFake
) -> None:
    """The process is killed while it waits for that page, with other pages under way and some stored."""
    mastodon.fill(POSTS)
    folder = Path(shutil.copytree(prepared, tmp_path / "data"))
    good = mastodon.stand_in.routes[TIMELINE]
    command = ("runpipeline", "--stages", "collect", "--json")
    process = started(folder, *command, platform=mastodon.stand_in.url)

    def kill_at(asked: Asked) -> Reply:
        if len(mastodon.stand_in.asked) == page:
            process.send_signal(signal.SIGKILL)
        return good(asked)

    mastodon.stand_in.routes[TIMELINE] = kill_at
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    mastodon.stand_in.routes[TIMELINE] = good

    run = json.loads(finished(folder, *command, platform=mastodon.stand_in.url).splitlines()[-1])
    assert (run["status"], run["stages"]["collect"]["done"]) == ("succeeded", POSTS)
    assert {query["state"] for query in run["stages"]["collect"]["queries"].values()} == {"done"}
    assert facts(folder) == {
        "posts": [(POSTS, POSTS)],
        "leads": [(POSTS, POSTS)],
        "found by": [(tag, POSTS) for tag in sorted(TAGS)],
        "cursors": [(f"#{tag}", f"{100 + POSTS}@mastodon.social", "") for tag in sorted(TAGS)],
    }
