"""Replies are read as the platforms really answered them, as client libraries' test suites recorded it."""

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from connectors.base import Mentioned
from connectors.errors import NotSent, NotSure
from tests.connectors.fakes import BlueskyFake, account_connector
from tests.connectors.standin import Asked, Reply, StandIn, reply
from tests.connectors.writers import BlueskyWriter, MastodonWriter, RedditWriter, Writer, XWriter, ago

from .test_recordings import RECORDINGS, recorded, replayed, serve

pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded answers are not on this machine")


def answered(writer: Writer, answer: Mapping[str, Any]) -> str:
    """The id of the reply that the platform answers in this way."""
    writer.answering = lambda _: replayed(answer)
    return writer.connector().reply(writer.post_id, "Yes.", key="a-key").id


def test_what_bluesky_says_of_a_new_record(stand_in: StandIn) -> None:
    answer = recorded("bluesky/r_post_emoji.json", "createRecord")[0]
    did = answer["body"]["uri"].removeprefix("at://").partition("/")[0]
    writer = BlueskyWriter(stand_in)
    with pytest.raises(NotSure):
        answered(writer, answer)  # the record is not the account's own
    stand_in.routes["/xrpc/com.atproto.server.getSession"] = lambda _: reply({"did": did})
    assert answered(writer, answer) == answer["body"]["uri"]


def test_what_bluesky_says_of_a_text_that_is_too_long(stand_in: StandIn) -> None:
    (answer,) = recorded("bluesky/r_post_errors.json", "createRecord")
    with pytest.raises(NotSent, match="300 graphemes"):
        answered(BlueskyWriter(stand_in), answer)


def test_what_mastodon_says_of_a_reply(stand_in: StandIn) -> None:
    answers = recorded("mastodon/status_reply.json", "/api/v1/statuses")
    answer = next(each for each in answers if each["body"].get("in_reply_to_id") and each["body"].get("content"))
    assert answered(MastodonWriter(stand_in), answer).partition("@")[0] == answer["body"]["id"]


def test_what_mastodon_says_of_a_text_that_is_too_long_in_any_language(stand_in: StandIn) -> None:
    for answer in recorded("mastodon/lang_for_errors.json", "statuses"):
        with pytest.raises(NotSent) as caught:
            answered(MastodonWriter(stand_in), answer)
        assert answer["body"]["error"][:20] in str(caught.value)


def test_what_x_says_of_a_new_post(stand_in: StandIn) -> None:
    answer = recorded("x/client_create_and_delete_tweet.json", "/2/tweets")[0]
    assert answered(XWriter(stand_in), answer) == answer["body"]["data"]["id"]


def test_what_reddit_says_of_a_new_comment(stand_in: StandIn) -> None:
    (answer,) = recorded("reddit/TestComment.test_reply.json", "/api/comment")
    (thing,) = answer["body"]["json"]["data"]["things"]
    assert answered(RedditWriter(stand_in), answer) == thing["data"]["name"]


def test_a_success_of_reddit_s_without_a_comment_leaves_it_open(stand_in: StandIn) -> None:
    (answer,) = recorded("reddit/TestComment.test_reply__none.json", "/api/comment")
    with pytest.raises(NotSure):
        answered(RedditWriter(stand_in), answer)


def test_what_says_something_to_the_account_is_told_among_blueskys_other_notifications(
    bluesky: BlueskyFake,
) -> None:
    (answer,) = recorded("bluesky/n_notifications.json", "listNotifications")
    told = [each for each in answer["body"]["notifications"] if each["reason"] in ("mention", "reply", "quote")]
    serve(
        bluesky.stand_in,
        "/xrpc/app.bsky.notification.listNotifications",
        answer,
        after=reply({"notifications": []}),
    )
    pages = list(cast("Mentioned", account_connector(bluesky)).mentions())
    posts = [post for page in pages for post in page.posts]
    assert [post.id for post in posts] == [each["uri"] for each in told]
    assert [post.text for post in posts] == [each["record"]["text"].strip() for each in told]
    assert {post.likes for post in posts} == {None}
    assert all(post.author and post.author.handle for post in posts)


def test_what_is_asked_of_x_is_what_its_description_knows(stand_in: StandIn) -> None:
    """Against the API's own description, openapi.json."""
    writer, asked = XWriter(stand_in), list[Asked]()
    show = writer.show

    def noted(each: Asked) -> Reply:
        asked.append(each)
        return show(each)

    stand_in.routes[writer.listed] = noted
    writer.connector().find_reply(writer.post_id, "Yes.", since=ago(hours=1))
    described = _parameters_of("/2/users/{id}/tweets")
    assert set(asked[0].params) <= set(described)
    assert set(asked[0].param("post.fields").split(",")) <= described["post.fields"]
    assert set(asked[0].param("expansions").split(",")) <= described["expansions"]
    writer.connector().reply(writer.post_id, "Yes.", key="a-key")
    sent = json.loads(writer.asked[0].body)
    assert sent.keys() <= _schema("CreatePostsRequest")["properties"].keys()
    assert sent["reply"].keys() == set(_schema("CreatePostsReply")["required"])


def _description() -> dict[str, Any]:
    described: dict[str, Any] = json.loads((RECORDINGS / "x" / "openapi.json").read_text(encoding="utf-8"))
    return described


def _schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _description()["components"]["schemas"][name]
    return found


def _parameters_of(path: str) -> dict[str, set[str]]:
    """The names of a path's parameters, with what each may be one of."""
    whole = _description()
    rows = whole["paths"][path]["get"]["parameters"]
    rows = [
        whole["components"]["parameters"][row["$ref"].rpartition("/")[2]] if "$ref" in row else row for row in rows
    ]
    return {row["name"]: set(row["schema"].get("items", {}).get("enum", ())) for row in rows}
