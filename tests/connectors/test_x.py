"""X's own ways. Its stand-in, and the texts here, are built from the API's description; see test_x_recordings."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from connectors import services, x_pages
from connectors.base import FetchedPage, FetchedPost, SearchQuery
from connectors.errors import AccountNeeded, BadAnswer, BadQuery, RateLimited, Refused
from connectors.platforms.x import XConnector, XCredentials, length_problem, without_reposts
from connectors.services import BadCredentials
from signalops_site.core.config.schema import XPlatform

from .fakes import account_connector
from .fakes_x import BASE, BEARER, PROBLEMS, XFake, connected, post, problem, user
from .standin import reply

ID = str(BASE + 1)


def pages(x: XFake, text: str = "invoice", *, options: XPlatform | None = None, **query: Any) -> list[FetchedPage]:
    return list(account_connector(x, options=options).search(SearchQuery(text, **query)))


def posts(x: XFake, text: str = "invoice", *, options: XPlatform | None = None, **query: Any) -> list[FetchedPost]:
    return [each for page in pages(x, text, options=options, **query) for each in page.posts]


def only(x: XFake, **changes: Any) -> FetchedPost:
    """The one post there is, with these changes."""
    x.use(x.with_changes(1, **changes))
    (found,) = posts(x, options=XPlatform(include_retweets=True))
    return found


def last_asked(x: XFake, name: str) -> str:
    return x.stand_in.asked[-1].param(name)


# ---------------------------------------------------------------- what is read


def test_a_post_carries_what_x_tells_of_it_and_of_its_author(x: XFake) -> None:
    x.users = [user(entities={"description": {"urls": []}})]
    found = only(x, referenced_posts=[{"type": "quoted", "id": "3"}, {"type": "replied_to", "id": "4"}])
    assert (found.platform, found.id, found.language) == ("x", ID, "en")
    assert found.text == "An invoice is late again, number 1. Any tool & advice?"
    assert found.url == f"https://x.com/ada_harbour/status/{ID}"
    assert (found.conversation_id, found.reply_to_id) == (ID, "4")
    assert (found.likes, found.replies, found.reposts, found.views) == (1, 1, 2, 1001)
    assert (found.created_at, found.hashtags) == (datetime(2026, 3, 2, 9, 1, tzinfo=UTC), ("freelance",))
    author = found.author
    assert author is not None
    assert (author.id, author.handle, author.name, author.bio) == (
        "4711",
        "ada_harbour",
        "Ada Harbour",
        "Freelance editor",
    )
    assert (author.followers, author.verified) == (120, True)
    assert author.account_created_at == datetime(2020, 1, 2, tzinfo=UTC)


def test_the_older_words_are_read_like_the_present_ones(x: XFake) -> None:
    old = {
        "id": ID,
        "text": "Cut …",
        "author_id": "4711",
        "note_tweet": {"text": "The whole text", "entities": {"hashtags": [{"tag": "long"}]}},
        "referenced_tweets": [{"type": "replied_to", "id": "4"}],
        "public_metrics": {"retweet_count": 7, "like_count": 0},
    }
    x.use(old)
    (found,) = posts(x)
    assert (found.text, found.hashtags, found.reply_to_id) == ("The whole text", ("long",), "4")
    assert (found.reposts, found.likes, found.replies, found.views) == (7, 0, None, None)


def test_a_long_post_is_its_whole_text_with_the_entities_of_that(x: XFake) -> None:
    """`note_post` is built from the description: nothing recorded holds one."""
    link = {"start": 4, "end": 27, "url": "https://t.co/abcdefghij", "expanded_url": "https://tool.example/a"}
    note = {
        "text": "See https://t.co/abcdefghij &lt;3",
        "entities": {"urls": [link], "mentions": [{"username": "bea"}]},
    }
    found = only(x, text="See https://t.co/abcdefghij …", note_post=note)
    assert found.text == "See https://tool.example/a <3"
    assert (found.urls, found.mentions, found.hashtags) == (("https://tool.example/a",), ("bea",), ())


def test_an_author_who_is_not_told_is_known_by_id(x: XFake) -> None:
    x.users = []
    found = only(x)
    assert found.author is not None
    assert (found.author.id, found.author.handle, found.author.followers) == ("4711", "", None)
    assert (found.author.verified, found.author.account_created_at) == (None, None)
    assert found.url == f"https://x.com/i/status/{ID}"


@pytest.mark.parametrize("value", [None, True, -1, "text", [], [None, {}], {"a": {"b": []}}, 10**30])
def test_facts_of_a_wrong_type_are_unknown(x: XFake, value: Any) -> None:
    for key in user():
        x.users = [{**user(), key: value}]
        found = only(x)
        assert found.author is not None
        assert found.author.id == "4711"
        assert found.author.followers in {120, None}
    for part in ("public_metrics", "entities", "note_post", "referenced_posts"):
        assert only(x, **{part: value}).id == ID


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt; is how HTML writes it", "&lt; is how HTML writes it"),
        ("&quot;kept&quot; &amp;amp;", "&quot;kept&quot; &amp;"),
        ("5 > 3 & 2", "5 > 3 & 2"),
    ],
)
def test_what_x_escapes_is_unescaped_once(x: XFake, written: str, read: str) -> None:
    assert only(x, text=written).text == read


def test_links_are_written_out_wherever_emoji_have_moved_them(x: XFake) -> None:
    """X counts code points. 👩‍👩‍👧 is five of them and eight UTF-16 units; `&amp;` is five characters there."""
    short = "https://t.co/abcdefghij"
    before = "👩‍👩‍👧 R&amp;D: "
    link = {
        "start": len(before),
        "end": len(before) + 23,
        "url": short,
        "expanded_url": "https://a.example/?b=1&lt=2",
    }
    found = only(x, text=f"{before}{short}, again {short}!", entities={"urls": [link]})
    assert found.text == "👩‍👩‍👧 R&D: https://a.example/?b=1&lt=2, again https://a.example/?b=1&lt=2!"
    assert found.urls == ("https://a.example/?b=1&lt=2",)


def test_pictures_are_no_links_and_a_post_that_is_only_one_keeps_it(x: XFake) -> None:
    picture = {
        "url": "https://t.co/pppppppppp",
        "expanded_url": "https://x.com/ada_harbour/status/1/photo/1",
        "display_url": "pic.x.com/pppppppppp",
        "media_key": "3_1",
    }
    found = only(x, text="Look https://t.co/pppppppppp", entities={"urls": [picture]})
    assert (found.text, found.urls) == ("Look", ())
    assert only(x, text="https://t.co/pppppppppp", entities={"urls": [picture]}).text == "https://t.co/pppppppppp"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "", None, 5, "ftp://a.example"])
def test_only_web_addresses_are_links(x: XFake, link: Any) -> None:
    found = only(
        x, text="See https://t.co/a", entities={"urls": [{"url": "https://t.co/a", "expanded_url": link}]}
    )
    assert (found.text, found.urls) == ("See https://t.co/a", ())


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ("en", "en"),
        ("und", None),
        ("qme", None),
        ("zxx", None),
        ("in", "id"),
        ("iw", "he"),
        ("zh-TW", "zh"),
        (5, None),
    ],
)
def test_languages_are_called_as_everywhere_else(x: XFake, told: Any, language: str | None) -> None:
    assert only(x, lang=told).language == language


def test_a_withheld_post_is_read_as_far_as_it_is_told(x: XFake) -> None:
    """Built from the description: nothing recorded is withheld."""
    withheld = {"copyright": False, "country_codes": ["DE"], "scope": "post"}
    assert only(x, withheld=withheld).raw["withheld"] == withheld
    x.use({"id": ID, "withheld": withheld})
    assert posts(x) == []


# ---------------------------------------------------------------- reposts


def repost(number: int, of: str, *, author: str = "99") -> dict[str, Any]:
    """As X gives one: a text that is cut, and no numbers of its own. Built from the description."""
    cut = {"text": "RT @ada_harbour: An invoice is la…", "author_id": author}
    return {**post(number), **cut, "referenced_posts": [{"type": "retweeted", "id": of}]}


WITH_REPOSTS = XPlatform(include_retweets=True)


def test_a_repost_is_the_post_that_it_reposts(x: XFake) -> None:
    original = {**post(1), "text": "An invoice is late, and this is all of it"}
    x.included = [original]
    x.use(repost(8, original["id"]), repost(9, original["id"]))
    (found,) = posts(x, options=WITH_REPOSTS)
    assert (found.id, found.text) == (original["id"], original["text"])
    assert found.author is not None
    assert (found.author.handle, found.views) == ("ada_harbour", 1001)


def test_a_repost_of_what_is_not_told_is_passed_over(x: XFake) -> None:
    x.use(post(1), repost(9, "5"))
    assert [each.id for each in posts(x, options=WITH_REPOSTS)] == [ID]


def test_a_walk_with_reposts_keeps_its_own_place(x: XFake) -> None:
    """The repost is newer than what it reposts; where to read on from, and below what, is the repost's id."""
    originals = [post(number) for number in range(1, 13)]
    x.included = originals
    x.use(*(repost(100 + number, each["id"]) for number, each in enumerate(originals)))
    cut = pages(x, options=WITH_REPOSTS, max_results=5)
    assert [page.newest_id for page in cut] == [str(BASE + 111)]
    rest = posts(x, options=WITH_REPOSTS, page_token=cut[-1].next_token)
    assert [each.id for each in rest] == [each["id"] for each in reversed(originals)][5:]


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("late invoice", "late invoice -is:retweet"),
        ("invoice OR bill", "(invoice OR bill) -is:retweet"),
        ('"FOR OR" FLOOR', '("FOR OR" FLOOR) -is:retweet'),
        ("FLOOR", "FLOOR -is:retweet"),
        ("invoice -is:retweet", "invoice -is:retweet"),
        ("is:retweet invoice", "is:retweet invoice"),
        ("retweets_of:kfc", "retweets_of:kfc"),
    ],
)
def test_reposts_are_left_out_unless_the_query_speaks_of_them(x: XFake, query: str, sent: str) -> None:
    assert without_reposts(query) == sent
    posts(x, query)
    assert last_asked(x, "query") == sent


def test_reposts_are_asked_for_where_the_project_wants_them(x: XFake) -> None:
    posts(x, "invoice OR bill", options=WITH_REPOSTS)
    assert last_asked(x, "query") == "invoice OR bill"


# ---------------------------------------------------------------- lengths and pages


def test_a_query_that_is_too_long_is_not_sent(x: XFake) -> None:
    fits = "x" * (512 - len(" -is:retweet"))
    posts(x, fits)
    asked = len(x.stand_in.asked)
    with pytest.raises(BadQuery, match="513 characters long as it is sent, and X takes 512"):
        posts(x, fits + "x")
    assert len(x.stand_in.asked) == asked


def test_the_archive_takes_longer_queries_and_a_contract_longer_ones(settings: Settings) -> None:
    assert length_problem("x" * 1024, longest=1024) == ""
    settings.X_MAX_QUERY_LENGTH = 4096
    assert length_problem("x" * 4096, longest=1024) == ""
    assert "4097 characters long as it is sent, and X takes 4096" in length_problem("x" * 4097, longest=1024)


def test_a_query_is_counted_as_x_counts() -> None:
    assert length_problem("e\u0301" * 512, longest=512) == ""
    assert length_problem("\U0001f9fe" * 512, longest=512) == ""
    assert "513" in length_problem("\U0001f9fe" * 513, longest=512)


def test_the_archive_is_asked_where_the_project_says_so(x: XFake) -> None:
    x.fill(700)
    assert len(posts(x, options=XPlatform(search_type="all"), max_results=700)) == 700
    asked = x.stand_in.asked
    assert [(each.path, each.param("max_results")) for each in asked] == [
        ("/2/tweets/search/all", "500"),
        ("/2/tweets/search/all", "200"),
    ]


def test_the_archive_is_asked_once_a_second(x: XFake, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, waits = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds + 0.25

    monkeypatch.setattr(x_pages, "monotonic", lambda: clock[0])
    monkeypatch.setattr(x_pages, "sleep", sleep)
    x.fill(30)
    x.largest_page = 10
    posts(x, options=XPlatform(search_type="all"))
    assert waits == [0, 1.0, 1.0]
    waits.clear()
    posts(x)
    assert waits == []


def test_no_more_is_asked_for_than_is_wanted_for_each_post_costs(x: XFake) -> None:
    x.fill(200)
    assert len(posts(x, max_results=104)) == 104
    assert [each.param("max_results") for each in x.stand_in.asked] == ["100", "10"]


def test_the_first_page_is_the_newest_and_later_ones_are_asked_by_token(x: XFake) -> None:
    x.fill(150)
    found = pages(x, max_results=150)
    assert [len(page.posts) for page in found] == [100, 50]
    assert x.stand_in.asked[0].param("next_token") == ""
    assert x.stand_in.asked[1].param("next_token") == found[0].next_token
    assert {each.param("sort_order") for each in x.stand_in.asked} == {"recency"}


# ---------------------------------------------------------------- what has become too old


def test_a_since_id_from_before_the_window_does_not_kill_the_query(x: XFake) -> None:
    x.fill(20)
    x.oldest_since = BASE + 5
    found = posts(x, since_id=str(BASE + 2), max_results=15)
    assert [each.id for each in found] == [str(BASE + number) for number in range(20, 5, -1)]
    assert [each.param("since_id") for each in x.stand_in.asked] == [str(BASE + 2), ""]


def test_an_old_since_id_is_left_out_on_every_page(x: XFake) -> None:
    x.fill(250)
    x.oldest_since = BASE + 5
    assert len(posts(x, since_id=str(BASE + 2), max_results=200)) == 200
    assert [each.param("since_id") for each in x.stand_in.asked] == [str(BASE + 2), "", ""]


def test_below_a_post_that_has_left_the_window_there_is_nothing(x: XFake) -> None:
    x.fill(20)
    x.oldest_since = BASE + 5
    (page,) = pages(x, page_token=f"until:{BASE + 3}")
    assert (page.posts, page.next_token) == ((), None)


def test_a_token_that_has_run_out_begins_at_the_newest_post(x: XFake) -> None:
    x.fill(12)
    assert len(posts(x, page_token="a-token-of-last-month")) == 12


def test_a_query_that_x_does_not_understand_is_told_in_its_words(x: XFake) -> None:
    told = {"errors": [{"message": "missing EXPRESSION at position 9", "parameters": {"query": ["(("]}}]}
    said = {**told, "title": "Invalid Request", "detail": "One or more parameters to your request was invalid."}
    x.stand_in.routes[x.searched] = lambda _: reply({**said, "type": f"{PROBLEMS}invalid-request"}, 400)
    with pytest.raises(BadQuery, match="Invalid Request: missing EXPRESSION at position 9") as caught:
        posts(x, since_id=ID)
    assert caught.value.code == "invalid-request"
    assert len(x.stand_in.asked) == 1


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("status", "title", "detail", "kind"),
    [
        (401, "Unauthorized", "Unauthorized", "about:blank"),
        (402, "CreditsDepleted", "Your account has no credits left.", f"{PROBLEMS}credits"),
        (403, "Client Forbidden", "Attach your app to a project.", f"{PROBLEMS}client-forbidden"),
    ],
)
def test_a_refusal_is_told_in_x_s_own_words(x: XFake, status: int, title: str, detail: str, kind: str) -> None:
    x.stand_in.routes[x.searched] = lambda _: problem(status, title, detail, kind=kind)
    with pytest.raises(Refused, match=title) as caught:
        posts(x)
    assert detail.rstrip(".") in str(caught.value)


def test_a_full_window_waits_until_x_s_own_reset(x: XFake) -> None:
    """A 429 as the documentation has it; none is recorded."""
    headers = {
        "Date": "Mon, 02 Mar 2026 09:00:00 GMT",
        "x-rate-limit-limit": "450",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(datetime(2026, 3, 2, 9, 11, tzinfo=UTC).timestamp())),
    }
    full = problem(429, "Too Many Requests", "Too Many Requests", kind="about:blank", headers=headers)
    x.stand_in.routes[x.searched] = lambda _: full
    with pytest.raises(RateLimited, match="Too Many Requests") as caught:
        posts(x)
    assert caught.value.retry_after == pytest.approx(660, abs=2)


@pytest.mark.parametrize("count", [{}, {"result_count": 3}, {"result_count": None}])
def test_errors_in_place_of_posts_are_no_empty_page(x: XFake, count: dict[str, Any]) -> None:
    told = {"errors": [{"type": f"{PROBLEMS}operational-problem"}], "meta": count}
    x.stand_in.routes[x.searched] = lambda _: reply(told)
    with pytest.raises(BadAnswer, match="operational-problem"):
        posts(x)


@pytest.mark.parametrize("errors", [{}, {"errors": [{"type": f"{PROBLEMS}resource-not-found"}]}])
def test_a_page_that_counts_no_posts_is_an_empty_one(x: XFake, errors: dict[str, Any]) -> None:
    x.stand_in.routes[x.searched] = lambda _: reply({**errors, "meta": {"result_count": 0}})
    (page,) = pages(x)
    assert (page.posts, page.next_token) == ((), None)


def test_what_is_told_beside_errors_is_taken_and_the_errors_are_logged_by_code(
    x: XFake, caplog: pytest.LogCaptureFixture
) -> None:
    x.errors = [
        {"type": f"{PROBLEMS}resource-not-found", "detail": "Could not find user 31337", "title": "Not Found"}
    ]
    x.fill(3)
    with caplog.at_level(logging.INFO, logger="connectors.x_pages"):
        assert len(posts(x)) == 3
    assert "resource-not-found" in caplog.text
    assert "31337" not in caplog.text


def test_errors_without_a_post_are_no_post(x: XFake) -> None:
    x.errors = [{"type": f"{PROBLEMS}not-authorized-for-resource", "title": "Authorization Error"}]
    assert posts(x) == []


# ---------------------------------------------------------------- credentials


def test_credentials_are_a_token_or_the_client_of_a_person_s_account() -> None:
    assert XCredentials.model_validate({"bearer_token": BEARER, "client_id": ""}).client_id is None
    assert XCredentials.model_validate({"client_id": "abc"}).bearer_token is None
    with pytest.raises(
        BadCredentials, match=r"^bearer_token: is missing, or for a person's account the client_id\.$"
    ):
        services.read_credentials(XConnector, {"bearer_token": "", "client_secret": "s3cret-of-the-app"})


def test_an_app_is_verified_by_what_costs_nothing(x: XFake) -> None:
    identity = account_connector(x).verify()
    assert (identity.handle, identity.scopes) == ("project 1700", ("app-only",))
    assert x.stand_in.paths() == ["/2/usage/tweets"]


def person(x: XFake) -> XConnector:
    """As somebody has connected it."""
    credentials = XCredentials.model_validate({"bearer_token": BEARER, "client_id": "abc"})
    connector = account_connector(x, credentials=credentials, session=connected())
    assert isinstance(connector, XConnector)
    return connector


def test_a_person_is_verified_by_name(x: XFake) -> None:
    assert person(x).verify().handle == "we_invoice"
    assert x.stand_in.paths() == ["/2/users/me"]


@pytest.mark.parametrize(
    "told", [{}, {"data": 5}, {"data": {"id": "7/../../9", "username": "we"}}, {"data": {"id": "7"}}]
)
def test_a_person_whom_x_does_not_name_is_a_bad_answer(x: XFake, told: Any) -> None:
    x.stand_in.routes["/2/users/me"] = lambda _: reply(told)
    with pytest.raises(BadAnswer, match="whose account"):
        person(x).verify()


# ---------------------------------------------------------------- mentions


def test_an_app_has_no_mentions(x: XFake) -> None:
    connector = account_connector(x)
    assert isinstance(connector, XConnector)
    with pytest.raises(AccountNeeded, match="person's account"):
        list(connector.mentions())
    assert x.stand_in.asked == []


def test_an_account_without_the_app_s_token_says_what_is_missing(x: XFake) -> None:
    """What X tells to apps alone is not asked for as a person."""
    credentials = XCredentials.model_validate({"client_id": "abc"})
    archive = XPlatform(search_type="all")
    connector = account_connector(x, credentials=credentials, session=connected(), options=archive)
    with pytest.raises(AccountNeeded, match="the app's bearer token, and the account has none"):
        list(connector.search(SearchQuery("invoice")))
    assert x.stand_in.asked == []


def test_an_app_s_client_that_nobody_has_connected_says_so(x: XFake) -> None:
    connector = account_connector(x, credentials=XCredentials.model_validate({"client_id": "abc"}))
    with pytest.raises(AccountNeeded, match="Nobody has agreed at X yet"):
        list(connector.search(SearchQuery("invoice")))
    assert x.stand_in.asked == []


def test_a_client_beside_the_app_s_token_changes_nothing_until_somebody_agrees(x: XFake) -> None:
    credentials = XCredentials.model_validate({"bearer_token": BEARER, "client_id": "abc"})
    connector = account_connector(x, credentials=credentials)
    assert connector.verify().scopes == ("app-only",)
    x.fill(1)
    assert len(list(connector.search(SearchQuery("invoice")))) == 1
    assert {asked.bearer for asked in x.stand_in.asked} == {BEARER}
