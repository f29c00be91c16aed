"""What a platform does not say is unknown, not zero and not empty words of ours."""

from connectors.base import FetchedAuthor, FetchedPost, SearchQuery
from tests.connectors.fakes import BlueskyFake, MastodonFake, WebFake, connector_of
from tests.connectors.standin import reply


def only_post(fake: WebFake) -> FetchedPost:
    pages = connector_of(fake).search(SearchQuery(fake.query))
    (post,) = (post for page in pages for post in page.posts)
    return post


def test_of_a_bare_post_only_its_text_is_known(fake: WebFake) -> None:
    fake.stand_in.routes[fake.searched] = lambda _: reply(fake.page_of([fake.bare()]))
    post = only_post(fake)
    assert post.text == "An invoice"
    assert (post.author, post.created_at, post.language) == (None, None, None)
    assert (post.likes, post.replies, post.reposts, post.views) == (None, None, None, None)
    assert (post.hashtags, post.mentions, post.urls) == ((), (), ())


def test_mastodon_says_nothing_of_verification_and_views(mastodon: MastodonFake) -> None:
    mastodon.fill(1)
    post = only_post(mastodon)
    assert post.author is not None
    assert (post.author.verified, post.views) == (None, None)
    assert (post.author.followers, post.likes, post.replies, post.reposts) == (120, 1, 1, 2)


def test_hidden_numbers_are_unknown(mastodon: MastodonFake) -> None:
    account = {"acct": "ada", "followers_count": -1}
    mastodon.use(
        mastodon.with_changes(1, account=account, favourites_count=-1, replies_count="3", reblogs_count=True)
    )
    post = only_post(mastodon)
    assert post.author == FetchedAuthor(id=f"ada@{host(mastodon)}", handle=f"ada@{host(mastodon)}")
    assert (post.likes, post.replies, post.reposts) == (None, None, None)


def test_a_bluesky_author_whose_profile_is_not_told_is_known_by_name_only(bluesky: BlueskyFake) -> None:
    bluesky.fill(1)
    bluesky.stand_in.routes["/xrpc/app.bsky.actor.getProfiles"] = lambda _: reply({"profiles": "none"})
    post = only_post(bluesky)
    assert post.author == FetchedAuthor(id="did:plc:ada", handle="ada.example", name="Ada")


def test_a_bluesky_author_has_the_facts_of_the_profile(bluesky: BlueskyFake) -> None:
    bluesky.fill(1)
    author = only_post(bluesky).author
    assert author is not None
    assert (author.followers, author.verified, author.bio) == (120, True, "Freelance editor")
    assert author.account_created_at is not None


def host(fake: WebFake) -> str:
    return fake.stand_in.url.removeprefix("http://")
