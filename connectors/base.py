"""What a platform is to SignalOps: a connector that turns its posts into plain dataclasses.

One file in `platforms/` is one connector. It knows no lead, no project and no database: it is asked
for the posts of a query that are newer than an id, and answers in pages, newest first.

A fact that a platform does not give is None, meaning unknown, never 0 or "".
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from signalops_site.core.errors import Unavailable
from signalops_site.core.registry import Registry


class Capability(StrEnum):
    SEARCH = "search"
    """Posts can be searched by query; `runpipeline` collects from it."""
    IMPORT = "import"
    """Posts come from a file that a person has; `importposts` reads it."""


class ConnectorError(Unavailable):
    """A platform refused or did not answer. `retry_after` is in seconds, when the platform said it."""

    title = "The platform did not answer as it should"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class FetchedAuthor:
    id: str
    handle: str = ""
    name: str = ""
    bio: str = ""
    followers: int | None = None
    verified: bool | None = None
    account_created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FetchedPost:
    """One post as its platform shows it. `id` is the platform's own; times are UTC; `raw` is the payload."""

    platform: str
    id: str
    text: str
    author: FetchedAuthor | None = None
    created_at: datetime | None = None
    language: str | None = None
    url: str = ""
    conversation_id: str = ""
    reply_to_id: str = ""
    community: str = ""
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """Posts, newest first, and the token of the next (older) page, or None at the end."""

    posts: tuple[FetchedPost, ...]
    next_token: str | None = None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. `since_id`: only newer posts than that one; `page_token`: go on from there."""

    text: str
    since_id: str = ""
    page_token: str | None = None
    max_results: int = 100


class Connector(ABC):
    """A platform with the capabilities that it really has."""

    platform: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]

    @abstractmethod
    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        """Pages of posts, newest first. ConnectorError when the platform refuses or cannot search."""


connectors: Registry[type[Connector]] = Registry(
    "connector", package="connectors.platforms", entry_point_group="signalops.connectors"
)
"""Every connector by the name of its platform."""


def connector_for(platform: str) -> Connector:
    """A connector of that platform; KeyError names the ones there are."""
    return connectors.get(platform)()
