import time

import pytest

from connectors.access import ForgetfulSession
from connectors.addresses import BadAddress
from connectors.base import FetchedPost, SearchQuery
from connectors.errors import AccountNeeded, BadAnswer, BadQuery, Refused
from connectors.http import USER_AGENT
from connectors.models import Account, RateWindow
from connectors.platforms.reddit import RedditConnector, is_newer
from connectors.ratelimits import SharedLimits
from signalops_site.core.config.schema import RedditPlatform
from signalops_site.core.secrets import seal

from .fakes import account_connector, looking
from .fakes_reddit import SECRET, RedditFake, name, post
from .standin import reply

SIGN_IN = "/api/v1/access_token"


def posts(fake: RedditFake, since_id: str = "", *, most: int = 2000, **access: object) -> list[FetchedPost]:
    search = account_connector(fake, **access).search(SearchQuery("invoice", since_id, max_results=most))
    return [post for page in search for post in page.posts]


def kept(token: str, *, seconds: float = 3600) -> ForgetfulSession:
    session = ForgetfulSession()
    session.save({"access": token, "until": int(time.time() + seconds)})
    return session


# ---------------------------------------------------------------- signing in


def test_a_token_is_kept_from_one_search_to_the_next(reddit: RedditFake) -> None:
    reddit.fill(2)
    session = ForgetfulSession()
    assert len(posts(reddit, session=session)) == len(posts(reddit, session=session)) == 2
    assert reddit.sign_ins == 1
    assert set(session.load()) == {"access", "until"}


def test_a_token_that_has_run_out_is_not_tried(reddit: RedditFake) -> None:
    reddit.fill(2)
    assert len(posts(reddit, session=kept("token-0", seconds=-5))) == 2
    assert reddit.stand_in.paths()[0] == SIGN_IN
    assert reddit.sign_ins == 1


def test_a_token_that_is_refused_is_renewed_once(reddit: RedditFake) -> None:
    reddit.fill(2)
    session = kept("token-0")
    assert len(posts(reddit, session=session)) == 2
    assert (reddit.sign_ins, session.load()["access"]) == (1, "token-1")


def test_a_token_that_is_refused_though_it_is_new_is_the_accounts_fault(reddit: RedditFake) -> None:
    reddit.stand_in.routes["/search"] = lambda _: reply({"message": "Forbidden", "error": 403}, 403)
    with pytest.raises(Refused, match="Forbidden"):
        posts(reddit)
    assert reddit.stand_in.paths() == [SIGN_IN, "/search", SIGN_IN, "/search"]


def test_a_token_that_another_process_got_is_used(reddit: RedditFake) -> None:
    reddit.fill(2)

    class Shared(ForgetfulSession):
        """The other process is quicker: the token changes while the first request is under way."""

        loads = 0

        def load(self) -> dict[str, object]:
            self.loads += 1
            return {"access": "token-0" if self.loads <= 3 else "token-1", "until": int(time.time()) + 3600}

    assert len(posts(reddit, session=Shared())) == 2
    assert SIGN_IN not in reddit.stand_in.paths()


@pytest.mark.parametrize("told", [None, "soon", -1, 0, 10**30, True, 1.5])
def test_nonsense_about_how_long_a_token_holds_lets_it_hold_all_the_same(reddit: RedditFake, told: object) -> None:
    reddit.expires_in = told
    reddit.fill(2)
    session = ForgetfulSession()
    assert len(posts(reddit, session=session)) == 2
    assert reddit.sign_ins == 1
    assert time.time() < session.load()["until"] <= time.time() + 86_400


@pytest.mark.parametrize("token", ["", "a\nb", "t\u00f6ken", None, 7])
def test_a_token_that_is_none_is_a_bad_answer(reddit: RedditFake, token: object) -> None:
    reddit.stand_in.routes[SIGN_IN] = lambda _: reply({"access_token": token, "expires_in": 86_400})
    with pytest.raises(BadAnswer, match="token"):
        posts(reddit)


def test_a_wrong_secret_is_refused_in_one_sentence(reddit: RedditFake) -> None:
    reddit.revoke()
    with pytest.raises(Refused, match="Unauthorized") as caught:
        posts(reddit)
    assert SECRET not in str(caught.value)


def test_neither_the_secret_nor_the_pair_comes_back_from_a_refusal(reddit: RedditFake) -> None:
    reddit.stand_in.routes[SIGN_IN] = lambda asked: reply(
        {"error": "invalid", "message": f"{SECRET} in {asked.headers['authorization']}"}, 401
    )
    with pytest.raises(Refused, match=r"\*\*\* in Basic \*\*\*"):
        posts(reddit)


def test_every_request_says_whose_app_it_is(reddit: RedditFake) -> None:
    reddit.fill(1)
    posts(reddit)
    agents = {asked.headers["user-agent"] for asked in reddit.stand_in.asked}
    (agent,) = agents
    assert agent.startswith("server:signalops:v")
    assert agent.endswith(" (by /u/ada_harbour)")
    assert agent != USER_AGENT


def test_there_is_no_reading_without_an_account() -> None:
    with pytest.raises(AccountNeeded):
        list(RedditConnector().search(SearchQuery("invoice")))
    with pytest.raises(AccountNeeded):
        RedditConnector().look_up(["t3_a"])


def test_an_app_s_secret_goes_to_reddit_only() -> None:
    assert RedditConnector.address("") == RedditConnector.address("oauth.reddit.com") == "https://oauth.reddit.com"
    with pytest.raises(BadAddress, match="only"):
        RedditConnector.address("reddit.example")


def test_who_the_app_is_and_what_it_may_do(reddit: RedditFake) -> None:
    identity = account_connector(reddit, session=kept("token-1")).verify()
    assert (identity.handle, identity.scopes) == ("ada_harbour", ("*",))
    assert reddit.stand_in.paths() == [SIGN_IN, "/search"]


def test_an_app_that_may_sign_in_but_not_search_is_refused(reddit: RedditFake) -> None:
    reddit.stand_in.routes["/search"] = lambda _: reply({"message": "Forbidden", "error": 403}, 403)
    with pytest.raises(Refused):
        account_connector(reddit).verify()


# ---------------------------------------------------------------- searching


def test_pages_follow_one_another_until_reddit_shows_no_more(reddit: RedditFake) -> None:
    """A listing ends after a thousand, whatever there is."""
    reddit.fill(1200)
    found = posts(reddit)
    assert [post.id for post in found] == [name(number) for number in range(1200, 200, -1)]
    searches = [asked for asked in reddit.stand_in.asked if asked.path == "/search"]
    assert len(searches) == 10
    assert [asked.param("after") for asked in searches[:3]] == ["", name(1101), name(1001)]
    assert {(asked.param("sort"), asked.param("limit"), asked.param("raw_json")) for asked in searches} == {
        ("new", "100", "1")
    }


def test_only_what_is_new_is_read(reddit: RedditFake) -> None:
    newest = reddit.fill(300)[0]
    reddit.fill(3)
    assert [post.id for post in posts(reddit, newest)] == [name(303), name(302), name(301)]
    assert reddit.stand_in.paths().count("/search") == 1


def test_a_known_post_that_is_gone_ends_a_walk_all_the_same(reddit: RedditFake) -> None:
    reddit.fill(300)
    del reddit.posts[249]
    assert len(posts(reddit, name(250))) == 50
    assert reddit.stand_in.paths().count("/search") == 1


@pytest.mark.parametrize(
    ("identity", "since", "newer"),
    [
        ("t3_100", "t3_zz", True),
        ("t3_zz", "t3_100", False),
        ("t3_zz", "t3_zz", False),
        ("t3_10", "t3_z", True),
        ("t3_zz", "", True),
        ("t3_zz", "at://x", True),
    ],
)
def test_ids_count_in_base_36(identity: str, since: str, newer: bool) -> None:
    assert is_newer(identity, since) is newer


def test_a_project_s_communities_are_searched_together(reddit: RedditFake) -> None:
    reddit.fill(2)
    options = RedditPlatform(communities=["freelance", "r/editors", "/r/Selbststaendig/"])
    assert len(posts(reddit, options=options)) == 2
    search = reddit.stand_in.asked[1]
    assert search.path == "/r/freelance+editors+Selbststaendig/search"
    assert search.param("restrict_sr") == "true"
    posts(reddit)
    assert reddit.stand_in.asked[-1].path == "/search"
    assert reddit.stand_in.asked[-1].param("restrict_sr") == ""


@pytest.mark.parametrize("wrong", ["free lance", "a/../b", "freelance?x=1", "x", "r/", "\u00e4rzte"])
def test_what_can_be_no_community_is_named_and_not_asked_for(reddit: RedditFake, wrong: str) -> None:
    with pytest.raises(BadQuery, match="communities"):
        posts(reddit, options=RedditPlatform(communities=["freelance", wrong]))
    assert reddit.stand_in.asked == []


@pytest.mark.parametrize("reason", ["private", "quarantined"])
def test_a_closed_community_is_the_querys_trouble_and_not_the_accounts(reddit: RedditFake, reason: str) -> None:
    answer = {"reason": reason, "message": "Forbidden", "error": 403}
    reddit.stand_in.routes["/r/"] = lambda _: reply(answer, 403)
    with pytest.raises(BadQuery, match=reason):
        posts(reddit, options=RedditPlatform(communities=["hidden"]))
    assert reddit.sign_ins == 1


@pytest.mark.django_db
def test_reddits_headers_fill_the_window(reddit: RedditFake) -> None:
    reddit.fill(1)
    account = Account.objects.create(
        platform="reddit", label="main", base_url="https://oauth.reddit.com", credentials=seal({})
    )
    limits = SharedLimits("reddit", account=account, base_url=account.base_url, documented=RedditConnector.windows)
    posts(reddit, limits=limits)
    window = RateWindow.objects.get(endpoint="api")
    assert (window.limit, window.remaining) == (600, 590)


# ---------------------------------------------------------------- posts


def test_a_submission_is_its_title_and_its_text(reddit: RedditFake) -> None:
    reddit.fill(3)
    found = posts(reddit)[0]
    assert found.text == "An invoice is late again, number 3.\n\nAny tool & advice?"
    assert (found.id, found.conversation_id, found.reply_to_id) == (name(3), name(3), "")
    assert found.url == "https://www.reddit.com/r/freelance/comments/3/an_invoice/"
    assert (found.likes, found.replies, found.reposts, found.views) == (3, 1, 2, None)
    assert (found.community, found.language, found.urls) == ("freelance", None, ())
    assert f"{found.created_at:%Y-%m-%dT%H:%M}" == "2026-03-02T09:03"


def test_of_an_author_only_the_name_is_told(reddit: RedditFake) -> None:
    reddit.fill(1)
    author = posts(reddit)[0].author
    assert author is not None
    assert (author.id, author.handle, author.name, author.bio) == ("ada", "ada", "", "")
    assert (author.followers, author.verified, author.account_created_at) == (None, None, None)


def test_what_a_submission_links_to_is_kept(reddit: RedditFake) -> None:
    html = '<p><a href="https://b.example/?x=1&amp;y=2">b</a> <a href="/r/freelance">r/freelance</a></p>'
    reddit.use({**post(1), "is_self": False, "url": "https://a.example", "selftext_html": html})
    assert posts(reddit)[0].urls == ("https://a.example", "https://b.example/?x=1&y=2")


def test_a_score_that_is_hidden_is_unknown(reddit: RedditFake) -> None:
    reddit.use({**post(1), "score": 1, "hide_score": True})
    assert posts(reddit)[0].likes is None


DELETED: list[dict[str, object]] = [
    {"author": "[deleted]"},
    {"selftext": "[deleted]"},
    {"title": "[deleted by user]", "selftext": ""},
    {"removed_by_category": "deleted", "author": "[deleted]", "selftext": "[removed]"},
]
REMOVED: list[dict[str, object]] = [
    {"selftext": "[removed]"},
    {"author": "[deleted]", "selftext": "[removed]"},
    {"removed_by_category": "moderator"},
    {"removed_by_category": "automod_filtered"},
    {"removed_by_category": "reddit", "author": "[deleted]"},
]


@pytest.mark.parametrize("changes", [*DELETED, *REMOVED], ids=str)
def test_what_was_deleted_or_removed_is_no_post(reddit: RedditFake, changes: dict[str, object]) -> None:
    reddit.use(post(1), {**post(2), **changes}, post(3))
    assert [each.id for each in posts(reddit)] == [name(3), name(1)]


def test_adult_posts_are_posts_like_any_other(reddit: RedditFake) -> None:
    reddit.use({**post(1), "over_18": True})
    assert posts(reddit)[0].raw["over_18"] is True


# ---------------------------------------------------------------- looking up


def test_what_became_of_posts_is_looked_up_a_hundred_at_a_time(reddit: RedditFake) -> None:
    ids = list(reversed(reddit.fill(250)))
    reddit.posts[1] |= {"author": "[deleted]", "selftext": "[deleted]"}
    del reddit.posts[2]
    found = looking(reddit).look_up([*ids, "t3_!", "nonsense"])
    assert list(found) == [*ids, "t3_!", "nonsense"]
    told = {key: each.availability.value for key, each in found.items()}
    assert (told[ids[0]], told[ids[1]], told[ids[2]], told[ids[249]]) == ("live", "gone", "unknown", "live")
    assert (told["t3_!"], told["nonsense"]) == ("unknown", "unknown")
    live = found[ids[0]].post
    assert live is not None
    assert (live.id, live.likes) == (ids[0], 1)
    assert found[ids[1]].post is None
    asked = [len(each.param("id").split(",")) for each in reddit.stand_in.asked if each.path == "/api/info"]
    assert asked == [100, 100, 50]


@pytest.mark.parametrize("changes", DELETED, ids=str)
def test_what_its_author_deleted_is_gone(reddit: RedditFake, changes: dict[str, object]) -> None:
    reddit.use({**post(1), **changes})
    assert looking(reddit).look_up([name(1)])[name(1)].availability.value == "gone"


@pytest.mark.parametrize("changes", REMOVED, ids=str)
def test_what_others_removed_may_come_back(reddit: RedditFake, changes: dict[str, object]) -> None:
    reddit.use({**post(1), **changes})
    assert looking(reddit).look_up([name(1)])[name(1)].availability.value == "unknown"


def test_a_comment_is_looked_up_like_a_submission(reddit: RedditFake) -> None:
    comment = {
        "name": "t1_abc",
        "body": "Which invoice?",
        "author": "bea",
        "parent_id": "t1_abb",
        "link_id": name(1),
        "score_hidden": True,
        "score": 1,
    }
    reddit.use(comment)
    found = looking(reddit).look_up(["t1_abc"])["t1_abc"].post
    assert found is not None
    assert (found.text, found.reply_to_id, found.conversation_id) == ("Which invoice?", "t1_abb", name(1))
    assert (found.likes, found.replies) == (None, None)


def test_nothing_is_asked_about_nothing(reddit: RedditFake) -> None:
    assert looking(reddit).look_up([]) == {}
    assert looking(reddit).look_up(["nonsense"])["nonsense"].availability.value == "unknown"
    assert reddit.stand_in.asked == []
