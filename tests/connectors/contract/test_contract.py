"""What every connector keeps, whichever platform it speaks to."""

from datetime import UTC, timedelta

import pytest

from connectors.base import (
    AccountConnector,
    Availability,
    Capability,
    FetchedPage,
    FetchedPost,
    Looking,
    SearchQuery,
    connectors,
)
from connectors.errors import ConnectorError
from tests.connectors.standin import StandIn

from .subjects import SUBJECTS, Subject

MANY = 1000
SEARCHED = [name for name in SUBJECTS if name not in ("file", "linkedin")]


@pytest.fixture(params=sorted(SUBJECTS))
def subject(request: pytest.FixtureRequest, stand_in: StandIn) -> Subject:
    return SUBJECTS[request.param](stand_in)


@pytest.fixture(params=SEARCHED)
def searched(request: pytest.FixtureRequest, stand_in: StandIn) -> Subject:
    """A connector that can search."""
    return SUBJECTS[request.param](stand_in)


def pages(
    subject: Subject, *, since_id: str = "", page_token: str | None = None, most: int = MANY
) -> list[FetchedPage]:
    return list(subject.connector.search(SearchQuery(subject.query, since_id, page_token, most)))


def posts(
    subject: Subject, *, since_id: str = "", page_token: str | None = None, most: int = MANY
) -> list[FetchedPost]:
    return [
        post for page in pages(subject, since_id=since_id, page_token=page_token, most=most) for post in page.posts
    ]


def test_every_connector_is_held_to_the_contract() -> None:
    assert set(connectors.items()) == {name.partition(",")[0] for name in SUBJECTS}


def test_it_is_called_what_it_is_registered_as(subject: Subject) -> None:
    assert connectors.get(subject.connector.platform) is type(subject.connector)


def test_it_says_what_it_can_do_and_that_is_true(subject: Subject) -> None:
    assert subject.connector.capabilities
    if Capability.SEARCH in subject.connector.capabilities:
        assert len(posts(subject)) == subject.filled(0)
    else:
        with pytest.raises(ConnectorError, match="importposts"):
            posts(subject)


def test_nothing_is_asked_before_the_first_page_is_wanted(stand_in: StandIn, searched: Subject) -> None:
    searched.connector.search(SearchQuery(searched.query))
    assert stand_in.asked == []


def test_everything_is_found_once(searched: Subject) -> None:
    count = searched.filled(95)
    ids = [post.id for post in posts(searched)]
    assert len(ids) == len(set(ids)) == count


def test_posts_come_newest_first(searched: Subject) -> None:
    searched.filled(95)
    times = [post.created_at for post in posts(searched)]
    known = [time for time in times if time is not None]
    assert len(known) == len(times) > 90
    assert known == sorted(known, reverse=True)


def test_only_what_is_newer_is_found(searched: Subject) -> None:
    searched.filled(60)
    ids = [post.id for post in posts(searched)]
    assert [post.id for post in posts(searched, since_id=ids[7])] == ids[:7]
    assert posts(searched, since_id=ids[0]) == []


def test_a_walk_goes_on_where_it_stopped(searched: Subject) -> None:
    searched.filled(150)
    walk = pages(searched)
    ids = [post.id for page in walk for post in page.posts]
    first = len(walk[0].posts)
    assert 0 < first < len(ids)
    assert [post.id for post in posts(searched, page_token=walk[0].next_token)] == ids[first:]
    assert walk[-1].next_token is None


def test_no_more_comes_than_is_asked_for(searched: Subject) -> None:
    searched.filled(60)
    assert len(posts(searched, most=7)) == 7


def test_a_page_that_was_cut_short_says_how_to_go_on(searched: Subject) -> None:
    searched.filled(60)
    whole = [post.id for post in posts(searched)]
    cut = pages(searched, most=7)
    rest = posts(searched, page_token=cut[-1].next_token) if cut[-1].next_token else []
    if searched.fill is not None:
        assert [post.id for post in rest] == whole[7:]


def test_posts_are_whole(searched: Subject) -> None:
    searched.filled(3)
    for post in posts(searched):
        assert post.platform == searched.connector.platform
        assert post.id
        assert len(post.id) <= 200
        assert post.text.strip() == post.text != ""
        assert post.created_at is None or post.created_at.utcoffset() == timedelta(0)
        assert post.author is None or (post.author.id and post.author.handle)
        assert post.url == "" or post.url.startswith("https://")
        assert post.raw


def test_posts_are_looked_up_where_that_is_promised(searched: Subject) -> None:
    connector = searched.connector
    if not isinstance(connector, Looking):
        assert Capability.LOOKUP not in connector.capabilities
        return
    searched.filled(5)
    ids = [post.id for post in posts(searched)][:3]
    found = connector.look_up([*ids, "no-such-post"])
    assert [(key, each.availability) for key, each in found.items()] == [
        *((identity, Availability.LIVE) for identity in ids),
        ("no-such-post", Availability.UNKNOWN),
    ]
    assert [each.post.id for each in found.values() if each.post] == ids


def test_times_are_in_utc(searched: Subject) -> None:
    searched.filled(1)
    zones = {post.created_at.tzinfo for post in posts(searched) if post.created_at}
    assert zones == {UTC}


ACCOUNTS = [each for each in connectors.items().values() if issubclass(each, AccountConnector)]


@pytest.mark.parametrize("connector", ACCOUNTS, ids=lambda each: each.platform)
def test_credentials_say_what_they_are_and_hide_what_is_secret(connector: type[AccountConnector]) -> None:
    fields = connector.credentials.model_fields
    assert all(field.description for field in fields.values())
    hidden = [name for name in fields if connector.credentials.hides(name)]
    given = connector.credentials.model_validate(dict.fromkeys(fields, "do-not-show"))
    assert hidden
    assert given.secrets() == ("do-not-show",) * len(hidden)
    assert repr(given).count("do-not-show") == len(fields) - len(hidden)


@pytest.mark.parametrize("connector", ACCOUNTS, ids=lambda each: each.platform)
def test_a_connector_that_needs_an_account_says_so(connector: type[AccountConnector]) -> None:
    with pytest.raises(ConnectorError, match="accounts add"):
        list(connector().search(SearchQuery("some words")))
