"""`manage.py serve`: everything comes up together, and everything is gone when it ends."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from signalops_site.management.commands.serve import refuse_busy_port

PATIENCE = 90.0
QUERY = "select name, pid from core_workercluster order by name"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder with an empty, migrated database of its own."""
    given = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'trial.sqlite3'}",
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
    }
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=given, check=True, timeout=180)
    return given


@pytest.fixture
def served(environment: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "manage.py", "serve", "--port", str(free_port())]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)
    yield process
    process.kill()
    process.wait()
    for _, guard in clusters(tmp_path):
        with suppress(ProcessLookupError):
            os.killpg(os.getpgid(guard), signal.SIGKILL)


def clusters(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "trial.sqlite3", timeout=30)) as database:
        return database.execute(QUERY).fetchall()


def test_the_server_and_both_clusters_come_up_and_end_together(
    served: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    log = tmp_path / "serve.log"
    deadline = time.monotonic() + PATIENCE
    while "SignalOps is up" not in log.read_text() or len(clusters(tmp_path)) < 2:
        assert time.monotonic() < deadline, log.read_text()
        assert served.poll() is None, log.read_text()
        time.sleep(0.2)
    running = clusters(tmp_path)
    assert [name for name, _ in running] == ["runs", "short"]

    served.terminate()
    assert served.wait(timeout=PATIENCE) == 0, log.read_text()
    assert log.read_text().rstrip().endswith("Stopped.")
    assert clusters(tmp_path) == []
    for _, guard in running:
        with pytest.raises(ProcessLookupError):
            os.kill(guard, 0)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            refuse_busy_port("127.0.0.1", port)
