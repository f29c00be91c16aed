"""The connection itself, so that a clock or another thread can cut it."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any


class Line:
    """The connection that a client is using, so that a clock can cut it.

    Time-outs count from byte to byte. A platform that sends one now and then, be it of headers, never meets them.

    `check` is told of each connection, before anything is sent over it: the host that was asked for and the
    address that answers. What it raises ends the connection.
    """

    def __init__(self, check: Callable[[str, str], None]) -> None:
        self.was_cut = False
        self.has_sent = False
        """Whether the request has begun to go out: from then on it may have arrived. Whoever asks sets it back."""
        self._check = check
        self._host = ""
        self._stream: Any = None

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's trace: remember the stream that requests go over; it is kept for the next ones."""
        if event.endswith("connect_tcp.started"):
            self._host = str(info["host"])
        elif event.endswith("connect_tcp.complete"):
            self._check_peer(info["return_value"])
        elif event.endswith("send_request_headers.started"):
            self.has_sent = True
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]

    def _check_peer(self, stream: Any) -> None:
        try:
            address = str(stream.get_extra_info("server_addr")[0])
        except OSError:
            return  # it is over already: nothing will go over it
        try:
            self._check(self._host, address)
        except Exception:
            stream.close()
            raise

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        self.was_cut = False
        clock = threading.Timer(seconds, self.cut)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def cut(self) -> None:
        """Shut the socket itself: a reader wakes with the end of its input, under TLS as well."""
        self.was_cut = True
        if self._stream is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)
