"""Answers that no platform should give, and some do. None may break a run, lose a post or repeat for ever."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors import http
from connectors.base import FetchedPage, SearchQuery
from connectors.errors import (
    BadAnswer,
    BadQuery,
    ConnectorError,
    Expired,
    Gone,
    NoAnswer,
    NotThere,
    RateLimited,
    Refused,
)
from connectors.refusals import WAIT_WHEN_LIMITED
from tests.connectors.fakes import BlueskyFake, MastodonFake, WebFake, connector_of
from tests.connectors.standin import Answering, Asked, Reply, raw, reply


def found(fake: WebFake, *, most: int = 100) -> list[FetchedPage]:
    return list(connector_of(fake).search(SearchQuery(fake.query, max_results=most)))


def ids(pages: list[FetchedPage]) -> list[str]:
    return [post.id for page in pages for post in page.posts]


def answering(fake: WebFake, *answers: Reply | Answering) -> None:
    """The search answers with these in turn, then with the last one for ever."""
    left = list(answers)

    def next_answer(asked: Asked) -> Reply:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(asked) if callable(answer) else answer

    fake.stand_in.routes[fake.searched] = next_answer


def searches(fake: WebFake) -> int:
    return fake.stand_in.paths().count(fake.searched)


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Refused), (403, Refused), (404, NotThere), (410, Gone), (400, BadQuery), (422, BadQuery)],
)
def test_a_refusal_is_told_apart_and_not_asked_again(fake: WebFake, status: int, error: type[Exception]) -> None:
    answering(fake, reply({"error": "No", "message": "Because\nof\u0000rules"}, status))
    with pytest.raises(error) as caught:
        found(fake)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)
    assert searches(fake) <= 2  # Bluesky's session is renewed once before it is believed


def test_a_key_that_has_run_out_is_told_apart(mastodon: MastodonFake) -> None:
    answering(mastodon, reply({"error": "The access token expired"}, 401))
    with pytest.raises(Expired):
        found(mastodon)


def test_a_web_page_that_refuses_is_not_the_accounts_fault(fake: WebFake) -> None:
    answering(fake, raw(b"<html>Checking your browser</html>", 403, "text/html"))
    with pytest.raises(BadAnswer, match="web page"):
        found(fake)


def test_a_redirect_is_not_followed(fake: WebFake) -> None:
    answering(fake, reply({}, 302, Location="https://elsewhere.example/"))
    with pytest.raises(BadAnswer, match="moved"):
        found(fake)


# ---------------------------------------------------------------- limits


def test_a_platform_that_asks_to_wait_says_how_long(fake: WebFake) -> None:
    answering(fake, reply({"error": "Too many requests"}, 429, Retry_After="120"))
    with pytest.raises(RateLimited) as caught:
        found(fake)
    assert caught.value.retry_after == 120
    assert searches(fake) == 1


def test_a_short_wait_is_waited_out(fake: WebFake) -> None:
    fake.fill(2)
    good = fake.stand_in.routes[fake.searched]
    answering(fake, reply({}, 429, Retry_After="0"), good)
    assert len(ids(found(fake))) == 2


def test_without_any_header_the_wait_is_ours(fake: WebFake) -> None:
    answering(fake, reply({}, 429))
    with pytest.raises(RateLimited) as caught:
        found(fake)
    assert caught.value.retry_after == WAIT_WHEN_LIMITED


@pytest.mark.parametrize("ahead", [timedelta(hours=-7), timedelta(0), timedelta(hours=7)])
@pytest.mark.parametrize("written", ["date", "epoch", "iso"])
def test_clocks_may_disagree(fake: WebFake, ahead: timedelta, written: str) -> None:
    """The platform's reset is read by the platform's own clock."""
    theirs = datetime.now(tz=UTC) + ahead
    until = theirs + timedelta(seconds=90)
    header = {
        "date": {"Retry_After": format_datetime(until, usegmt=True)},
        "epoch": {"RateLimit_Remaining": "0", "RateLimit_Reset": str(int(until.timestamp()))},
        "iso": {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": until.isoformat()},
    }[written]
    answering(fake, reply({}, 429, Date=format_datetime(theirs, usegmt=True), **header))
    with pytest.raises(RateLimited) as caught:
        found(fake)
    assert caught.value.retry_after == pytest.approx(90, abs=3)


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "1e999", "9" * 400, ""])
def test_nonsense_in_the_headers_of_a_limit_is_no_limit(fake: WebFake, nonsense: str) -> None:
    fake.fill(1)
    good = fake.stand_in.routes[fake.searched]
    headers = {"RateLimit_Remaining": nonsense, "RateLimit_Reset": nonsense, "Retry_After": nonsense}
    answering(fake, reply({}, 429, **headers), good)
    with pytest.raises(RateLimited) as caught:
        found(fake)
    assert caught.value.retry_after is not None
    assert 0 <= caught.value.retry_after <= 86_400


# ---------------------------------------------------------------- trouble


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_short_burst_of_errors_is_ridden_out(fake: WebFake, status: int) -> None:
    fake.fill(3)
    good = fake.stand_in.routes[fake.searched]
    answering(fake, reply({}, status), reply({}, status), good)
    assert len(ids(found(fake))) == 3


@pytest.mark.parametrize("status", [500, 503])
def test_a_long_one_ends_after_three_tries(fake: WebFake, status: int) -> None:
    answering(fake, raw(b"<h1>Down</h1>", status, "text/html"))
    with pytest.raises(NoAnswer):
        found(fake)
    assert searches(fake) == http.TRIES


def test_a_platform_that_says_when_it_is_back_is_not_pressed(fake: WebFake) -> None:
    answering(fake, reply({}, 503, Retry_After="600"))
    with pytest.raises(NoAnswer) as caught:
        found(fake)
    assert (caught.value.retry_after, searches(fake)) == (600, 1)


def test_a_connection_that_drops_is_tried_again(fake: WebFake) -> None:
    fake.fill(3)
    good = fake.stand_in.routes[fake.searched]
    answering(fake, Reply(drops=True), Reply(content=(b'{"posts": [',), announced=5000), good)
    assert len(ids(found(fake))) == 3


def test_a_body_that_is_always_cut_is_no_answer(fake: WebFake) -> None:
    answering(fake, Reply(content=(b'{"posts": [',), announced=5000))
    with pytest.raises(NoAnswer, match="broke off"):
        found(fake)


def test_nobody_there_is_no_answer(fake: WebFake) -> None:
    connector = connector_of(fake, base_url="http://127.0.0.1:9")
    with pytest.raises(NoAnswer):
        list(connector.search(SearchQuery(fake.query)))


def dribble() -> Iterator[bytes]:
    for _ in range(200):
        yield b" "
        time.sleep(0.02)


def test_slow_bytes_end_at_the_deadline(fake: WebFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.2)
    monkeypatch.setattr(http, "TRIES", 1)
    answering(fake, lambda _: Reply(content=dribble()))
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="took too long"):
        found(fake)
    assert time.monotonic() - began < 2


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"<!doctype html><title>Welcome</title>",
        b"\xff\xfe\x00",
        b'{"posts": ' + b"[" * 100_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "invalid", "html", "no text", "deep", "a number that is too long"],
)
def test_what_is_no_json_is_a_bad_answer(fake: WebFake, content: bytes) -> None:
    answering(fake, raw(content))
    with pytest.raises(BadAnswer, match="JSON"):
        found(fake)


WRONG: list[Any] = [None, 7, "text", [1, None, "x"], {"posts": 5}, {"statuses": {}}, [[]], {"posts": [[], 3]}]


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_json_of_another_shape_is_a_bad_answer(fake: WebFake, body: Any) -> None:
    answering(fake, reply(body))
    with pytest.raises(BadAnswer):
        found(fake)


VALUES: list[Any] = [None, True, -1, 3.5, 10**30, "text", "", [], [None, {}], {}, {"a": {"b": []}}, "\ud800", "\0"]


MAKES_A_POST = {
    "bluesky": {"record"},
    "hackernews": set(),
    "mastodon": {"content", "reblog", "visibility"},
    "reddit": {"removed_by_category"},
    "x": {"text"},
}


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_a_value_of_a_wrong_type_loses_no_post(fake: WebFake, value: Any) -> None:
    """Each key of a post in turn; those that make it a post at all may take it away, the others may not."""
    whole = fake.with_changes(1)
    for key in whole:
        answering(fake, reply(fake.page_of([fake.with_changes(2), {**whole, key: value}])))
        taken = ids(found(fake))
        assert taken[0] == fake.id_of_post(fake.with_changes(2))
        assert len(taken) == 2 or key in {fake.id_key, *MAKES_A_POST[fake.platform]}


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_wrong_types_inside_are_unknown(fake: WebFake, value: Any) -> None:
    """In the objects within a post, such as its author."""
    whole = fake.with_changes(1)
    inside = [(part, key) for part, held in whole.items() if isinstance(held, dict) for key in held]
    for part, key in inside:
        answering(fake, reply(fake.page_of([{**whole, part: {**whole[part], key: value}}])))
        for post in (post for page in found(fake) for post in page.posts):
            assert post.author is None or isinstance(post.author.followers, int | None)


def test_numbers_that_are_none_do_not_reach_the_payload(fake: WebFake) -> None:
    whole = json.dumps(fake.page_of([fake.with_changes(1, odd="NUMBER")]))
    answering(fake, raw(whole.replace('"NUMBER"', "[NaN, Infinity, -Infinity, 1e999, 1.5]").encode()))
    page = found(fake)[0]
    assert page.posts[0].raw["odd"] == [None, None, None, None, 1.5]


def test_a_post_without_an_author_is_kept(fake: WebFake) -> None:
    answering(fake, reply(fake.page_of([fake.bare()])))
    page = found(fake)[0]
    assert page.posts[0].author is None


def test_an_id_that_comes_twice_in_a_page_is_one_post(fake: WebFake) -> None:
    post, other = fake.with_changes(2), fake.with_changes(1)
    answering(fake, reply(fake.page_of([post, other, post, other, post])), reply(fake.page_of([])))
    assert len(ids(found(fake))) == 2


def test_ids_that_no_database_takes_are_no_posts(fake: WebFake) -> None:
    good = fake.with_changes(1)
    bad = [{**good, fake.id_key: value} for value in ("at://\0", "at://\ud800", "at://" + "x" * 300, 5, None)]
    answering(fake, reply(fake.page_of([*bad, good])), reply(fake.page_of([])))
    assert ids(found(fake)) == [fake.id_of_post(good)]


def test_a_walk_in_a_circle_ends(fake: WebFake) -> None:
    """The same page for ever, whatever is asked."""
    page = fake.page_of([fake.with_changes(number) for number in (3, 2, 1)], more="again")
    answering(fake, reply(page))
    assert len(ids(found(fake))) == 3
    assert searches(fake) <= 9  # Hacker News is asked twice where a page shows nothing new


def test_a_token_that_never_ends_is_not_followed_for_ever(bluesky: BlueskyFake) -> None:
    """A new token each time, and never a new post."""
    page = bluesky.page_of([bluesky.with_changes(1)])
    answering(bluesky, lambda asked: reply({**page, "cursor": asked.param("cursor", "0") + "1"}))
    pages = found(bluesky)
    assert (len(ids(pages)), pages[-1].next_token) == (1, None)
    assert searches(bluesky) <= 5


def test_new_posts_without_end_stop_at_what_was_asked_for(fake: WebFake) -> None:
    def endless(asked: Asked) -> Reply:
        start = fake.start(asked, 50_000)
        posts = [fake.with_changes(50_000 - start - number) for number in range(25)]
        return reply(fake.page_of(posts, more=str(start + 25)))

    answering(fake, endless)
    assert len(ids(found(fake, most=60))) == 60


def test_a_text_of_five_megabytes_is_cut(fake: WebFake) -> None:
    large = fake.with_text(2, "x" * 5_000_000)
    answering(fake, reply(fake.page_of([large, fake.with_changes(1)])), reply(fake.page_of([])))
    (first, second) = found(fake)[0].posts
    assert len(first.text) == 100_000
    assert len(json.dumps(first.raw)) < 120_000
    assert len(second.text) < 100


def test_an_answer_without_end_is_cut_off(fake: WebFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1_000_000)
    answering(fake, lambda _: Reply(content=(b"x" * 500_000 for _ in range(100))))
    with pytest.raises(BadAnswer, match="more than"):
        found(fake)


def test_what_is_compressed_twice_is_not_unpacked(fake: WebFake) -> None:
    packed = gzip.compress(gzip.compress(b"[" + b" " * 5_000_000 + b"]"))
    answering(fake, lambda _: raw(packed, Content_Encoding="gzip, gzip"))
    with pytest.raises(BadAnswer, match="more than once"):
        found(fake)


@pytest.mark.parametrize("strange", ["a\0b", "half \ud83d of a pair", "\u202eright to left", "e\u0301"])
def test_strange_characters_are_carried_through(fake: WebFake, strange: str) -> None:
    text = f"invoice {strange}"
    answering(fake, reply(fake.page_of([fake.with_text(1, text)])), reply(fake.page_of([])))
    assert found(fake)[0].posts[0].text == text


@pytest.mark.parametrize(
    "written", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2999-01-01T00:00:00Z", "yesterday", "1"]
)
def test_a_time_that_cannot_be_is_unknown(fake: WebFake, written: str) -> None:
    whole = fake.with_changes(1)
    wrong = {key: written for key in ("created_at", "indexedAt", "created_at_i", "created_utc") if key in whole}
    record = {"record": {**whole["record"], "createdAt": written}} if "record" in whole else {}
    answering(fake, reply(fake.page_of([{**whole, **wrong, **record}])), reply(fake.page_of([])))
    assert found(fake)[0].posts[0].created_at is None


def test_every_hostile_answer_is_an_error_of_ours(fake: WebFake) -> None:
    """Whatever comes, a caller that catches ConnectorError has caught it."""
    for status in (*range(200, 206), 300, 305, 402, 405, 406, 409, 418, 451, 499, 504, 507, 599):
        answering(fake, raw(b"?", status))
        with pytest.raises(ConnectorError):
            found(fake)
