import pytest

from connectors.access import Access, Uncounted, Window
from connectors.base import Availability, FetchedPost, LookedUp, SearchQuery
from connectors.errors import BadQuery, NoAnswer
from connectors.models import RateWindow
from connectors.platforms.hackernews import HackerNewsConnector
from signalops_site.core.models import Project
from tests.factories import ProjectFactory, document

from .fakes_hackernews import FIRST_ID, HackerNewsFake, comment, hit, item
from .searches import search_platform
from .standin import StandIn, reply


@pytest.fixture
def fake(stand_in: StandIn) -> HackerNewsFake:
    return HackerNewsFake(stand_in)


def connector(fake: HackerNewsFake) -> HackerNewsConnector:
    return HackerNewsConnector(Access(fake.stand_in.url))


def posts(fake: HackerNewsFake, text: str = "invoice", **query: object) -> list[FetchedPost]:
    search = connector(fake).search(SearchQuery(text, **{"max_results": 5000, **query}))  # type: ignore[arg-type]
    return [post for page in search for post in page.posts]


def ids(found: list[FetchedPost]) -> list[int]:
    return [int(post.id) - FIRST_ID for post in found]


# ---------------------------------------------------------------- walking


def test_more_posts_than_one_query_shows_are_found_once_each(fake: HackerNewsFake) -> None:
    fake.fill(2345)
    assert ids(posts(fake)) == list(range(2345, 0, -1))
    assert {each.param("page", "0") for each in fake.stand_in.asked} == {"0"}


CROWDS = (1, 99, 100, 101, 2, 250, 60, 60, 3, 200, 33, 400, 50, 99, 42)
"""How many posts some seconds have, so that pages of 100 and of 1,000 end within them."""


def crowd(first: int) -> list[dict[str, object]]:
    sizes = CROWDS[first:] + CROWDS[:first]
    seconds = [second for second, size in enumerate(sizes) for _ in range(size)]
    return [hit(number, second=second) for number, second in enumerate(seconds, start=1)]


@pytest.mark.parametrize("first", range(0, len(CROWDS), 3))
def test_posts_of_one_second_are_neither_lost_nor_repeated(fake: HackerNewsFake, first: int) -> None:
    fake.use(*crowd(first))
    assert ids(posts(fake)) == list(range(1500, 0, -1))


def test_of_a_second_beyond_all_measure_the_rest_hides_nothing_older(fake: HackerNewsFake) -> None:
    """No page shows more than a thousand of its posts: those are found, and the walk goes on before it."""
    fake.use(*(hit(number, second=7 if 50 < number <= 1300 else number // 51 * 8) for number in range(1, 1340)))
    found = ids(posts(fake))
    assert len(found) == len(set(found)) > 39 + 900 + 50
    assert set(range(1, 51)) | set(range(1301, 1340)) <= set(found)


@pytest.mark.parametrize("cut", [1, 37, 100, 101, 450])
def test_a_walk_that_is_cut_in_a_crowded_second_goes_on_there(fake: HackerNewsFake, cut: int) -> None:
    fake.use(*crowd(5))
    search = connector(fake).search(SearchQuery("invoice", max_results=cut))
    pages = list(search)
    first = [post for page in pages for post in page.posts]
    assert len(first) == cut
    rest = posts(fake, page_token=pages[-1].next_token)
    assert ids(first) + ids(rest) == list(range(1500, 0, -1))


def test_posts_that_come_in_meanwhile_move_nothing(fake: HackerNewsFake) -> None:
    fake.fill(250)
    walk = connector(fake).search(SearchQuery("invoice", max_results=1000))
    found = list(next(walk).posts)
    fake.fill(70)
    found += [post for page in walk for post in page.posts]
    assert ids(found) == list(range(250, 0, -1))


def test_a_server_that_gives_smaller_pages_is_read_to_the_end(
    fake: HackerNewsFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.connectors.fakes_hackernews.MOST_HITS", 30)
    fake.fill(95)
    assert len(posts(fake)) == 95


def test_only_as_many_pages_are_asked_for_as_are_new(fake: HackerNewsFake) -> None:
    newest = fake.fill(500)[0]
    fake.fill(3)
    assert ids(posts(fake, since_id=newest)) == [503, 502, 501]
    assert len(fake.stand_in.asked) == 1


def test_an_old_post_with_a_new_date_hides_none_below_it(fake: HackerNewsFake) -> None:
    """The site gives some stories a second chance under their old number."""
    fake.use(*(hit(number) for number in range(20, 31)), hit(3, second=27 * 60 + 1))
    assert ids(posts(fake, since_id=str(FIRST_ID + 20))) == list(range(30, 20, -1))


# ---------------------------------------------------------------- queries


def test_words_are_searched_in_stories_and_comments(fake: HackerNewsFake) -> None:
    fake.use(hit(1), comment(2, "An invoice"), {**hit(3), "_tags": ["job"]})
    assert ids(posts(fake, " late  invoice ")) == [2, 1]
    assert fake.stand_in.asked[0].param("query") == "late  invoice"
    assert fake.stand_in.asked[0].param("tags") == "(story,comment)"


def test_a_query_may_choose_kinds(fake: HackerNewsFake) -> None:
    fake.use(hit(1), comment(2, "An invoice"), {**hit(3), "_tags": ["story", "show_hn"]})
    assert ids(posts(fake, "tags:ask_hn,comment invoice")) == [2, 1]
    assert fake.stand_in.asked[0].param("query") == "invoice"
    assert ids(posts(fake, "tags:show_hn")) == [3]


@pytest.mark.parametrize("text", ["tags:ask invoice", "tags:", "tags:story,(x) y", "tags:author_ada"])
def test_a_kind_that_there_is_not_is_told(fake: HackerNewsFake, text: str) -> None:
    with pytest.raises(BadQuery, match="ask_hn"):
        posts(fake, text)
    assert fake.stand_in.asked == []


# ---------------------------------------------------------------- posts


def test_a_story_is_its_title_and_its_text(fake: HackerNewsFake) -> None:
    link = '<a href="https:&#x2F;&#x2F;tool.example&#x2F;pricing" rel="nofollow">https:&#x2F;&#x2F;tool.ex...</a>'
    fake.use(
        {**hit(1), "title": "Show HN: A&amp;B", "url": "https://b.example", "story_text": f"See {link}<p>Really"}
    )
    (post,) = posts(fake)
    assert post.text == "Show HN: A&B\n\nSee https://tool.example/pricing\n\nReally"
    assert post.urls == ("https://b.example", "https://tool.example/pricing")
    assert post.url == f"https://news.ycombinator.com/item?id={FIRST_ID + 1}"
    assert (post.likes, post.replies, post.community, post.language) == (1, 1, "", None)
    assert (post.conversation_id, post.reply_to_id) == (str(FIRST_ID + 1), "")


def test_a_comment_knows_its_story_and_has_no_points(fake: HackerNewsFake) -> None:
    fake.use(comment(5, "<i>Which</i> invoice?"))
    (post,) = posts(fake)
    assert post.text == "Which invoice?"
    assert (post.conversation_id, post.reply_to_id) == (str(FIRST_ID), str(FIRST_ID + 1))
    assert (post.likes, post.replies) == (None, None)


def test_of_an_author_only_the_name_is_told(fake: HackerNewsFake) -> None:
    fake.fill(1)
    (post,) = posts(fake)
    assert post.author is not None
    assert (post.author.id, post.author.handle, post.author.name) == ("ada", "ada", "")
    assert (post.author.followers, post.author.verified, post.author.account_created_at) == (None, None, None)


# ---------------------------------------------------------------- limits and projects


class Counting(Uncounted):
    def __init__(self) -> None:
        self.reserved: list[str] = []

    def reserve(self, endpoint: str) -> None:
        self.reserved.append(endpoint)


def test_what_is_searched_counts_in_the_documented_window(fake: HackerNewsFake) -> None:
    fake.fill(150)
    limits = Counting()
    list(HackerNewsConnector(Access(fake.stand_in.url, limits=limits)).search(SearchQuery("invoice")))
    assert set(limits.reserved) == set(HackerNewsConnector.windows) == {"api"}
    assert HackerNewsConnector.windows["api"] == Window(10_000, 3600)


@pytest.fixture
def project(db: None) -> Project:
    return ProjectFactory.create()


@pytest.mark.usefixtures("reachable")
def test_a_project_searches_without_an_account_and_its_requests_are_counted(
    fake: HackerNewsFake, project: Project
) -> None:
    fake.fill(3)
    pages = search_platform("hackernews", SearchQuery("invoice"), project=project, document=document())
    assert len([post for page in pages for post in page.posts]) == 3
    window = RateWindow.objects.get()
    assert (window.account, window.base_url) == (None, "https://hn.algolia.com")
    assert (window.limit, window.remaining) == (10_000, 9_999)


@pytest.mark.usefixtures("reachable")
def test_a_refusal_asks_for_no_account(fake: HackerNewsFake, project: Project) -> None:
    fake.stand_in.routes[fake.searched] = lambda _: reply({"message": "Go away"}, 403)
    with pytest.raises(Exception, match="Hacker News refused") as caught:
        list(search_platform("hackernews", SearchQuery("invoice"), project=project, document=document()))
    assert "accounts add" not in str(caught.value)


# ---------------------------------------------------------------- looking up


def test_what_became_of_posts_is_looked_up(fake: HackerNewsFake) -> None:
    fake.items = {
        "47000001": item(1),
        "47000002": {"id": 47000002, "deleted": True, "type": "story", "time": 1},
        "47000003": item(3, dead=True),
        "47000004": None,
        "47000005": item(6),
    }
    found = connector(fake).look_up([*fake.items, "nonsense/../x"])
    assert {key: each.availability.value for key, each in found.items()} == {
        "47000001": "live",
        "47000002": "gone",
        "47000003": "unknown",
        "47000004": "unknown",
        "47000005": "unknown",
        "nonsense/../x": "unknown",
    }
    post = found["47000001"].post
    assert post is not None
    assert (post.id, post.likes, post.replies) == ("47000001", 12, 4)
    assert post.text == "Ask HN: An invoice is late\n\nAny tool?"
    assert post.author is not None
    assert {each.post for key, each in found.items() if key != "47000001"} == {None}
    assert all("nonsense" not in path for path in fake.stand_in.paths())


def test_a_comment_that_is_looked_up_names_what_it_answers(fake: HackerNewsFake) -> None:
    fake.items = {"47000001": item(1, type="comment", title=None, score=None, descendants=None, parent=47000000)}
    post = connector(fake).look_up(["47000001"])["47000001"].post
    assert post is not None
    assert (post.text, post.reply_to_id, post.likes) == ("Any tool?", "47000000", None)


@pytest.mark.parametrize("body", [[], "text", 7, {}, {"id": True}, {"id": "47000001"}])
def test_an_answer_that_is_no_item_says_nothing(fake: HackerNewsFake, body: object) -> None:
    fake.stand_in.routes["/v0/item/"] = lambda _: reply(body)
    assert connector(fake).look_up(["47000001"]) == {"47000001": LookedUp(Availability.UNKNOWN)}


def test_a_platform_that_does_not_answer_is_no_sign_that_posts_are_gone(fake: HackerNewsFake) -> None:
    fake.stand_in.routes["/v0/item/"] = lambda _: reply({}, 503)
    with pytest.raises(NoAnswer):
        connector(fake).look_up(["47000001"])
