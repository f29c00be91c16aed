"""One subject for each registered connector: how the contract gets it posts, and a query that finds them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.base import Connector, connector_for
from connectors.platforms.sample import POSTS_FILE
from signalops_site.core.config.schema import RedditPlatform, XPlatform
from tests.connectors.fakes import BlueskyFake, MastodonFake, account_connector, connector_of
from tests.connectors.fakes_hackernews import HackerNewsFake
from tests.connectors.fakes_reddit import RedditFake
from tests.connectors.fakes_x import XFake
from tests.connectors.standin import StandIn

SAMPLES = len(POSTS_FILE.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True)
class Subject:
    """`fill(n)` posts n posts, where that is possible; `total` is how many are there without it."""

    connector: Connector
    query: str
    fill: Callable[[int], object] | None = None
    total: int = 0

    def filled(self, count: int) -> int:
        """How many posts the query finds after this."""
        if self.fill is None:
            return self.total
        self.fill(count)
        return count


def _mastodon_words(stand_in: StandIn) -> Subject:
    fake = MastodonFake(stand_in)
    return Subject(account_connector(fake), "invoice", fake.fill)


def _mastodon_hashtags(stand_in: StandIn) -> Subject:
    fake = MastodonFake(stand_in)
    return Subject(account_connector(fake, credentials=None), "#freelance", fake.fill)


def _bluesky(stand_in: StandIn) -> Subject:
    fake = BlueskyFake(stand_in)
    return Subject(account_connector(fake), "invoice", fake.fill)


def _hackernews(stand_in: StandIn) -> Subject:
    fake = HackerNewsFake(stand_in)
    return Subject(connector_of(fake), "invoice", fake.fill)


def _reddit(stand_in: StandIn) -> Subject:
    fake = RedditFake(stand_in)
    return Subject(account_connector(fake), "invoice", fake.fill)


def _reddit_communities(stand_in: StandIn) -> Subject:
    fake, options = RedditFake(stand_in), RedditPlatform(communities=["freelance", "r/editors"])
    return Subject(account_connector(fake, options=options), "invoice", fake.fill)


def _x(stand_in: StandIn) -> Subject:
    fake = XFake(stand_in)
    return Subject(account_connector(fake), "invoice OR bill", fake.fill)


def _x_archive(stand_in: StandIn) -> Subject:
    fake = XFake(stand_in)
    fake.largest_page = 40
    options = XPlatform(search_type="all", include_retweets=True)
    return Subject(account_connector(fake, options=options), "invoice", fake.fill)


SUBJECTS: Mapping[str, Callable[[StandIn], Subject]] = {
    "bluesky": _bluesky,
    "file": lambda _stand_in: Subject(connector_for("file"), "anything"),
    "hackernews": _hackernews,
    "linkedin": lambda _stand_in: Subject(connector_for("linkedin"), "anything"),
    "mastodon": _mastodon_hashtags,
    "mastodon, words": _mastodon_words,
    "reddit": _reddit,
    "reddit, communities": _reddit_communities,
    "sample": lambda _stand_in: Subject(connector_for("sample"), "*", total=SAMPLES),
    "x": _x,
    "x, archive": _x_archive,
}
