"""What every connector keeps that can do more than search: what it says it can do, it can, and in one way."""

from contextlib import suppress
from typing import cast

import pytest

from connectors.base import (
    AccountConnector,
    Availability,
    Capability,
    FetchedPost,
    LookedUp,
    Looking,
    Mentioned,
    Replying,
    SearchQuery,
    Streaming,
    connectors,
)
from connectors.errors import AccountNeeded, BadAnswer, ConnectorError, NoAnswer, RateLimited, Refused
from connectors.platforms.x import XCredentials
from tests.connectors.fakes import (
    FAKES,
    BlueskyFake,
    Fake,
    MastodonFake,
    WebFake,
    account_connector,
    connector_of,
    looking,
)
from tests.connectors.fakes_x import BEARER, PROBLEMS, XFake, connected
from tests.connectors.standin import StandIn, reply

ABILITIES = {
    Capability.LOOKUP: Looking,
    Capability.MENTIONS: Mentioned,
    Capability.REPLY: Replying,
    Capability.STREAM: Streaming,
}
LOOKUPS = {
    "bluesky": "/xrpc/app.bsky.feed.getPosts",
    "hackernews": "/v0/item/",
    "mastodon": "/api/v1/statuses/",
    "reddit": "/api/info",
    "x": "/2/tweets",
}
"""Where each platform is asked for posts by id. A platform that cannot do it has no row."""
GONE = {**dict.fromkeys(LOOKUPS, Availability.GONE), "mastodon": Availability.UNKNOWN}
"""What it says of a deleted post: Mastodon says the same of a private one, so that nobody knows."""
NUMBERS = frozenset(
    {
        "public_metrics",
        *("likeCount", "replyCount", "repostCount"),
        *("favourites_count", "replies_count", "reblogs_count"),
        *("score", "num_comments", "num_crossposts", "points"),
    }
)
"""What each platform calls the numbers of a post."""


@pytest.mark.parametrize("name", sorted(connectors.items()))
def test_an_ability_is_named_where_it_is_there_and_only_there(name: str) -> None:
    connector = connectors.get(name)
    for capability, kind in ABILITIES.items():
        assert issubclass(connector, kind) == (capability in connector.capabilities)


def test_every_platform_that_looks_up_is_held_to_this() -> None:
    able = {name for name, each in connectors.items().items() if Capability.LOOKUP in each.capabilities}
    assert able == set(LOOKUPS)


# ---------------------------------------------------------------- posts by id


def test_what_is_there_is_told_as_a_search_tells_it(fake: WebFake) -> None:
    ids = fake.fill(60)
    searched = {
        post.id: post
        for page in connector_of(fake).search(SearchQuery(fake.query, max_results=100))
        for post in page.posts
    }
    found = looking(fake).look_up(ids)
    assert list(found) == ids
    assert {each.availability for each in found.values()} == {Availability.LIVE}
    for identity, each in found.items():
        assert isinstance(each.post, FetchedPost)
        assert (each.post.id, each.post.text) == (identity, searched[identity].text)
        assert (each.post.likes, each.post.replies, each.post.reposts, each.post.views) == (
            searched[identity].likes,
            searched[identity].replies,
            searched[identity].reposts,
            searched[identity].views,
        )


def test_what_is_deleted_is_gone_where_the_platform_says_so(fake: WebFake) -> None:
    kept, deleted = fake.fill(2)
    fake.remove(deleted)
    found = looking(fake).look_up([deleted, kept])
    assert found[deleted] == LookedUp(GONE[fake.platform])
    assert found[kept].availability == Availability.LIVE


def test_what_is_no_id_of_the_platform_is_unknown_and_not_asked_for(fake: WebFake) -> None:
    odd = ["", "\0", "no id/../..", "at://x", "?", "x" * 600]
    assert looking(fake).look_up(odd) == dict.fromkeys(odd, LookedUp(Availability.UNKNOWN))
    assert LOOKUPS[fake.platform] not in fake.stand_in.paths()


def test_an_id_that_is_named_twice_is_asked_for_once(fake: WebFake) -> None:
    (identity,) = fake.fill(1)
    assert list(looking(fake).look_up([identity, identity])) == [identity]
    assert len([path for path in fake.stand_in.paths() if path.startswith(LOOKUPS[fake.platform])]) == 1


def test_of_nothing_nothing_is_asked(fake: WebFake) -> None:
    assert looking(fake).look_up([]) == {}
    assert fake.stand_in.asked == []


def test_numbers_that_are_not_told_are_unknown_and_not_zero(fake: WebFake) -> None:
    (identity,) = fake.fill(1)
    whole = fake.with_changes(1)
    fake.use({key: value for key, value in whole.items() if key not in NUMBERS})
    found = looking(fake).look_up([identity])[identity].post
    assert found is not None
    assert (found.likes, found.replies, found.reposts, found.views) == (None, None, None, None)


@pytest.mark.parametrize(
    ("status", "error"), [(401, Refused), (403, Refused), (429, RateLimited), (503, NoAnswer), (500, NoAnswer)]
)
def test_a_refusal_is_no_word_about_a_post(fake: WebFake, status: int, error: type[Exception]) -> None:
    """Whoever deletes what is gone must not take a closed door for an empty room."""
    ids = fake.fill(2)
    fake.stand_in.routes[LOOKUPS[fake.platform]] = lambda _: reply({"error": "No"}, status, Retry_After="600")
    with pytest.raises(error):
        looking(fake).look_up(ids)


@pytest.mark.parametrize(
    "body",
    [None, 5, "gone", [], [None], {}, {"posts": 3}, {"posts": [None]}, {"data": 5}, {"errors": 5}, {"id": 1}],
)
def test_an_answer_of_another_shape_says_of_no_post_that_it_is_gone(fake: WebFake, body: object) -> None:
    ids = fake.fill(2)
    fake.stand_in.routes[LOOKUPS[fake.platform]] = lambda _: reply(body)
    with suppress(BadAnswer):
        found = looking(fake).look_up(ids)
        assert {each.availability for each in found.values()} == {Availability.UNKNOWN}


# ---------------------------------------------------------------- each platform's own


def test_mastodon_says_of_some_that_they_are_gone(mastodon: MastodonFake) -> None:
    mastodon.stand_in.routes["/api/v1/statuses/"] = lambda _: reply({"error": "Gone"}, 410)
    assert looking(mastodon).look_up(["101"]) == {"101": LookedUp(Availability.GONE)}


def test_a_status_that_is_no_longer_public_is_not_read(mastodon: MastodonFake) -> None:
    mastodon.use(mastodon.with_changes(1, visibility="private"))
    assert looking(mastodon).look_up(["101"]) == {"101": LookedUp(Availability.UNKNOWN)}


def test_bluesky_is_asked_for_25_at_a_time(bluesky: BlueskyFake) -> None:
    looking(bluesky).look_up(bluesky.fill(51))
    asked = [each.params["uris"] for each in bluesky.stand_in.asked if each.path == LOOKUPS["bluesky"]]
    assert [len(uris) for uris in asked] == [25, 25, 1]


def test_x_is_asked_for_100_at_a_time(x: XFake) -> None:
    looking(x).look_up(x.fill(101))
    assert [len(each.param("ids").split(",")) for each in x.stand_in.asked] == [100, 1]


@pytest.mark.parametrize(
    ("kind", "availability"),
    [
        ("resource-not-found", Availability.GONE),
        ("not-authorized-for-resource", Availability.UNKNOWN),
        ("resource-unavailable", Availability.UNKNOWN),
        ("disallowed-resource", Availability.UNKNOWN),
        ("internal-error", Availability.UNKNOWN),
        ("of-tomorrow", Availability.UNKNOWN),
    ],
)
@pytest.mark.parametrize("host", ["https://api.x.com", "https://api.twitter.com"])
@pytest.mark.parametrize("called", ["post", "tweet"])
def test_x_says_by_type_what_became_of_a_post(
    x: XFake, kind: str, availability: Availability, host: str, called: str
) -> None:
    """Who is suspended, protected or withheld may be back; only what is not found is gone."""
    told = {"type": f"{host}/2/problems/{kind}", "resource_type": called, "parameter": "ids", "resource_id": "12"}
    x.errors = [{**told, "value": "12", "title": "...", "detail": "..."}]
    assert looking(x).look_up(["12"]) == {"12": LookedUp(availability)}


@pytest.mark.parametrize("about", [{"parameter": "referenced_posts"}, {"resource_type": "user"}])
def test_what_x_does_not_find_beside_a_post_says_nothing_of_the_post(x: XFake, about: dict[str, str]) -> None:
    told = {"type": f"{PROBLEMS}resource-not-found", "resource_type": "post", "parameter": "ids"}
    x.errors = [{**told, "resource_id": "12", "value": "12", **about}]
    assert looking(x).look_up(["12"]) == {"12": LookedUp(Availability.UNKNOWN)}


# ---------------------------------------------------------------- mentions

MENTIONS = [each for each in connectors.items().values() if Capability.MENTIONS in each.capabilities]


@pytest.fixture(params=["bluesky", "mastodon", "x"])
def mentioned(request: pytest.FixtureRequest, stand_in: StandIn) -> tuple[Fake, AccountConnector]:
    """A platform that tells mentions, and a connector with the account of a person there."""
    fake = FAKES[request.param](stand_in)
    if not isinstance(fake, XFake):
        return fake, account_connector(fake)
    credentials = XCredentials.model_validate({"bearer_token": BEARER, "client_id": "abc"})
    return fake, account_connector(fake, credentials=credentials, session=connected())


def test_every_platform_that_tells_mentions_is_held_to_this() -> None:
    assert {each.platform for each in MENTIONS} == {"bluesky", "mastodon", "x"}


def ids(connector: AccountConnector, since_id: str = "") -> list[str]:
    return [post.id for page in cast("Mentioned", connector).mentions(since_id) for post in page.posts]


def test_mentions_come_newest_first_each_once_and_only_newer_ones(
    mentioned: tuple[Fake, AccountConnector],
) -> None:
    fake, able = mentioned
    there = fake.fill(130)
    assert ids(able) == there
    assert ids(able, there[3]) == there[:3]
    assert list(cast("Mentioned", able).mentions(there[0]))[-1].next_token is None


def test_a_known_mention_that_is_gone_ends_the_walk_all_the_same(
    mentioned: tuple[Fake, AccountConnector],
) -> None:
    fake, able = mentioned
    there = fake.fill(250)
    fake.remove(there[1])
    assert ids(able, there[1])[:1] == [there[0]]
    assert len(fake.stand_in.asked) <= 2 + 7  # the pages of all of them, at most, and who asks


@pytest.mark.parametrize("connector", MENTIONS, ids=lambda each: each.platform)
def test_without_a_person_s_account_there_is_nobody_to_mention(connector: type[AccountConnector]) -> None:
    with pytest.raises(AccountNeeded):
        list(cast("Mentioned", connector()).mentions())


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_refusal_is_no_word_about_mentions(mentioned: tuple[Fake, AccountConnector], status: int) -> None:
    fake, able = mentioned
    for path in ("/2/users/77/mentions", "/xrpc/app.bsky.notification.listNotifications", "/api/v1/notifications"):
        fake.stand_in.routes[path] = lambda _: reply({"error": "No"}, status, Retry_After="600")
    with pytest.raises(ConnectorError):
        ids(able)


@pytest.mark.parametrize("body", [None, 5, {}, {"notifications": 5}, {"data": 5}, [None], [{"type": "mention"}]])
def test_an_answer_of_another_shape_mentions_nobody(
    mentioned: tuple[Fake, AccountConnector], body: object
) -> None:
    fake, able = mentioned
    for path in ("/2/users/77/mentions", "/xrpc/app.bsky.notification.listNotifications", "/api/v1/notifications"):
        fake.stand_in.routes[path] = lambda _: reply(body)
    with suppress(BadAnswer):
        assert ids(able) == []


def test_only_what_is_a_mention_counts(bluesky: BlueskyFake, mastodon: MastodonFake) -> None:
    """Both platforms are asked for mentions alone; one that is older than this question tells everything."""
    bluesky.fill(1)
    mastodon.fill(1)
    bluesky.reason, mastodon.notice = "like", "favourite"
    assert ids(account_connector(bluesky)) == ids(account_connector(mastodon)) == []
