"""What every connector keeps that can answer a post: one request that writes, and a strict line between "it was
not posted" and "nobody knows".
"""

import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors import http
from connectors.access import Uncounted
from connectors.base import Capability, SentReply, connectors
from connectors.errors import BadAnswer, ConnectorError, NoAnswer, NotSent, NotSure, RateLimited, Refused
from connectors.http import PlatformClient
from connectors.replies import MOST_PAGES, SETTLED_AFTER
from tests.connectors.standin import Asked, Reply, StandIn, raw, reply
from tests.connectors.writers import REASON, WRITERS, Writer, ago

TEXT = "Two hours, & no tool: https://harbour.example/late – ask me."
KEY = "0b54b2d6-6c7e-4c5e-9d5a-1f5f6a2f9c11"


@pytest.fixture(params=sorted(WRITERS))
def writer(request: pytest.FixtureRequest, stand_in: StandIn) -> Writer:
    return WRITERS[request.param](stand_in)


def send(writer: Writer, **changes: Any) -> SentReply:
    return writer.connector(**changes).reply(writer.post_id, TEXT, key=KEY)


def sought(writer: Writer, **changes: Any) -> SentReply | None:
    return writer.connector(**changes).find_reply(writer.post_id, TEXT, since=ago(minutes=30))


def test_every_platform_that_can_be_answered_is_held_to_this() -> None:
    able = {name for name, each in connectors.items().items() if Capability.REPLY in each.capabilities}
    assert able == {*WRITERS, "sample"}


def test_a_reply_is_posted_once_and_found_again(writer: Writer) -> None:
    sent = send(writer)
    assert sent.id
    assert sent.url.startswith("https://")
    assert (len(writer.asked), len(writer.posted)) == (1, 1)
    assert sought(writer) == sent


# ---------------------------------------------------------------- it was not posted


def test_a_refusal_is_definite_and_in_the_platform_s_words(writer: Writer) -> None:
    writer.answering = lambda _: writer.refuses()
    with pytest.raises(NotSent, match=REASON):
        send(writer)
    assert len(writer.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 410, 413, 422])
def test_a_4xx_says_that_nothing_was_posted(writer: Writer, status: int) -> None:
    writer.answering = lambda _: raw(b"?", status)
    with pytest.raises(NotSent):
        send(writer)
    assert len(writer.asked) == 1


def test_an_account_that_is_refused_is_told_apart(writer: Writer) -> None:
    answers = [reply({"error": "No", "message": "No"}, 401), writer.refuses_account()]
    writer.answering = lambda _: answers.pop(0)
    for _ in range(2):
        with pytest.raises(Refused):
            send(writer)
    assert len(writer.asked) == 2


@pytest.mark.parametrize("wait", ["0", "120"])
def test_a_platform_that_asks_to_wait_is_not_asked_again_here(writer: Writer, wait: str) -> None:
    writer.answering = lambda _: reply({"error": "Too many requests"}, 429, Retry_After=wait)
    with pytest.raises(RateLimited) as caught:
        send(writer)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after == pytest.approx(float(wait), abs=0.1)
    assert len(writer.asked) == 1


class Spent(Uncounted):
    """Nothing is left of the window in which replies count."""

    def reserve(self, endpoint: str) -> None:
        if endpoint in ("statuses", "com.atproto.repo.createRecord", "POST /2/tweets", "POST /api/comment"):
            raise RateLimited("None left.", retry_after=60)


def test_our_own_count_holds_a_reply_back(writer: Writer) -> None:
    with pytest.raises(RateLimited):
        send(writer, limits=Spent())
    assert writer.asked == []


@pytest.fixture
def _closed_to_posts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Everything is answered but the connection over which the reply would go."""
    connect, post, refusing = socket.create_connection, PlatformClient.post, [False]

    def connecting(*where: Any, **named: Any) -> socket.socket:
        if refusing[0]:
            raise request.param
        return connect(*where, **named)

    def posting(client: PlatformClient, path: str, **named: Any) -> Any:
        refusing[0] = path in {each.written for each in WRITERS.values()}
        return post(client, path, **named)

    monkeypatch.setattr(socket, "create_connection", connecting)
    monkeypatch.setattr(PlatformClient, "post", posting)


@pytest.mark.usefixtures("_closed_to_posts")
@pytest.mark.parametrize("_closed_to_posts", [ConnectionRefusedError(), TimeoutError()], indirect=True)
def test_a_connection_that_never_was_has_brought_nothing(writer: Writer) -> None:
    with pytest.raises(NoAnswer):
        send(writer)
    assert writer.asked == []


def test_what_is_no_id_of_the_platform_is_not_answered(writer: Writer) -> None:
    for odd in ("", "no id/../..", "x" * 600):
        with pytest.raises(NotSent):
            writer.connector().reply(odd, TEXT, key=KEY)
    assert writer.asked == []


def test_a_reason_shows_no_secret(writer: Writer) -> None:
    def told(asked: Asked) -> Reply:
        token = asked.bearer
        return reply({"error": f"not with {token}", "json": {"errors": [["NO", f"not with {token}", ""]]}}, 422)

    writer.answering = told
    with pytest.raises(NotSent) as caught:
        send(writer)
    assert writer.asked[0].bearer
    assert writer.asked[0].bearer not in str(caught.value)


# ---------------------------------------------------------------- nobody knows


def slow(pieces: Iterator[bytes]) -> Reply:
    return Reply(content=pieces)


def stalling() -> Iterator[bytes]:
    yield b"{"
    time.sleep(0.4)


def posted_and(writer: Writer, answer: Reply | None = None, *, pause: float = 0.0) -> None:
    """The platform posts the reply, and answers this: what a sender must never take for "not posted"."""

    def take(asked: Asked) -> Reply:
        writer.take(asked)
        time.sleep(pause)
        return answer if answer is not None else Reply(drops=True)

    writer.answering = take


BROKEN: dict[str, Reply] = {
    "500": reply({"error": "Oh"}, 500),
    "503": reply({}, 503, Retry_After="1"),
    "408": reply({}, 408),
    "a redirect": reply({}, 302, Location="https://elsewhere.example/"),
    "dropped": Reply(drops=True),
    "cut": Reply(content=(b'{"id": "1', b'"'), announced=400),
    "a web page": raw(b"<html>Welcome</html>", content_type="text/html"),
    "nothing": raw(b""),
    "no object": reply([1, 2]),
    "no id": reply({"data": {}, "json": {"errors": [], "data": {"things": []}}}),
    "an id that is none": reply({"id": 5, "uri": "at://x", "data": {"id": "x"}, "json": 5}),
}


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_what_breaks_after_it_was_sent_leaves_it_open(writer: Writer, how: str) -> None:
    posted_and(writer, BROKEN[how])
    with pytest.raises(NotSure):
        send(writer)
    assert (len(writer.asked), len(writer.posted)) == (1, 1)
    found = sought(writer)
    assert found is not None
    assert found.id


def test_a_platform_that_is_too_slow_leaves_it_open(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUTS", httpx.Timeout(0.2))
    posted_and(writer, reply({}), pause=0.4)
    with pytest.raises(NotSure):
        send(writer)
    writer.answering = lambda _: slow(stalling())
    with pytest.raises(NotSure):
        send(writer)
    assert len(writer.asked) == 2


class Failing(Uncounted):
    """A database that is gone by the time the answer is there."""

    def observe(self, endpoint: str, allowance: Any) -> None:
        if endpoint not in ("api", "xrpc", "/2/users/me"):
            raise RuntimeError


def test_what_breaks_here_after_it_was_sent_leaves_it_open_too(writer: Writer) -> None:
    posted_and(writer, reply({}, 200, RateLimit_Remaining="5", RateLimit_Reset="60"))
    with pytest.raises(NotSure, match="RuntimeError"):
        send(writer, limits=Failing())
    assert len(writer.posted) == 1


# ---------------------------------------------------------------- is it there?


def test_a_reply_that_is_not_there_is_surely_absent(writer: Writer) -> None:
    writer.post("Something else", at=ago(minutes=1), answers="t3_1")
    writer.post(TEXT, at=ago(minutes=1), answers="t3_1")
    assert sought(writer) is None
    assert writer.asked == []


def test_an_older_one_is_not_it(writer: Writer) -> None:
    writer.post(TEXT, at=ago(hours=1), answers=writer.post_id)
    assert sought(writer) is None


def test_right_after_the_try_nobody_can_say_that_it_will_not_come(writer: Writer) -> None:
    with pytest.raises(NotSure, match="too early") as caught:
        writer.connector().find_reply(writer.post_id, TEXT, since=ago(seconds=1))
    assert caught.value.retry_after == pytest.approx(SETTLED_AFTER.total_seconds() - 1, abs=5)


def test_another_answer_of_ours_is_for_a_person_to_look_at(writer: Writer) -> None:
    writer.post("I said something else.", at=ago(minutes=1), answers=writer.post_id)
    with pytest.raises(NotSure, match="another text"):
        sought(writer)


def test_it_is_looked_for_on_as_many_pages_as_there_are_since_then(writer: Writer) -> None:
    made = writer.post(TEXT, at=ago(minutes=29), answers=writer.post_id)
    for number in range(130):
        writer.post(f"Number {number}", at=ago(minutes=28), answers="t3_1")
    found = sought(writer)
    assert found is not None
    assert found.id.partition("@127")[0] in made.values()


def test_whoever_has_posted_too_much_since_then_looks_by_hand(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.replies.MOST_PAGES", 1)
    assert MOST_PAGES > 1
    for number in range(101):
        writer.post(f"Number {number}", at=ago(minutes=5), answers="t3_1")
    with pytest.raises(NotSure, match="too much"):
        sought(writer)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_closed_door_is_no_empty_room(writer: Writer, status: int) -> None:
    writer.stand_in.routes[writer.listed] = lambda _: reply({"error": "No"}, status, Retry_After="600")
    with pytest.raises(ConnectorError):
        sought(writer)


@pytest.mark.parametrize("body", [None, 5, {}, {"data": 5}, {"records": 5}, {"errors": [{}]}])
def test_an_answer_of_another_shape_is_no_word_about_it(writer: Writer, body: object) -> None:
    writer.stand_in.routes[writer.listed] = lambda _: reply(body)
    with pytest.raises(BadAnswer):
        sought(writer)
