"""The client below the connectors: what only shows on the wire."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import Settings

from connectors import http
from connectors.errors import BadAnswer, ConnectorError, NoAnswer
from connectors.http import PlatformClient

from .standin import StandIn, raw, reply

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def wire(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """An address where `talk` decides each byte of the first connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    talk(connection)
                except OSError:
                    """Whoever asked has gone."""

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=5)


def trickle(connection: socket.socket, content: bytes) -> None:
    for letter in content:
        connection.sendall(bytes([letter]))
        time.sleep(0.03)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.2)
    monkeypatch.setattr(http, "TRIES", 1)


@pytest.mark.usefixtures("_short")
def test_headers_that_trickle_in_end_at_the_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        trickle(connection, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 500)

    began = time.monotonic()
    with wire(talk) as url, PlatformClient("mastodon", url) as client, pytest.raises(NoAnswer, match="too long"):
        client.get("/")
    assert time.monotonic() - began < 3


@pytest.mark.usefixtures("_short")
def test_a_connection_that_is_used_again_has_the_same_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(GOOD)
        connection.recv(4096)
        trickle(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500)

    with wire(talk) as url, PlatformClient("mastodon", url) as client:
        assert client.get("/").body == {}
        with pytest.raises(NoAnswer, match="too long"):
            client.get("/")


def test_what_writes_is_never_tried_again(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda _: reply({}, 503)
    with PlatformClient("mastodon", stand_in.url) as client, pytest.raises(NoAnswer):
        client.post("/")
    assert len(stand_in.asked) == 1


def test_a_form_is_sent_as_web_pages_send_it_and_its_secrets_are_masked(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda asked: reply({"token": "new-token", "said": asked.headers["authorization"]})
    headers = {"Authorization": "Basic YWRhOnNlY3JldA=="}
    with PlatformClient("mastodon", stand_in.url) as client:
        answer = client.post("/", form={"grant_type": "a b&c"}, headers=headers, issues=("token",))
    (asked,) = stand_in.asked
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.body == b"grant_type=a+b%26c"
    assert answer.body == {"token": "***", "said": "Basic ***"}
    assert answer.issued == {"token": "new-token"}


def test_no_thread_is_left_behind(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda _: reply({})
    before = threading.active_count()
    with PlatformClient("mastodon", stand_in.url) as client:
        for _ in range(5):
            client.get("/")
    time.sleep(0.1)
    assert threading.active_count() <= before


@pytest.mark.parametrize("address", ["nonsense", "ftp://harbour.example", "http://", "http://a b"])
def test_an_address_that_is_none_is_said_to_be_none(address: str) -> None:
    with pytest.raises(ConnectorError), PlatformClient("mastodon", address) as client:
        client.get("/api")


@pytest.fixture
def inside(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stand-in under a public name that leads to this machine."""
    asked = socket.getaddrinfo

    def here(host: str, *more: Any, **named: Any) -> object:
        return asked("127.0.0.1" if host == "harbour.example" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return stand_in.url.replace("127.0.0.1", "harbour.example")


def test_a_public_name_that_leads_inside_is_sent_nothing(stand_in: StandIn, inside: str) -> None:
    stand_in.routes["/"] = lambda _: reply({})
    with PlatformClient("mastodon", inside) as client, pytest.raises(BadAnswer, match="private network"):
        client.get("/", headers={"Authorization": "Bearer secret"})
    with PlatformClient("mastodon", inside) as client, pytest.raises(BadAnswer, match="private network"):
        list(client.follow("/", silence=5))
    assert stand_in.asked == []


def test_unless_the_operator_has_set_it(stand_in: StandIn, inside: str, settings: Settings) -> None:
    settings.PLATFORM_BASE_URLS = {"mastodon": inside}
    stand_in.routes["/"] = lambda _: reply({"a": 1})
    with PlatformClient("mastodon", inside) as client:
        assert client.get("/").body == {"a": 1}


def test_a_stream_that_is_compressed_is_not_unpacked(stand_in: StandIn) -> None:
    packed = gzip.compress(b'{"id": 1}\n')
    stand_in.routes["/stream"] = lambda _: raw(packed, Content_Encoding="gzip")
    with PlatformClient("x", stand_in.url) as client, pytest.raises(BadAnswer, match="compressed"):
        list(client.follow("/stream", silence=5))


def test_an_answer_that_is_small_on_the_wire_and_large_in_memory_is_refused(stand_in: StandIn) -> None:
    packed = gzip.compress(b"[" + b"{}," * 3_000_000 + b"{}]")
    stand_in.routes["/page"] = lambda _: raw(packed, Content_Encoding="gzip")
    with PlatformClient("x", stand_in.url) as client, pytest.raises(BadAnswer, match="more than 8 MB"):
        client.get("/page")
