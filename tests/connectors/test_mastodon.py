import pytest

from connectors.base import Availability, FetchedPost, LookedUp, SearchQuery
from connectors.errors import AccountNeeded
from connectors.platforms._mastodon_replies import is_newer
from connectors.platforms.mastodon import MastodonConnector

from .fakes import MastodonFake, account_connector
from .standin import reply


def posts(fake: MastodonFake, text: str, **query: object) -> list[FetchedPost]:
    search = account_connector(fake).search(SearchQuery(text, **query))  # type: ignore[arg-type]
    return [post for page in search for post in page.posts]


def test_a_hashtag_is_read_from_its_timeline_without_an_account(mastodon: MastodonFake) -> None:
    mastodon.fill(3)
    connector = account_connector(mastodon, credentials=None)
    found = [post for page in connector.search(SearchQuery("#freelance")) for post in page.posts]
    assert len(found) == 3
    assert {asked.bearer for asked in mastodon.stand_in.asked} == {""}


def test_several_hashtags_are_read_together(mastodon: MastodonFake) -> None:
    mastodon.fill(1)
    posts(mastodon, "#freelance OR #Rechnung_2 OR #счёт")
    first = mastodon.stand_in.asked[0]
    assert first.path == "/api/v1/timelines/tag/freelance"
    assert first.params["any[]"] == ["Rechnung_2", "счёт"]


def test_words_are_searched_and_need_an_account(mastodon: MastodonFake) -> None:
    mastodon.fill(3)
    assert len(posts(mastodon, "invoice #freelance")) == 3
    assert mastodon.stand_in.paths()[0] == "/api/v2/search"
    with pytest.raises(AccountNeeded, match="hashtags"):
        list(MastodonConnector().search(SearchQuery("invoice")))


def test_one_s_own_letters_are_not_collected(mastodon: MastodonFake) -> None:
    kinds = ["public", "unlisted", "private", "direct", "mutuals_only", None]
    mastodon.use(*(mastodon.with_changes(number, visibility=kind) for number, kind in enumerate(kinds)))
    assert [post.id for post in posts(mastodon, "invoice")] == [mastodon.id_of(101), mastodon.id_of(100)]


def test_boosts_and_pictures_without_words_are_passed_over(mastodon: MastodonFake) -> None:
    mastodon.use(
        mastodon.with_changes(1, reblog={"id": "5"}),
        mastodon.with_changes(2, content="<p></p>"),
        mastodon.with_changes(3, content="", spoiler_text="invoices"),
    )
    assert [post.text for post in posts(mastodon, "invoice")] == ["invoices"]


def test_an_author_is_called_as_the_whole_network_calls_them(mastodon: MastodonFake) -> None:
    mastodon.use(
        mastodon.with_changes(1, account={"id": "7", "acct": "Ada"}),
        mastodon.with_changes(2, account={"id": "7", "acct": "Bea@Elsewhere.example"}),
    )
    host = mastodon.stand_in.url.removeprefix("http://")
    handles = [post.author.id for post in posts(mastodon, "invoice") if post.author]
    assert handles == ["bea@elsewhere.example", f"ada@{host}"]


def test_behind_a_gateway_the_instance_keeps_its_name(mastodon: MastodonFake) -> None:
    mastodon.fill(1)
    connector = account_connector(mastodon, home="https://harbour.example")
    (post,) = (post for page in connector.search(SearchQuery("invoice")) for post in page.posts)
    assert post.author is not None
    assert (post.author.handle, post.community) == ("ada@harbour.example", "harbour.example")


def test_what_two_instances_number_alike_are_two_posts(mastodon: MastodonFake) -> None:
    mastodon.use(mastodon.with_changes(1, in_reply_to_id="99"))
    connectors = [account_connector(mastodon, home=f"https://{name}.example") for name in ("harbour", "meadow")]
    ids = [
        (post.id, post.reply_to_id)
        for connector in connectors
        for page in connector.search(SearchQuery("invoice"))
        for post in page.posts
    ]
    assert ids == [("101@harbour.example", "99@harbour.example"), ("101@meadow.example", "99@meadow.example")]


def test_the_post_of_another_instance_is_not_asked_for(mastodon: MastodonFake) -> None:
    mastodon.fill(1)
    connector = account_connector(mastodon)
    assert isinstance(connector, MastodonConnector)
    assert connector.look_up(["101@meadow.example"]) == {"101@meadow.example": LookedUp(Availability.UNKNOWN)}
    assert not mastodon.stand_in.asked


@pytest.mark.parametrize("text", ["invoice", "#invoice"])
def test_a_walk_goes_on_from_a_post_of_this_instance_alone(mastodon: MastodonFake, text: str) -> None:
    mastodon.fill(3)
    newest = mastodon.id_of(103)
    assert [post.id for post in posts(mastodon, text, since_id=mastodon.id_of(102))] == [newest]
    assert [post.id for post in posts(mastodon, text, since_id="102")] == [newest], "a cursor of former versions"
    assert len(posts(mastodon, text, since_id="102@meadow.example")) == 3


def test_links_are_kept_and_hashtags_are_none(mastodon: MastodonFake) -> None:
    content = (
        '<p>See <a href="https://tool.example/a?b=1&amp;c=2" rel="nofollow">'
        '<span class="invisible">https://</span><span class="ellipsis">tool.example/a</span></a> '
        '<a href="https://harbour.example/tags/x" class="mention hashtag">#x</a> '
        '<a href="javascript:alert(1)">y</a></p>'
    )
    mastodon.use(mastodon.with_changes(1, content=content))
    (post,) = posts(mastodon, "invoice")
    assert post.urls == ("https://tool.example/a?b=1&c=2",)
    assert post.text == "See https://tool.example/a #x y"


def test_a_search_goes_on_by_counting(mastodon: MastodonFake) -> None:
    mastodon.fill(100)
    assert len(posts(mastodon, "invoice")) == 100
    offsets = [asked.param("offset", "0") for asked in mastodon.stand_in.asked]
    assert offsets[:3] == ["0", "40", "80"]


def test_an_instance_that_ignores_since_is_read_no_further_than_the_known_post(mastodon: MastodonFake) -> None:
    mastodon.fill(30)
    statuses = list(reversed(mastodon.statuses))
    mastodon.stand_in.routes["/api/v2/search"] = lambda _: reply({"statuses": statuses})
    newer = [mastodon.id_of(number) for number in (130, 129, 128)]
    assert [post.id for post in posts(mastodon, "invoice", since_id=mastodon.id_of(127))] == newer
    assert len(mastodon.stand_in.asked) == 1


@pytest.mark.parametrize(
    ("identity", "since", "newer"),
    [
        ("100", "99", True),
        ("99", "100", False),
        ("100", "100", False),
        ("01HXAB", "01HXAA", True),
        ("01HXAA", "01HXAB", False),
        ("01HXAA", "112233", True),
        ("5", "", True),
    ],
)
def test_ids_are_compared_as_numbers_or_as_texts_of_one_kind(identity: str, since: str, newer: bool) -> None:
    assert is_newer(identity, since) is newer


def test_who_the_account_is_and_what_it_may_do(mastodon: MastodonFake) -> None:
    identity = account_connector(mastodon).verify()
    assert identity.handle == f"ada@{mastodon.stand_in.url.removeprefix('http://')}"
    assert identity.scopes == ("profile", "read:search")


def test_an_instance_that_does_not_tell_scopes_is_fine(mastodon: MastodonFake) -> None:
    del mastodon.stand_in.routes["/api/v1/apps/verify_credentials"]
    assert account_connector(mastodon).verify().scopes == ()
