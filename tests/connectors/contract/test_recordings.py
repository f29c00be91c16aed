"""The connectors read what the platforms really answered, as client libraries' test suites recorded it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connectors.access import Allowance, Uncounted
from connectors.base import FetchedPost, SearchQuery
from connectors.errors import BadQuery, NotThere
from connectors.headers import allowance_in
from tests.connectors.fakes import BlueskyFake, MastodonFake, account_connector, looking
from tests.connectors.fakes_reddit import RedditFake
from tests.connectors.standin import Reply, StandIn, reply

RECORDINGS: Path = settings.BASE_DIR.parent / "shared" / "recordings"
pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded answers are not on this machine")

KEPT = (
    "link",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-used",
    "ratelimit-limit",
    "ratelimit-remaining",
)


def recorded(name: str, part: str) -> list[Mapping[str, Any]]:
    """The answers of a recording whose request's address holds `part`."""
    entries = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    return [entry["response"] for entry in entries if part in entry["request"]["url"]]


def replayed(answer: Mapping[str, Any]) -> Reply:
    """The answer as it came, with the ends of its rate windows left out: they lie in the past."""
    headers = {name: value for name, value in answer["headers"].items() if name in KEPT}
    return Reply(answer["status"], headers, (json.dumps(answer["body"]).encode(),))


def serve(stand_in: StandIn, path: str, *answers: Mapping[str, Any], after: Reply) -> None:
    """These answers in turn, and then `after` for ever."""
    left = [replayed(answer) for answer in answers]
    stand_in.routes[path] = lambda _: left.pop(0) if left else after


def test_mastodons_hashtag_timeline_is_read(mastodon: MastodonFake) -> None:
    (answer,) = recorded("mastodon/hashtag_tl.json", "timelines/tag")
    serve(mastodon.stand_in, "/api/v1/timelines/tag/hoot", answer, after=reply([]))
    connector = account_connector(mastodon, credentials=None)
    (post,) = (post for page in connector.search(SearchQuery("#hoot")) for post in page.posts)
    (status,) = answer["body"]
    assert (post.id, post.url) == (mastodon.id_of(status["id"]), status["url"])
    assert post.text == "#hoot (hashtag toot)"
    assert (post.likes, post.replies, post.reposts, post.views) == (0, 0, 0, None)
    assert (post.language, post.hashtags) == ("ja", ("hoot",))
    assert post.author is not None
    assert post.author.handle.startswith("mastodonpy_test_2@127.0.0.1")
    assert (post.author.followers, post.author.verified) == (0, None)
    next_page = mastodon.stand_in.asked[1]
    assert next_page.param("max_id") == status["id"]


def test_mastodons_search_is_read(mastodon: MastodonFake) -> None:
    answers = recorded("mastodon/search.json", "type=statuses")
    replies = recorded("mastodon/status_reply.json", "/statuses")
    body = {"statuses": [each["body"] for each in reversed(replies) if each["body"].get("content")]}
    serve(mastodon.stand_in, "/api/v2/search", {**answers[0], "body": body}, after=replayed(answers[0]))
    found = [post for page in account_connector(mastodon).search(SearchQuery("same")) for post in page.posts]
    answering = next(post for post in found if post.reply_to_id)
    assert answering.text == "@mastodonpy_test_2 same!"
    assert answering.mentions == ("mastodonpy_test_2",)
    assert answering.urls == ()


def test_mastodon_says_in_its_own_words_what_is_not_there(mastodon: MastodonFake) -> None:
    (missing,) = recorded("mastodon/status_missing.json", "statuses/0")
    serve(mastodon.stand_in, "/api/v2/search", after=replayed(missing))
    with pytest.raises(NotThere, match="Not Found"):
        list(account_connector(mastodon).search(SearchQuery("words")))


def test_mastodons_errors_are_carried_in_any_language(mastodon: MastodonFake) -> None:
    for answer in recorded("mastodon/lang_for_errors.json", "statuses"):
        serve(mastodon.stand_in, "/api/v2/search", after=replayed(answer))
        with pytest.raises(BadQuery) as caught:
            list(account_connector(mastodon).search(SearchQuery("words")))
        assert answer["body"]["error"][:20] in str(caught.value)


def test_mastodons_account_is_recognised(mastodon: MastodonFake) -> None:
    answer = recorded("mastodon/account_lookup.json", "verify_credentials")[0]
    serve(mastodon.stand_in, "/api/v1/accounts/verify_credentials", answer, after=reply({}, 401))
    assert account_connector(mastodon).verify().handle.partition("@")[0] == answer["body"]["acct"]


def blueskys_posts(bluesky: BlueskyFake) -> tuple[list[FetchedPost], list[Mapping[str, Any]]]:
    (answer,) = recorded("bluesky/f_search.json", "searchPosts")
    del bluesky.stand_in.routes["/xrpc/app.bsky.actor.getProfiles"]
    serve(bluesky.stand_in, "/xrpc/app.bsky.feed.searchPosts", answer, after=reply({"posts": []}))
    found = account_connector(bluesky).search(SearchQuery("redistricting"))
    return [post for page in found for post in page.posts], answer["body"]["posts"]


def test_blueskys_search_is_read(bluesky: BlueskyFake) -> None:
    posts, views = blueskys_posts(bluesky)
    assert [post.id for post in posts] == [view["uri"] for view in views]
    assert [post.likes for post in posts] == [view["likeCount"] for view in views]
    assert [post.reposts for post in posts] == [view["repostCount"] for view in views]
    assert {post.views for post in posts} == {None}
    assert {post.language for post in posts} == {"en", None}
    assert [bool(post.conversation_id) for post in posts] == ["reply" in view["record"] for view in views]
    times = [post.created_at for post in posts if post.created_at]
    assert len(times) == len(views)
    assert all(
        post.url.startswith(f"https://bsky.app/profile/{post.author.handle}/") for post in posts if post.author
    )


def test_blueskys_marks_are_read_by_their_bytes(bluesky: BlueskyFake) -> None:
    posts, views = blueskys_posts(bluesky)
    marked = [
        {
            feature["$type"].partition("#")[2]
            for facet in view["record"].get("facets", [])
            for feature in facet["features"]
        }
        for view in views
    ]
    assert [bool(post.urls) for post in posts] == [
        "link" in kinds or "external" in view["record"].get("embed", {})
        for kinds, view in zip(marked, views, strict=True)
    ]
    assert any(post.hashtags for post in posts)


def test_blueskys_profile_is_read(bluesky: BlueskyFake) -> None:
    (answer,) = recorded("bluesky/a_profile.json", "getProfiles")
    (profile,) = answer["body"]["profiles"]
    bluesky.use({**bluesky.with_changes(1), "author": {"did": profile["did"], "handle": profile["handle"]}})
    serve(bluesky.stand_in, "/xrpc/app.bsky.actor.getProfiles", answer, after=replayed(answer))
    (post,) = (post for page in account_connector(bluesky).search(SearchQuery("x")) for post in page.posts)
    assert post.author is not None
    assert (post.author.followers, post.author.name) == (profile["followersCount"], profile["displayName"])
    assert post.author.bio == profile["description"]


def reddits(name: str, part: str) -> Mapping[str, Any]:
    """The answer of a recording; how an app signs in for itself is in none of them."""
    (answer,) = recorded(f"reddit/{name}.json", part)
    return answer


def test_reddits_search_is_read(reddit: RedditFake) -> None:
    answer = reddits("TestSubreddit.test_search", "/search")
    serve(reddit.stand_in, "/search", answer, after=reply({}, 500))
    posts = [post for page in account_connector(reddit).search(SearchQuery("praw")) for post in page.posts]
    things = [child["data"] for child in answer["body"]["data"]["children"]]
    assert [post.id for post in posts] == [thing["name"] for thing in things]
    assert [post.likes for post in posts] == [thing["score"] for thing in things]
    assert [post.replies for post in posts] == [thing["num_comments"] for thing in things]
    assert [post.community for post in posts] == [thing["subreddit"] for thing in things]
    assert [post.author.handle for post in posts if post.author] == [thing["author"] for thing in things]
    assert [post.created_at.timestamp() for post in posts if post.created_at] == [
        thing["created_utc"] for thing in things
    ]
    for post, thing in zip(posts, things, strict=True):
        assert post.text.startswith(thing["title"])
        assert thing["selftext"].strip() in post.text
        assert post.url == thing["url"]
    assert any(post.urls for post in posts)
    assert {(post.views, post.language, post.reposts) for post in posts} == {(None, None, None)}


def test_a_comment_that_reddit_shows_as_deleted_is_gone(reddit: RedditFake) -> None:
    answer = reddits("TestComment.test_refresh__deleted_comment", "/api/info")
    serve(reddit.stand_in, "/api/info", answer, after=reply({}, 500))
    found = looking(reddit).look_up(["t1_d7ltvl0", "t1_d7ltvl1"])
    assert {name: each.availability.value for name, each in found.items()} == {
        "t1_d7ltvl0": "gone",
        "t1_d7ltvl1": "unknown",
    }


@pytest.mark.parametrize("name", ["TestSubmission.test_comments", "TestComment.test_refresh__deleted_comment"])
def test_a_submission_that_reddit_shows_is_live(reddit: RedditFake, name: str) -> None:
    answer = reddits(name, "/comments/")
    (submission,) = (child["data"] for child in answer["body"][0]["data"]["children"])
    serve(reddit.stand_in, "/api/info", {**answer, "body": answer["body"][0]}, after=reply({}, 500))
    found = looking(reddit).look_up([submission["name"]])[submission["name"]]
    assert found.availability.value == "live"
    assert found.post is not None
    assert found.post.text == f"{submission['title']}\n\n{submission['selftext']}"


def test_reddits_comments_are_read_where_they_are_looked_up(reddit: RedditFake) -> None:
    answer = reddits("TestSubmission.test_comments", "/comments/")
    listing = answer["body"][1]
    comments = [child["data"] for child in listing["data"]["children"] if child["kind"] == "t1"]
    serve(reddit.stand_in, "/api/info", {**answer, "body": listing}, after=reply({}, 500))
    found = looking(reddit).look_up([comment["name"] for comment in comments])
    posts = [each.post for each in found.values() if each.post]
    assert [post.text for post in posts] == [comment["body"].strip() for comment in comments]
    assert {post.conversation_id for post in posts} == {comment["link_id"] for comment in comments}


def test_reddits_limit_is_what_is_used_and_what_is_left() -> None:
    for name, used in (("TestComment.test_reply", 1), ("TestSubmission.test_reply", 2)):
        headers = reddits(name, "/api/comment")["headers"]
        allowance = allowance_in(headers)
        assert allowance is not None
        assert (allowance.limit, allowance.remaining) == (600, 600 - used)
        assert allowance.seconds_left() == pytest.approx(float(headers["x-ratelimit-reset"]), abs=2)


@pytest.mark.parametrize("name", ["mastodon/hashtag_tl.json", "bluesky/f_search.json"])
def test_the_headers_of_limits_are_understood(name: str) -> None:
    entries = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    headers = entries[-1]["response"]["headers"]
    told = next(value for key, value in headers.items() if key.endswith("remaining"))
    allowance = allowance_in(headers)
    assert allowance is not None
    assert allowance.remaining == int(told)


class Counting(Uncounted):
    def __init__(self) -> None:
        self.seen: list[Allowance] = []

    def observe(self, endpoint: str, allowance: Allowance) -> None:
        self.seen.append(allowance)


def test_what_is_left_is_told_to_whoever_counts(bluesky: BlueskyFake) -> None:
    bluesky.fill(1)
    limits = Counting()
    list(account_connector(bluesky, limits=limits).search(SearchQuery("x")))
    assert {allowance.remaining for allowance in limits.seen} == {2990}
    assert all(allowance.resets_at < datetime.now(tz=UTC) + timedelta(minutes=6) for allowance in limits.seen)


def test_what_is_asked_of_bluesky_is_what_its_description_allows(bluesky: BlueskyFake) -> None:
    """Checked against the method's own schema, lexicon_searchPosts.json."""
    described = json.loads((RECORDINGS / "bluesky" / "lexicon_searchPosts.json").read_text(encoding="utf-8"))
    parameters = described["defs"]["main"]["parameters"]["properties"]
    newest = bluesky.fill(130)[0]
    list(account_connector(bluesky).search(SearchQuery("x", since_id=newest)))
    list(account_connector(bluesky).search(SearchQuery("x", max_results=120)))
    asked = [each for each in bluesky.stand_in.asked if each.path.endswith("searchPosts")]
    assert len(asked) >= 3
    assert {name for each in asked for name in each.params} <= set(parameters)
    assert all(1 <= int(each.param("limit")) <= parameters["limit"]["maximum"] for each in asked)
