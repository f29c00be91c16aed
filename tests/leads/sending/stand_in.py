"""A platform in a process of its own, which keeps what it is given: one line of JSON for each reply that it takes.

    python -m tests.leads.sending.stand_in FILE

Prints its address. POST /replies {post, text, key} takes a reply, twice when it is asked twice: it knows no
idempotency. The post's id says how it answers the first time that it is asked for that post:

    ...-silent   it takes the reply, and hangs up without an answer
    ...-deaf     it hangs up, and takes nothing
    ...-broken   it takes the reply, and answers 500
    ...-full     it refuses (422), each time
    ...-busy     it asks to wait (429)

GET /replies?post= lists what it took.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

LOCK = threading.Lock()
TAKEN: list[dict[str, str]] = []
ASKED: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        reply = json.loads(body)
        with LOCK:
            is_first = reply["post"] not in ASKED
            ASKED.add(reply["post"])
        manner = reply["post"].rpartition("-")[2] if is_first or reply["post"].endswith("-full") else ""
        if manner in {"deaf", "full", "busy"}:
            self._answer({"deaf": 0, "full": 422, "busy": 429}[manner], {})
            return
        number = take(reply)
        self._answer({"silent": 0, "broken": 500}.get(manner, 200), {"id": str(number)})

    def do_GET(self) -> None:
        post = parse_qs(urlsplit(self.path).query)["post"][0]
        with LOCK:
            found = [{**each, "id": str(n)} for n, each in enumerate(TAKEN, start=1) if each["post"] == post]
        self._answer(200, {"replies": found})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.close_connection = True
        if not status:
            return
        content = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            """Whoever asked was killed: that is what the trial is about."""

    def log_message(self, *_arguments: Any) -> None:
        """What was taken stands in the file."""


def take(reply: dict[str, str]) -> int:
    with LOCK:
        TAKEN.append(reply)
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(reply) + "\n")
        return len(TAKEN)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of a request."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
    server.serve_forever()
