import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from signalops_site.core.jobs import Cluster
from signalops_site.core.management.base import OperatorCommand

ASGI = "signalops_site.asgi:application"
GRACE_SECONDS = 20


class Command(OperatorCommand):
    help = "Run the web server and the workers together, until Ctrl-C; all stop with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--check", action="store_true", help="only see whether the port is free")

    def run(self, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_busy_port(host, port)
        if options["check"]:
            return
        stop = _Stop()
        # -v 0: its access log would repeat our request lines, with the tickets of sockets in their addresses
        server = [sys.executable, "-m", "daphne", "-v", "0", "-b", host, "-p", str(port), ASGI]
        worker = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        processes = {
            "The web server": _start(server),
            **{f"The cluster {name}": _start(worker, Q_CLUSTER_NAME=name) for name in Cluster},
        }
        try:
            self._announce(host, port, processes["The web server"], stop)
            ended = _wait(processes, stop)
        finally:
            _end(list(processes.values()))
        if ended is not None:
            raise CommandError(f"{ended} ended by itself with code {processes[ended].returncode}.")
        self.stdout.write("Stopped.")

    def _announce(self, host: str, port: int, server: subprocess.Popen[bytes], stop: "_Stop") -> None:
        for _ in range(150):
            if _answers(host, port):
                self.stdout.write(f"\nSignalOps is up: http://{host}:{port}, with its workers  (Ctrl-C stops all)")
                self.stdout.flush()
                return
            if stop.asked or server.poll() is not None:
                return
            time.sleep(0.2)
        raise CommandError(f"The server did not answer on {host}:{port} within 30 s.")


class _Stop:
    """Whether Ctrl-C or a terminate signal has come."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def refuse_busy_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Port {port} on {host} cannot be used ({error.strerror}); choose another with PORT=8001"
            raise CommandError(message) from error


def _start(command: list[str], **environment: str) -> "subprocess.Popen[bytes]":
    """In a session of its own, so that Ctrl-C reaches us alone and we end it in order."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)  # noqa: S603


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _wait(processes: "dict[str, subprocess.Popen[bytes]]", stop: _Stop) -> str | None:
    """The name of the first process that ends by itself, or None when we are asked to stop."""
    while not stop.asked:
        for name, process in processes.items():
            if process.poll() is not None:
                return name
        time.sleep(0.2)
    return None


def _end(processes: "list[subprocess.Popen[bytes]]") -> None:
    """Ask each process to stop, then end whatever is left of its group."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(deadline - time.monotonic(), 0.1))
        _kill_group(process)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Its children, too: a group has the id of the process that we started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
