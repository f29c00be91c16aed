"""X's filtered stream: a stand-in, built from the API's description, keeps silent, cuts and refuses."""

import json
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.conf import settings

from connectors import http, x_stream
from connectors.base import FetchedPage, PostStream, Streaming
from connectors.errors import BadAnswer, BadQuery, InTrouble, NoAnswer, RateLimited, Refused
from connectors.platforms.x import XConnector
from signalops_site.core.config.schema import XPlatform

from .fakes import account_connector
from .fakes_x import BASE, BEARER, PROBLEMS, XStreamFake, post, problem
from .standin import Reply, StandIn, raw, reply

OPENAPI: Path = settings.BASE_DIR.parent / "shared" / "recordings" / "x" / "openapi.json"
TAG = "signalops:harbour"


@pytest.fixture
def live(stand_in: StandIn) -> XStreamFake:
    return XStreamFake(stand_in)


def opened(live: XStreamFake, *rules: str, **options: Any) -> PostStream:
    connector = account_connector(live, options=XPlatform(include_retweets=True), **options)
    assert isinstance(connector, Streaming)
    return connector.open_stream(rules or ["invoice"], tag=TAG)


def batches(stream: PostStream, *, backfill: int = 0) -> list[FetchedPage]:
    return list(stream.posts(backfill_minutes=backfill))


def ids(found: list[FetchedPage]) -> list[int]:
    return [int(post.id) - BASE for page in found for post in page.posts]


def rule(value: str, identity: str, tag: str = TAG) -> dict[str, str]:
    return {"id": identity, "value": value, "tag": tag}


# ---------------------------------------------------------------- rules


def test_the_rules_become_those_of_the_project(live: XStreamFake) -> None:
    live.rules = [rule("stays", "11"), rule("goes", "12"), rule("others", "13", "theirs"), rule("bare", "14", "")]
    changes = opened(live, "stays", "comes").changes
    assert (changes.added, changes.removed, changes.kept) == (1, 1, 1)
    assert {(each["value"], each["tag"]) for each in live.rules} == {
        ("stays", TAG),
        ("others", "theirs"),
        ("bare", ""),
        ("comes", TAG),
    }


def test_rules_that_are_right_are_not_written(live: XStreamFake) -> None:
    live.rules = [rule("invoice", "11")]
    opened(live)
    assert {asked.method for asked in live.stand_in.asked} == {"GET"}


def test_a_rule_that_somebody_else_has_is_used_and_not_taken_away(live: XStreamFake) -> None:
    live.rules = [rule("invoice", "13", "theirs")]
    live.connections = [[live.sends(1, rule="13")]]
    assert ids(batches(opened(live))) == [1]
    opened(live, "other")
    assert rule("invoice", "13", "theirs") in live.rules


def test_what_matches_only_others_rules_is_passed_over(live: XStreamFake) -> None:
    live.rules = [rule("theirs", "13", "theirs"), rule("invoice", "11")]
    both = {**live.message(post(3)), "matching_rules": [{"id": "13"}, {"id": "11"}]}
    live.connections = [[live.sends(1, rule="13"), live.sends(2, rule="11"), json.dumps(both).encode() + b"\n"]]
    assert ids(batches(opened(live))) == [2, 3]


def test_many_rules_are_read_page_by_page(live: XStreamFake) -> None:
    pages = [{"data": [rule("a", "1")], "meta": {"next_token": "n" * 16}}, {"data": [rule("b", "2")], "meta": {}}]
    live.stand_in.routes[x_stream.RULES] = lambda asked: reply(pages[bool(asked.param("pagination_token"))])
    assert opened(live, "a", "b").changes.kept == 2


def test_reposts_are_left_out_of_rules_as_of_queries(live: XStreamFake) -> None:
    connector = account_connector(live)
    assert isinstance(connector, XConnector)
    connector.open_stream(["invoice OR bill"], tag=TAG)
    assert [each["value"] for each in live.rules] == ["(invoice OR bill) -is:retweet"]


def test_a_rule_that_x_does_not_take_is_told_with_its_reason(live: XStreamFake) -> None:
    error = {"value": "((", "details": ["Ambiguous use\nof ("], "title": "UnprocessableEntity"}
    body = {"errors": [{**error, "type": f"{PROBLEMS}invalid-rules"}], "meta": {"summary": {"invalid": 1}}}
    live.stand_in.routes[x_stream.RULES] = lambda asked: reply({} if asked.method == "GET" else body)
    with pytest.raises(BadQuery, match=r"rule '\(\(': Ambiguous use of \(") as caught:
        opened(live, "((")
    assert caught.value.code == "invalid-rules"


def test_a_rule_that_x_calls_a_duplicate_is_the_one_that_is_there(live: XStreamFake) -> None:
    body = {"errors": [{"value": "Invoice", "id": "77", "title": "DuplicateRule"}]}
    live.stand_in.routes[x_stream.RULES] = lambda asked: reply({} if asked.method == "GET" else body)
    live.connections = [[live.sends(1, rule="77"), live.sends(2, rule="78")]]
    assert ids(batches(opened(live, "Invoice"))) == [1]


def test_an_answer_that_says_nothing_of_the_rules_is_a_bad_answer(live: XStreamFake) -> None:
    live.stand_in.routes[x_stream.RULES] = lambda _: reply({})
    with pytest.raises(BadAnswer, match="whether it took"):
        opened(live)


# ---------------------------------------------------------------- what a connection brings


def test_posts_come_as_they_appear_with_all_that_a_search_tells(live: XStreamFake) -> None:
    live.connections = [[live.sends(1, 2), b"\r\n", live.sends(3)]]
    found = batches(opened(live))
    assert ids(found) == [1, 2, 3]
    first = found[0].posts[0]
    assert first.author is not None
    assert (first.text, first.author.followers, first.views) == (
        "An invoice is late again, number 1. Any tool & advice?",
        120,
        1001,
    )


def test_a_line_that_comes_in_pieces_is_one_post(live: XStreamFake) -> None:
    whole = live.sends(1)
    live.connections = [[whole[:9], 0.02, whole[9:40], 0.02, whole[40:] + live.sends(2)[:50]]]
    assert ids(batches(opened(live))) == [1]


def test_a_sign_of_life_is_an_empty_batch(live: XStreamFake) -> None:
    live.connections = [[b"\r\n", 0.05, b"\r\n"]]
    assert [(page.posts, page.posts_read) for page in batches(opened(live))] == [((), 0), ((), 0)]


def test_what_is_left_out_was_read_all_the_same(live: XStreamFake) -> None:
    live.connections = [[live.sends(1), 0.05, live.sends(2, 3, rule="77")]]
    assert [(len(page.posts), page.posts_read) for page in batches(opened(live))] == [(1, 1), (0, 2)]


def test_silence_is_no_answer(live: XStreamFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x_stream, "SILENCE", 0.2)
    live.connections = [[live.sends(1), 2.0, live.sends(2)]]
    found: list[FetchedPage] = []
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"has said nothing for 0\.2 seconds"):
        found.extend(opened(live).posts(backfill_minutes=0))
    assert time.monotonic() - began < 1.5
    assert ids(found) == [1]


def test_what_came_before_a_cut_is_given(live: XStreamFake) -> None:
    live.connections = [Reply(content=(live.sends(1, 2),), announced=100_000)]
    found: list[FetchedPage] = []
    with pytest.raises(NoAnswer, match="broke off"):
        found.extend(opened(live).posts(backfill_minutes=0))
    assert ids(found) == [1, 2]


def test_what_cannot_be_read_is_passed_over(live: XStreamFake) -> None:
    odd = [b"[1]", b"{", b"null", b'{"data": 5}', b'{"data": {"id": "x"}}', b'{"data": {"id": "9"}}', b"\xff\xfe"]
    live.connections = [[b"\n".join(odd) + b"\n", live.sends(1)]]
    assert ids(batches(opened(live))) == [1]


def test_x_s_word_that_it_ends_the_connection_ends_it(live: XStreamFake) -> None:
    ending = {"errors": [{"title": "operational-disconnect", "type": f"{PROBLEMS}operational-disconnect"}]}
    live.connections = [[live.sends(1), 0.05, json.dumps(ending).encode() + b"\n", 0.05, live.sends(2)]]
    found: list[FetchedPage] = []
    with pytest.raises(NoAnswer, match="operational-disconnect"):
        found.extend(opened(live).posts(backfill_minutes=0))
    assert ids(found) == [1]


def test_what_comes_together_with_x_s_last_word_is_kept(live: XStreamFake) -> None:
    ending = {"errors": [{"title": "operational-disconnect", "type": f"{PROBLEMS}operational-disconnect"}]}
    live.connections = [[live.sends(1) + json.dumps(ending).encode() + b"\n"]]
    found: list[FetchedPage] = []
    with pytest.raises(NoAnswer, match="operational-disconnect"):
        found.extend(opened(live).posts(backfill_minutes=0))
    assert (ids(found), sum(page.read for page in found)) == ([1], 1)


def test_a_line_without_end_is_cut_off(live: XStreamFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 100_000)
    live.connections = [[b"x" * 60_000, b"x" * 60_000, b"x" * 60_000]]
    with pytest.raises(BadAnswer, match="line of more than"):
        batches(opened(live))


def test_secrets_are_masked_in_what_is_streamed(live: XStreamFake) -> None:
    live.connections = [[json.dumps(live.message({**post(1), "text": f"It is {BEARER}"})).encode() + b"\n"]]
    (page,) = batches(opened(live))
    assert page.posts[0].text == "It is ***"


def test_it_ends_at_once_when_somebody_hangs_up(live: XStreamFake) -> None:
    live.connections = [[live.sends(1), 5.0]]
    stream = opened(live)
    Timer(0.3, stream.hang_up).start()
    began = time.monotonic()
    found = batches(stream)
    assert (ids(found), time.monotonic() - began < 2) == ([1], True)


def test_who_hung_up_before_it_was_open_hears_nothing(live: XStreamFake) -> None:
    live.connections = [[live.sends(1), 5.0]]
    stream = opened(live)
    stream.hang_up()
    assert batches(stream) == []


# ---------------------------------------------------------------- refusals


def test_backfill_is_asked_for_only_where_it_is_wanted(live: XStreamFake) -> None:
    live.connections = [[live.sends(1)]]
    stream = opened(live)
    batches(stream)
    batches(stream, backfill=3)
    assert [asked.param("backfill_minutes", "none") for asked in live.connected] == ["none", "3"]


def test_too_many_connections_are_told_in_x_s_words(live: XStreamFake) -> None:
    """As client libraries report it; none is recorded."""
    kind = "https://api.twitter.com/2/problems/streaming-connection"
    detail = "This stream is currently at the maximum allowed connection limit."
    live.connections = [problem(429, "ConnectionException", detail, kind=kind)]
    with pytest.raises(RateLimited, match="maximum allowed connection limit") as caught:
        batches(opened(live))
    assert caught.value.code == "streaming-connection"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({"title": "Unauthorized"}, 401), Refused),
        (reply({"title": "Forbidden"}, 403), Refused),
        (reply({}, 503), InTrouble),
        (reply({}, 400), BadQuery),
        (raw(b"<html>", 403, "text/html"), BadAnswer),
        (Reply(drops=True), NoAnswer),
    ],
)
def test_a_refusal_is_told_apart(live: XStreamFake, answer: Reply, error: type[Exception]) -> None:
    live.connections = [answer]
    with pytest.raises(error) as caught:
        batches(opened(live))
    assert type(caught.value) is error


# ---------------------------------------------------------------- the description


@pytest.mark.skipif(not OPENAPI.exists(), reason="the API's description is not on this machine")
def test_what_is_asked_of_the_stream_is_what_its_description_allows(live: XStreamFake) -> None:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))
    shared = paths["components"]["parameters"]
    told = paths["paths"]["/2/tweets/search/stream"]["get"]["parameters"]
    known = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in told]
    allowed = {each["name"]: each["schema"] for each in known}
    live.connections = [[live.sends(1)]]
    batches(opened(live), backfill=5)
    (asked,) = live.connected
    assert set(asked.params) <= set(allowed)
    for name in ("tweet.fields", "user.fields", "expansions"):
        assert set(asked.param(name).split(",")) <= set(allowed[name]["items"]["enum"])
    assert allowed["backfill_minutes"]["maximum"] == 5
