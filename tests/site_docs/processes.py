"""Our own commands as plain processes, each in a group of its own that is ended with it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE_SECONDS = 30


def own_environment(**variables: str) -> dict[str, str]:
    """This process's environment without what chooses an install, and with these variables."""
    chosen = {
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEY",
        "SIGNALOPS_DATA_DIR",
        "DJANGO_SETTINGS_MODULE",
        "DEVELOPMENT",
        "DEBUG",
    }
    kept = {name: value for name, value in os.environ.items() if name not in chosen}
    return {**kept, **variables}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def finish(
    command: Sequence[str], environment: Mapping[str, str], *, folder: Path = ROOT, seconds: int = 120
) -> str:
    """Run a command to its end and give what it said; it has to end well."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is asked to stop at the end, as a container is, and has to do so in time."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_SECONDS)
        stopped = process.poll() is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert stopped, f"{command} did not stop within {GRACE_SECONDS} s:\n{log.read_text()}"


def status_of(address: str) -> int:
    """The status of a GET; 0 when nothing answers."""
    try:
        with urlopen(Request(address, headers={"Accept": "application/json"}), timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return 0


def in_our_python(command: Sequence[str]) -> list[str]:
    """A container's `python` is here the one that runs the tests."""
    assert command[0] == "python"
    return [sys.executable, *command[1:]]
