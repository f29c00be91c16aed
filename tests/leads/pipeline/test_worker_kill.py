"""Workers are killed, stopped and replaced in the middle of a run; the run ends as one that was left alone.

Real clusters in processes of their own, on a database of their own: a file, or one on the PostgreSQL server
that the tests use.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from leads.judges.local import ensure_default_model

Rows = list[tuple[Any, ...]]
ON_POSTGRES = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
PATIENCE = 120.0
"""Seconds for anything that should take a few, on a machine that is busy."""

PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("importproject", "projects/demo.yaml")
call_command("runpipeline", background=True)
"""

RESULTS = {
    "posts": "select count(*), count(distinct platform_post_id) from leads_post",
    "leads": "select stage, label, count(*) from leads_lead group by 1, 2 order by 1, 2",
    "query links": "select label, count(*) from leads_leadquery group by label order by label",
    "judgments": "select label, count(*), count(distinct lead_id) from leads_judgment group by 1 order by 1",
    "scores": "select count(*), count(distinct lead_id) from leads_score",
    "plugin results": "select plugin_name, count(*) from scoring_plugin_results group by 1 order by 1",
    "announcements": "select count(*), count(distinct lead_id) from leads_notificationlog",
    "new lead events": "select count(*) from core_runevent where type = 'new_lead'",
    "drafts": "select status, count(*), count(distinct lead_id) from leads_draft group by 1",
    "runs": "select status from core_run",
    "run ends": "select count(*) from core_runevent where type = 'run_finished'",
    "audit": "select action, count(*) from core_auditentry where action like 'run.%' group by 1 order by 1",
}


class Trial:
    """A data folder and a database, the processes that work on them, and a look from outside."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        self._clusters: list[Cluster] = []

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
            "SIGNALOPS_DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "DEVELOPMENT": "1",
            "REDIS_URL": "",
            "Q_WORKERS": "1",
            **more,
        }

    def manage(self, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=self.environment(),
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self, name: str, **environment: str) -> "Cluster":
        cluster = Cluster(self, name, environment)
        self._clusters.append(cluster)
        return cluster

    def end(self) -> None:
        for cluster in self._clusters:
            cluster.kill()

    def ask(self, query: str) -> Rows:
        if not ON_POSTGRES:
            with closing(sqlite3.connect(self.folder / "trial.sqlite3", timeout=30)) as database:
                return database.execute(query).fetchall()
        import psycopg

        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.ask(query)[0][0]

    def wait(self, what: str, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s\n{self.said()}"
            time.sleep(0.05)

    def wait_for_progress(self, stage: str) -> None:
        """Until a batch of the stage is committed, and the run is in the middle of it."""
        self.wait(f"progress of {stage}", lambda: self.done().get(stage, 0) > 0)
        assert self.status() == "running", self.said()

    def wait_for_end(self) -> None:
        self.wait("the end of the run", lambda: self.status() not in ("queued", "running"))

    def status(self) -> str:
        return str(self.one("select status from core_run order by id desc limit 1"))

    def results(self) -> dict[str, Rows]:
        return {name: [tuple(row) for row in self.ask(query)] for name, query in RESULTS.items()}

    def done(self) -> dict[str, int]:
        """stage -> what the last of its events says was done; counts that began anew would show."""
        rows = self.ask("select stage, max(done) from core_runevent where stage not in ('', 'notify') group by 1")
        return {str(stage): int(done) for stage, done in rows}

    def said(self) -> str:
        return "\n".join(log.read_text()[-4000:] for log in sorted(self.folder.glob("*.log")))


@dataclass
class Cluster:
    """A cluster in a process group of its own."""

    trial: Trial
    name: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        log = (self.trial.folder / f"{self.name}-{uuid4().hex[:6]}.log").open("wb")
        with log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.leads.pipeline.slow_cluster"],
                env=self.trial.environment(Q_CLUSTER_NAME=self.name, **self.environment),
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """All of it, at once: nothing is caught, nothing is closed."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """Ask it to end, as a service manager does; the seconds that it took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        return time.monotonic() - began


def new_database(folder: Path, *, like: Trial | None = None) -> str:
    """The URL of a database that is empty, or a copy."""
    if not ON_POSTGRES:
        return f"sqlite:///{folder / 'trial.sqlite3'}"
    name = f"signalops_kill_{uuid4().hex[:10]}"
    template = f" template {like.database.rpartition('/')[2]}" if like else ""
    _on_server(f"create database {name}{template}")
    chosen = settings.DATABASES["default"]
    login = f"{chosen['USER']}:{chosen['PASSWORD']}" if chosen["PASSWORD"] else chosen["USER"]
    return f"postgres://{login}@{chosen['HOST'] or 'localhost'}:{chosen['PORT'] or 5432}/{name}"


def drop_database(trial: Trial) -> None:
    if ON_POSTGRES:
        _on_server(f"drop database {trial.database.rpartition('/')[2]} with (force)")


def _on_server(statement: str) -> None:
    import psycopg

    chosen = settings.DATABASES["default"]
    given = {key: chosen[key.upper()] for key in ("host", "port", "user", "password") if chosen[key.upper()]}
    with psycopg.connect(dbname="postgres", autocommit=True, **given) as connection:
        connection.execute(statement)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """The demo project, its judge trained, one run queued, and nobody at work."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    folder.mkdir()
    trial = Trial(folder, new_database(folder))
    try:
        shutil.copytree(ensure_default_model().parent, folder / "models")
        trial.manage("shell", "-v0", "-c", PREPARE)
        yield trial
    finally:
        drop_database(trial)


def copy_of(prepared: Trial, folder: Path) -> Trial:
    shutil.copytree(prepared.folder, folder)
    return Trial(folder, new_database(folder, like=prepared))


@pytest.fixture(scope="module")
def undisturbed(prepared: Trial, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """What a run leaves behind that nobody disturbed."""
    trial = copy_of(prepared, tmp_path_factory.mktemp("undisturbed") / "data")
    try:
        cluster = trial.start("runs")
        trial.wait_for_end()
        assert trial.status() == "succeeded", trial.said()
        cluster.kill()
        yield trial
    finally:
        trial.end()
        drop_database(trial)


@pytest.fixture
def trial(prepared: Trial, tmp_path: Path) -> Iterator[Trial]:
    trial = copy_of(prepared, tmp_path / "data")
    yield trial
    trial.end()
    drop_database(trial)


def assert_ended_like(trial: Trial, undisturbed: Trial) -> None:
    assert trial.results() == undisturbed.results(), trial.said()
    assert trial.done() == undisturbed.done()
    numbers = [row[0] for row in trial.ask("select seq from core_runevent order by seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    trial.wait("an empty queue", lambda: trial.one("select count(*) from django_q_ormq where key = 'runs'") == 0)


def takeovers(trial: Trial) -> int:
    return int(trial.one("select takeovers from core_run"))


def test_when_all_clusters_are_killed_the_next_ones_take_the_run_over(trial: Trial, undisturbed: Trial) -> None:
    clusters = [trial.start("runs"), trial.start("short")]
    trial.wait_for_progress("judge")
    for cluster in clusters:
        cluster.kill()
    assert trial.status() == "running"
    trial.start("short")
    trial.start("runs")
    trial.wait_for_end()
    assert_ended_like(trial, undisturbed)
    assert takeovers(trial) == 1


def test_when_a_worker_is_killed_its_cluster_gets_the_run_again(trial: Trial, undisturbed: Trial) -> None:
    cluster = trial.start("runs")
    trial.wait_for_progress("score")
    worker = int(trial.one("select lease_holder from core_run").split(":")[1])
    assert worker != cluster.process.pid
    os.kill(worker, signal.SIGKILL)
    trial.start("short")
    trial.wait_for_end()
    assert_ended_like(trial, undisturbed)
    assert takeovers(trial) == 1
    assert cluster.process.poll() is None
    assert f":{worker}:" not in trial.one("select lease_holder from core_run")


def test_a_cluster_that_is_asked_to_stop_hands_its_run_on(trial: Trial, undisturbed: Trial) -> None:
    cluster = trial.start("runs")
    trial.wait_for_progress("judge")
    assert cluster.stop() < 20
    assert trial.status() == "queued", trial.said()
    assert trial.one("select count(*) from core_workercluster") == 0
    trial.start("runs")
    trial.wait_for_end()
    assert_ended_like(trial, undisturbed)
    assert takeovers(trial) == 0
    began = (
        "select count(*) from core_runevent where stage = 'collect' and cast(detail as text) not like '%query%'"
    )
    assert trial.one(began) == 1


def test_a_long_run_is_handed_on_again_and_again(trial: Trial, undisturbed: Trial) -> None:
    trial.start("runs", RUN_YIELD_SECONDS="1")
    trial.wait_for_end()
    assert_ended_like(trial, undisturbed)
    handed_on = trial.one("select count(*) from core_runevent where stage = '' and type = 'pipeline_progress'")
    assert handed_on >= 5, "queued and running, several times"
    assert takeovers(trial) == 0
