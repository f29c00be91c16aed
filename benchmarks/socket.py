"""From an event's commit in one process to its arrival at another's client: daphne on loopback, a real socket."""

import asyncio
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from signalops_site.core.models import Project
from signalops_site.core.runs import publish

EVENTS = 60
PAUSE = (0.02, 0.3)
"""Seconds between events, drawn anew each time, so that they do not fall in step with the server's polling."""
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class SocketResult:
    events: int
    median_milliseconds: float
    p95_milliseconds: float
    with_redis: bool


def measure_socket(project: Project) -> SocketResult:
    cookie = _session_cookie()
    with _server() as port:
        delays = sorted(asyncio.run(_delays(project, port, cookie)))
    return SocketResult(
        len(delays), statistics.median(delays), delays[int(0.95 * len(delays))], bool(settings.REDIS_URL)
    )


def _session_cookie() -> str:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser(f"socket-{secrets.token_hex(4)}"))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "signalops_site.asgi:application",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=dict(os.environ))  # noqa: S603
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server for the socket's benchmark did not start.")


async def _delays(project: Project, port: int, cookie: str) -> list[float]:
    """Milliseconds for each event, by the number that stands in its detail."""
    sent: dict[int, float] = {}
    arrived: dict[int, float] = {}
    url = f"http://127.0.0.1:{port}/ws/pipeline?project={project.slug}"
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "Origin": f"http://127.0.0.1:{port}"}
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as client:
        follower = asyncio.create_task(_follow(client, arrived))
        for number in range(EVENTS):
            await asyncio.sleep(PAUSE[0] + secrets.randbelow(1000) / 1000 * (PAUSE[1] - PAUSE[0]))
            await sync_to_async(publish)(project, "pipeline_progress", stage="bench", detail={"number": number})
            sent[number] = time.perf_counter()
        await asyncio.wait_for(follower, PATIENCE)
    return [1000 * max(0.0, arrived[number] - sent[number]) for number in sent]


async def _follow(client: aiohttp.ClientWebSocketResponse, arrived: dict[int, float]) -> None:
    async for message in client:
        event = json.loads(message.data)
        if event["stage"] == "bench":
            arrived[event["detail"]["number"]] = time.perf_counter()
        if len(arrived) == EVENTS:
            return
