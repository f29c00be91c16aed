"""Workers are killed at every step of sending; the platform counts what arrives, and nothing arrives twice.

In processes of their own, on a database of their own: a file, and one on the PostgreSQL server that
TEST_POSTGRES_URL names.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from .trial import PATIENCE, STEPS

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")


@dataclass(frozen=True)
class Ended:
    """What the platform received, and how the trial's own database ended."""

    received: list[dict[str, str]]
    statuses: dict[str, int]
    ends: dict[str, int]
    """Step -> how many workers were killed there; `exit 0`: how many ended by themselves."""


def python(folder: Path, database: str, *arguments: str) -> str:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
        "SIGNALOPS_DATA_DIR": str(folder),
        "DATABASE_URL": database,
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    python(folder, f"sqlite:///{folder / 'trial.sqlite3'}", "manage.py", "migrate", "-v0")
    return folder / "trial.sqlite3"


@contextmanager
def new_database(kind: str, folder: Path, *, like: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{shutil.copy(like, folder / 'trial.sqlite3')}"
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL names no server")
    import psycopg

    name = f"signalops_sending_{uuid4().hex[:10]}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"create database {name}")
        try:
            address = f"{POSTGRES.rpartition('/')[0]}/{name}"
            python(folder, address, "manage.py", "migrate", "-v0")
            yield address
        finally:
            server.execute(f"drop database {name} with (force)")


@contextmanager
def platform(file: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.leads.sending.stand_in", str(file)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def tried(folder: Path, database: str, *, drafts: int, workers: int, cap: int) -> Ended:
    taken = folder / "taken.jsonl"
    taken.touch()

    with platform(taken) as address:
        numbers = (str(number) for number in (drafts, workers, cap))
        said = python(folder, database, "-m", "tests.leads.sending.trial", address, *numbers)
    received = [json.loads(line) for line in taken.read_text(encoding="utf-8").splitlines()]
    end = json.loads(said.splitlines()[-1])
    return Ended(received, end["statuses"], end["ends"])


@pytest.mark.parametrize(
    ("kind", "drafts", "workers"), [("sqlite", 500, 4), ("sqlite", 40, 2), ("postgresql", 120, 4)]
)
def test_every_approved_draft_is_sent_exactly_once(
    kind: str, drafts: int, workers: int, tmp_path: Path, migrated: Path
) -> None:
    with new_database(kind, tmp_path, like=migrated) as database:
        end = tried(tmp_path, database, drafts=drafts, workers=workers, cap=10_000)
    posts = Counter(reply["post"] for reply in end.received)
    full = end.statuses.pop("failed")
    assert end.statuses == {"sent": drafts - full, "cancelled": 2}
    assert len(posts) == drafts - full
    assert set(posts.values()) == {1}
    assert not [post for post in posts if post.startswith("never")]
    assert set(end.ends) == {*STEPS, "exit 0"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_cap_is_exceeded_by_workers_side_by_side_that_die(kind: str, tmp_path: Path, migrated: Path) -> None:
    cap = 20
    with new_database(kind, tmp_path, like=migrated) as database:
        end = tried(tmp_path, database, drafts=60, workers=4, cap=cap)
    assert len(end.received) == len({reply["post"] for reply in end.received}) == cap
    assert end.statuses["sent"] == cap
    assert set(end.ends) <= {*STEPS, "exit 0"}
