"""A run that is killed at any moment, and then run again, ends as one that was left alone."""

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from leads.judges.local import ensure_default_model

pytestmark = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="each trial works on a copy of a database file",
)

Counts = dict[str, list[tuple[object, ...]]]
COUNTS = {
    "leads by stage and label": "select stage, label, count(*) from leads_lead group by 1, 2 order by 1, 2",
    "copies": "select filter_reason like 'copy%', count(*) from leads_lead where stage='filtered' group by 1",
    "posts": "select count(*), count(distinct platform_post_id) from leads_post",
    "query links": "select label, count(*) from leads_leadquery group by label order by label",
    "judgments": "select label, count(*) from leads_judgment group by label order by label",
    "scores": "select count(*), sum(json_array_length(scoring_plugins)) from leads_score",
    "plugin results": "select plugin_name, count(*) from scoring_plugin_results group by 1 order by 1",
    "announcements": "select count(*), count(distinct lead_id) from leads_notificationlog",
    "new lead events": "select count(*) from core_runevent where type='new_lead'",
    "drafts": "select status, count(*), count(distinct lead_id) from leads_draft group by status",
    "weighed for a draft": "select weighed_for_draft, count(*) from leads_lead group by 1 order by 1",
    "cursors": "select query, newest_id, page_token, walk_count from connectors_querycursor order by query",
    "runs": "select status, count(*) from core_run group by status",
    "what the run did": "select stages -> '$.draft.done', stages -> '$.judge.done' from core_run",
}


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
        "SIGNALOPS_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'trial.sqlite3'}",
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
    }


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env=environment(folder),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def run_killed(folder: Path, point: int, moment: str = "before") -> subprocess.CompletedProcess[str]:
    return call(folder, "-m", "tests.leads.pipeline.killed_run", str(point), moment)


def counts(folder: Path) -> Counts:
    with sqlite3.connect(folder / "trial.sqlite3") as database:
        return {name: database.execute(query).fetchall() for name, query in COUNTS.items()}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo project, its judge trained, and nothing collected."""
    folder = tmp_path_factory.mktemp("prepared")
    for command in (["migrate", "-v0"], ["importproject", "projects/demo.yaml"]):
        done = call(folder, "manage.py", *command)
        assert done.returncode == 0, done.stderr
    shutil.copytree(ensure_default_model().parent, folder / "models")
    return folder


def copy_of(prepared: Path, target: Path) -> Path:
    shutil.copytree(prepared, target)
    return target


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nobody killed leaves behind, and how often it wrote."""

    folder: Path
    writes: int
    counts: Counts


@pytest.fixture(scope="module")
def undisturbed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = copy_of(prepared, tmp_path_factory.mktemp("undisturbed") / "data")
    done = run_killed(folder, 0)
    status, writes = done.stdout.split()[-2:]
    assert status == "succeeded", done.stderr
    return Undisturbed(folder, int(writes), counts(folder))


@pytest.mark.parametrize(("share", "moment"), [(0.05, "after"), (0.6, "after"), (1.0, "before")])
def test_a_killed_run_ends_like_an_undisturbed_one(
    share: float,
    moment: str,
    prepared: Path,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    folder = copy_of(prepared, tmp_path / "data")
    killed = run_killed(folder, max(1, round(undisturbed.writes * share)), moment)
    assert killed.returncode == -9, killed.stderr
    again = run_killed(folder, 0)
    assert again.stdout.split()[-2] == "succeeded", again.stderr
    assert counts(folder) == undisturbed.counts


def test_a_run_that_is_killed_again_and_again_still_ends_the_same(
    prepared: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = copy_of(prepared, tmp_path / "data")
    for trial in range(3):
        assert run_killed(folder, 8, "after" if trial % 2 else "before").returncode == -9
    assert run_killed(folder, 0).stdout.split()[-2] == "succeeded"
    assert counts(folder) == undisturbed.counts


def test_running_again_adds_nothing(undisturbed: Undisturbed, prepared: Path, tmp_path: Path) -> None:
    folder = copy_of(undisturbed.folder, tmp_path / "data")
    assert run_killed(folder, 0).stdout.split()[-2] == "succeeded"
    ends = counts(folder)
    for name in set(COUNTS) - {"runs", "what the run did"}:
        assert ends[name] == undisturbed.counts[name], name
