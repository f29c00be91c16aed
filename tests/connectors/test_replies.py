"""What each platform's replies are made of, and how it refuses them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from connectors.access import ForgetfulSession
from connectors.base import connector_for
from connectors.errors import (
    AccountNeeded,
    Expired,
    NoAnswer,
    NotSent,
    RateLimited,
    Refused,
)
from connectors.oauth import Tokens
from connectors.platforms._bluesky_replies import facets_of
from connectors.platforms.sample import SampleConnector
from connectors.replies import says_the_same

from .fakes_x import PERSON, problem
from .oauth_fake import Grant, HarbourFake
from .standin import StandIn, reply
from .writers import BlueskyWriter, MastodonWriter, RedditWriter, Writer, XWriter, ago

KEY = "0b54b2d6-6c7e-4c5e-9d5a-1f5f6a2f9c11"


def send(writer: Writer, text: str = "Yes.", **changes: Any) -> dict[str, Any]:
    """What was sent, as JSON."""
    writer.connector(**changes).reply(writer.post_id, text, key=KEY)
    sent: dict[str, Any] = json.loads(writer.asked[-1].body)
    return sent


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Yes, do.", "@ada@harbour.example  Yes,\ndo.", True),
        ("See https://harbour.example/a?b=1 now", "See https://t.co/xyz now", True),
        ("Yes", "Yes, do", False),
        ("👍", "👍", True),
        ("👍", "👎", False),
    ],
)
def test_texts_are_compared_by_their_words(one: str, other: str, same: bool) -> None:
    assert says_the_same(one, other) is same


# ---------------------------------------------------------------- Bluesky


def test_marks_are_placed_by_bytes() -> None:
    text = "Ça va 👋 @ada.example: (https://harbour.example/é_(x)). Not me@ada.example, not @nobody.example"
    facets = facets_of(text, lambda handle: "did:plc:ada" if handle == "ada.example" else "")
    content = text.encode()
    marked = [
        (content[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"])
        for facet in facets
    ]
    kind = "app.bsky.richtext.facet#"
    assert marked == [
        ("@ada.example", [{"$type": f"{kind}mention", "did": "did:plc:ada"}]),
        (
            "https://harbour.example/é_(x)",
            [{"$type": f"{kind}link", "uri": "https://harbour.example/é_(x)"}],
        ),
    ]


def test_a_name_in_a_link_is_no_mention() -> None:
    (facet,) = facets_of("See https://a.example/@ada.example", lambda _: "did:plc:a")
    assert [feature["$type"] for feature in facet["features"]] == ["app.bsky.richtext.facet#link"]


def test_a_reply_on_bluesky_names_its_parent_and_the_first_post(stand_in: StandIn) -> None:
    writer = BlueskyWriter(stand_in)
    stand_in.routes["/xrpc/com.atproto.identity.resolveHandle"] = lambda _: reply({"did": "did:plc:ada"})
    parent = {"uri": writer.post_id, "cid": "bafy-1"}
    sent = send(writer, "Hello @ada.example")
    record = sent["record"]
    assert (sent["repo"], sent["collection"]) == ("did:plc:we", "app.bsky.feed.post")
    assert record["reply"] == {"root": parent, "parent": parent}
    assert record["text"] == "Hello @ada.example"
    assert record["facets"][0]["index"] == {"byteStart": 6, "byteEnd": 18}
    view = writer.fake.with_changes(1, cid="bafy-1")
    root = {"uri": "at://did:plc:b/app.bsky.feed.post/1", "cid": "bafy-0"}
    writer.fake.use({**view, "record": {**view["record"], "reply": {"root": root, "parent": root}}})
    assert send(writer)["record"]["reply"] == {"root": root, "parent": parent}
    assert "facets" not in json.loads(writer.asked[-1].body)["record"]


def test_a_post_that_bluesky_does_not_show_or_that_takes_no_replies_is_not_answered(stand_in: StandIn) -> None:
    writer = BlueskyWriter(stand_in)
    writer.fake.use(writer.fake.with_changes(1, cid="bafy-1", viewer={"replyDisabled": True}))
    with pytest.raises(NotSent, match="does not let"):
        send(writer)
    writer.fake.use()
    with pytest.raises(NotSent, match="does not show"):
        send(writer)
    assert writer.asked == []


def test_a_session_that_ends_at_the_last_moment_is_renewed_and_nothing_was_posted(stand_in: StandIn) -> None:
    writer = BlueskyWriter(stand_in)
    answers = [reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)]
    writer.answering = lambda asked: answers.pop() if answers else writer.take(asked)
    with pytest.raises(NoAnswer, match="nothing was posted"):
        send(writer)
    assert (len(writer.asked), writer.posted) == (1, [])
    assert "/xrpc/com.atproto.server.refreshSession" in stand_in.paths()
    send(writer)
    assert len(writer.posted) == 1


def test_an_account_that_bluesky_has_taken_down_is_refused(stand_in: StandIn) -> None:
    writer = BlueskyWriter(stand_in)
    writer.answering = lambda _: reply({"error": "AccountTakedown", "message": "Taken down"}, 400)
    with pytest.raises(Refused, match="Taken down"):
        send(writer)


# ---------------------------------------------------------------- Mastodon


def test_a_reply_on_mastodon_is_as_visible_as_the_post_and_names_its_author(stand_in: StandIn) -> None:
    writer = MastodonWriter(stand_in)
    assert send(writer) == {"status": "@ada Yes.", "in_reply_to_id": "101", "visibility": "unlisted"}
    assert writer.asked[0].headers["idempotency-key"] == KEY
    writer.fake.use(writer.fake.with_changes(1, visibility="public", account={"acct": "ada@sea.example"}))
    assert send(writer, "To @ada@sea.example: yes.") == {
        "status": "To @ada@sea.example: yes.",
        "in_reply_to_id": "101",
        "visibility": "public",
    }
    assert send(writer, "Not @ada")["status"] == "@ada@sea.example Not @ada"


def test_a_post_that_is_gone_from_mastodon_is_not_answered(stand_in: StandIn) -> None:
    writer = MastodonWriter(stand_in)
    writer.fake.remove("101")
    with pytest.raises(NotSent, match="Record not found"):
        send(writer)
    assert writer.asked == []


# ---------------------------------------------------------------- X


def test_a_reply_on_x_names_the_post_that_it_answers(stand_in: StandIn) -> None:
    writer = XWriter(stand_in)
    assert send(writer) == {"text": "Yes.", "reply": {"in_reply_to_tweet_id": writer.post_id}}
    assert writer.asked[0].bearer == PERSON


def test_only_a_person_who_agreed_to_it_replies_on_x(stand_in: StandIn) -> None:
    writer = XWriter(stand_in)
    with pytest.raises(AccountNeeded, match="person's account"):
        send(writer, session=ForgetfulSession())
    reader = ForgetfulSession(Tokens(access=PERSON, scopes=("tweet.read",)).as_session())
    with pytest.raises(AccountNeeded, match="did not agree to posting"):
        send(writer, session=reader)
    assert stand_in.asked == []


@pytest.mark.parametrize("detail", ["Your account is suspended and is not permitted to do this.", "No"])
def test_x_tells_the_account_s_fault_from_the_reply_s(stand_in: StandIn, detail: str) -> None:
    writer = XWriter(stand_in)
    writer.answering = lambda _: problem(403, "Forbidden", detail, kind="about:blank")
    with pytest.raises(Refused if "suspended" in detail else NotSent):
        send(writer)


def test_a_token_that_ended_early_is_renewed_and_nothing_was_posted(stand_in: StandIn) -> None:
    server, writer = HarbourFake(stand_in), XWriter(stand_in)
    held = Tokens(access="ended", refresh="refresh-0", scopes=("tweet.write",))
    server.grants.append(Grant("tweet.write offline.access", refresh="refresh-0"))
    session, credentials = ForgetfulSession(held.as_session()), {**server.credentials()}
    access = {"session": session, "credentials": type(writer.access()["credentials"]).model_validate(credentials)}
    good = {"access-token-1"}
    writer.answering = lambda asked: (
        writer.take(asked) if asked.bearer in good else problem(401, "Unauthorized", "No", kind="about:blank")
    )
    with pytest.raises(NoAnswer, match="nothing was posted"):
        send(writer, **access)
    assert (len(writer.asked), writer.posted) == (1, [])
    send(writer, **access)
    assert len(writer.posted) == 1
    good.clear()
    server.revoke()
    with pytest.raises(Expired):
        send(writer, **access)
    assert len(writer.asked) == 3


# ---------------------------------------------------------------- Reddit


def test_a_reply_on_reddit_is_the_form_that_it_documents(stand_in: StandIn) -> None:
    writer = RedditWriter(stand_in)
    sent = writer.connector().reply(writer.post_id, "Yes & *no*", key=KEY)
    (asked,) = writer.asked
    assert parse_qs(asked.body.decode()) == {
        "api_type": ["json"],
        "thing_id": [writer.post_id],
        "text": ["Yes & *no*"],
        "raw_json": ["1"],
    }
    assert asked.bearer == PERSON
    assert "(by /u/ada_harbour)" in asked.headers["user-agent"]
    assert sent.url == "https://www.reddit.com/r/freelance/comments/1/an_invoice/c0/"


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ({"errors": [["RATELIMIT", "Take a break for 4 minutes before trying again.", "ratelimit"]]}, 240),
        ({"errors": [["RATELIMIT", "Take a break.", "ratelimit"]], "ratelimit": 91.5}, 91.5),
        ({"errors": [["RATELIMIT", "Take a break.", "ratelimit"]], "ratelimit": "soon"}, 300),
    ],
)
def test_reddit_asks_to_wait_in_a_success(stand_in: StandIn, told: Any, wait: float) -> None:
    writer = RedditWriter(stand_in)
    writer.answering = lambda _: reply({"json": told})
    with pytest.raises(RateLimited) as caught:
        writer.connector().reply(writer.post_id, "Yes.", key=KEY)
    assert caught.value.retry_after == wait


def test_a_door_that_is_closed_in_one_community_is_not_the_account_s(stand_in: StandIn) -> None:
    writer = RedditWriter(stand_in)
    writer.answering = lambda _: reply({"message": "Forbidden", "error": 403}, 403)
    with pytest.raises(NotSent):
        writer.connector().reply(writer.post_id, "Yes.", key=KEY)
    writer.answering = lambda _: reply({"json": {"errors": [["USER_REQUIRED", "Please log in", None]]}})
    with pytest.raises(Refused, match="log in"):
        writer.connector().reply(writer.post_id, "Yes.", key=KEY)


def test_reddit_s_app_alone_cannot_reply(stand_in: StandIn) -> None:
    writer = RedditWriter(stand_in)
    with pytest.raises(AccountNeeded, match="Only a person"):
        writer.connector(session=ForgetfulSession()).reply(writer.post_id, "Yes.", key=KEY)
    reader = ForgetfulSession(Tokens(access=PERSON, scopes=("identity", "read")).as_session())
    with pytest.raises(AccountNeeded, match="did not agree to posting"):
        writer.connector(session=reader).reply(writer.post_id, "Yes.", key=KEY)
    assert stand_in.asked == []


# ---------------------------------------------------------------- sample


def test_a_simulated_reply_has_the_id_of_its_key_and_is_found(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    sample = connector_for("sample")
    assert isinstance(sample, SampleConnector)
    assert sample.find_reply("s-001", "Yes.", since=ago(minutes=5)) is None
    sent = sample.reply("s-001", "Yes.", key=KEY)
    assert sample.reply("s-001", "Yes.", key=KEY) == sent
    assert KEY in sent.id
    assert sample.find_reply("s-001", "Yes.", since=ago(minutes=5)) == sent
    assert sample.find_reply("s-001", "Yes.", since=ago(minutes=-5)) is None
    assert sample.find_reply("s-001", "No.", since=ago(minutes=5)) is None
    (noted,) = tmp_path.iterdir()
    assert "Yes." not in noted.read_text(encoding="utf-8")
    assert noted.read_text(encoding="utf-8").count("\n") == 1
