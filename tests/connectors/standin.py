"""A platform's stand-in: a real HTTP server on this machine's loopback, whose answers a test decides."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. Repeated parameters keep all their values."""

    method: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """What to answer. `content` goes out piece by piece; `announced` is a false Content-Length."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Iterable[bytes] = (b"",)
    announced: int | None = None
    drops: bool = False
    """Close the connection without a word."""


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; underscores in the names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status, {"Content-Type": "application/json; charset=utf-8", **named}, (json.dumps(body).encode(),)
    )


def raw(content: bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"Content-Type": content_type, **named}, (content,))


Answering = Callable[[Asked], Reply]


class StandIn:
    """Routes by path; what has no route is a 404 as the platforms give it."""

    def __init__(self) -> None:
        self.routes: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.url = ""

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        longest = max((path for path in self.routes if asked.path.startswith(path)), key=len, default=None)
        return self.routes[longest](asked) if longest else reply({"error": "Record not found"}, 404)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def _handler_for(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, self.rfile.read(length))
            self._send(stand_in.answer(asked))

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def _send(self, answer: Reply) -> None:
            self.close_connection = True
            if answer.drops:
                return
            pieces = list(answer.content) if isinstance(answer.content, tuple) else answer.content
            self.send_response_only(answer.status)
            if "Date" not in answer.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if isinstance(pieces, list):
                length = answer.announced if answer.announced is not None else sum(map(len, pieces))
                self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            try:
                self.end_headers()
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                """Whoever asked has gone: that is what some tests are about."""

        def log_message(self, *_arguments: Any) -> None:
            """Tests read what was asked in `asked`."""

    return Handler


@contextmanager
def running() -> Iterator[StandIn]:
    stand_in = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(stand_in))
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
