"""What a platform is to SignalOps: a connector that turns its posts into plain dataclasses.

One file in `platforms/` is one connector. It knows no lead, no project and no database: it is asked
for the posts of a query that are newer than an id, and answers in pages, newest first. What it needs for
that (an address, credentials, shared counts of requests) it is handed as an `Access`; making a connector
asks the platform nothing.

A fact that a platform does not give is None, meaning unknown, never 0 or "".
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel

from signalops_site.core.registry import Registry

from .access import Access, Credentials, Identity, Window
from .addresses import web_address
from .errors import ConnectorError
from .oauth import OAuthProvider
from .rules import PlatformPolicy, ReadPrice

__all__ = [
    "AccountConnector",
    "Availability",
    "Capability",
    "Connector",
    "ConnectorError",
    "FetchedAuthor",
    "FetchedPage",
    "FetchedPost",
    "Follow",
    "Followed",
    "LookedUp",
    "Looking",
    "Mentioned",
    "PostStream",
    "Replying",
    "RuleChanges",
    "SearchQuery",
    "SentReply",
    "Simulated",
    "Streaming",
    "connector_for",
    "connectors",
]


class Capability(StrEnum):
    SEARCH = "search"
    """Posts can be searched by query; `runpipeline` collects from it."""
    IMPORT = "import"
    """Posts come from a file that a person has; `importposts` reads it."""
    LOOKUP = "lookup"
    """Known posts can be asked for again, by id: are they still there, and how do their numbers stand?"""
    MENTIONS = "mentions"
    """The platform tells which posts mention the account."""
    STREAM = "stream"
    """The platform sends posts as they appear; `streamposts` follows it."""
    REPLY = "reply"
    """Posts can be answered by the platform's API."""


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
    """Posts, newest first, and the token of the next (older) page, or None at the end.

    `newest_id` is what a later walk reads on from, where that is not the id of the first post: a repost is given
    as the older post that it reposts. `read` is how many entries the platform's answer had, where that is more
    than the posts in it: some were there before, not wanted, or nothing to read. A page may have no posts at all.
    """

    posts: tuple[FetchedPost, ...]
    next_token: str | None = None
    newest_id: str = ""
    read: int = field(default=0, compare=False)

    @property
    def posts_read(self) -> int:
        """How many posts its account has read for it."""
        return max(self.read, len(self.posts))


class Availability(StrEnum):
    LIVE = "live"
    GONE = "gone"
    """The platform says so: deleted, never to come back. To be left out of an answer is no such word."""
    UNKNOWN = "unknown"
    """Hidden, suspended, withheld, or the platform does not say: it may be back tomorrow."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What became of a known post. One that is live may have nothing left to read: its `post` is None, too."""

    availability: Availability
    post: FetchedPost | None = None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. `since_id`: only newer posts than that one; `page_token`: go on from there.

    A page that is cut at `max_results` still has a token, with which the walk goes on behind its last post.
    """

    text: str
    since_id: str = ""
    page_token: str | None = None
    max_results: int = 100


class Connector(ABC):
    """A platform with the capabilities that it really has."""

    platform: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    default_base_url: ClassVar[str] = ""
    """Where the platform's API is; empty for a connector that asks nobody."""
    windows: ClassVar[Mapping[str, Window]] = {}
    """What the platform allows by its documentation, by endpoint: what counts until its answers say better."""
    policy: ClassVar[PlatformPolicy | None] = None
    """What the platform allows, where `policies.POLICIES` does not say it. None: nothing is sent there."""
    price: ClassVar[ReadPrice | None] = None
    """What a post costs to read, where `prices.PRICES` does not say it. None: nothing, or nobody knows."""

    def __init__(self, access: Access | None = None) -> None:
        self.access = access or Access()

    @classmethod
    def query_problem(cls, _text: str, _options: BaseModel | None, /) -> str:
        """Why the platform would not take a query's text, where that is known without asking; else empty.

        The options are the platform's section of project.yaml.
        """
        return ""

    @abstractmethod
    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        """Pages of posts, newest first. ConnectorError when the platform refuses or cannot search."""


class Looking(ABC):
    """What a connector with the capability LOOKUP can do."""

    looked_up_at_once: ClassVar[int] = 100
    """How many posts are best asked for in one `look_up`: some seconds' worth of requests."""

    @property
    def home_of_posts(self) -> str:
        """The `community` whose posts alone it can ask for, as an instance numbers its own; empty: all posts."""
        return ""

    @abstractmethod
    def look_up(self, ids: Sequence[str]) -> Mapping[str, LookedUp]:
        """Every one of these ids, with what the platform says of it now. Any number; asks as often as it must."""


class Mentioned(ABC):
    """What a connector with the capability MENTIONS can do."""

    @abstractmethod
    def mentions(self, since_id: str = "") -> Iterator[FetchedPage]:
        """Posts that mention the account, newest first, newer than that one; where the platform tells of them in
        the same list, posts that answer or quote the account's as well. AccountNeeded without a person's.
        """


@dataclass(frozen=True, slots=True)
class Follow:
    """That somebody follows the account now. `id` is that of the notification."""

    id: str
    author_id: str
    at: datetime | None = None


class Followed(ABC):
    """What a connector can do whose platform tells an account who has begun to follow it."""

    @abstractmethod
    def follows(self, since_id: str = "") -> Sequence[Follow]:
        """The latest, newest first, newer than that one: one page's worth. AccountNeeded without a person's."""


class Simulated(ABC):
    """What a connector can do whose replies go nowhere: what comes of them is made up on this machine."""

    @abstractmethod
    def reactions(self, reply_ids: Sequence[str]) -> Mapping[str, LookedUp]:
        """How each reply stands now, as `look_up` would tell it."""

    @abstractmethod
    def answers(self, since_id: str = "") -> Iterator[FetchedPage]:
        """Posts that answer our replies, newest first, newer than that one."""


@dataclass(frozen=True, slots=True)
class SentReply:
    """What the platform calls our reply, and where people read it."""

    id: str
    url: str = ""


class Replying(ABC):
    """What a connector with the capability REPLY can do."""

    writing_scopes: ClassVar[frozenset[str]] = frozenset()
    """Of these an account needs one to write, where its platform says what it may; empty: every account may."""

    @abstractmethod
    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """Answer a post, with one request that writes and no second try.

        NotSure when the reply may be there; after any other ConnectorError it is not. `key` (a UUID) goes to
        platforms that take one, so that the same reply does not come twice.
        """

    @abstractmethod
    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        """The account's reply to that post, written after `since`. None: it is surely not there. NotSure, or
        another ConnectorError, when the platform cannot say.
        """


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What was done so that an account follows a project's rules."""

    added: int
    removed: int
    kept: int


class PostStream(ABC):
    """Posts as they appear, by the rules that it was opened with."""

    changes: RuleChanges

    @abstractmethod
    def posts(self, *, backfill_minutes: int) -> Iterator[FetchedPage]:
        """What one connection brings, as it comes; a page for which nothing was read is a sign of life.

        Ends, or raises NoAnswer, when it is cut. `backfill_minutes` of what was missed come first; BadQuery from a
        platform that does not give that to this account.
        """

    @abstractmethod
    def hang_up(self) -> None:
        """End `posts`, from a signal or another thread."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what it holds. Nothing is asked after that."""


class Streaming(ABC):
    """What a connector with the capability STREAM can do."""

    @abstractmethod
    def open_stream(self, rules: Sequence[str], *, tag: str) -> PostStream:
        """Make these the rules that the account follows under that tag; others' rules stay. Asks the platform."""


class AccountConnector(Connector):
    """A platform at which one can have an account.

    `credentials` says what it consists of. `account_required` is False where some queries work without one.
    """

    credentials: ClassVar[type[Credentials]]
    account_required: ClassVar[bool] = True
    address_option: ClassVar[str] = ""
    """The key of the platform's section of project.yaml that names an address, if it has one."""
    oauth: ClassVar[OAuthProvider | None] = None
    """Where a person agrees to what an account is for, if that is how it is connected. The credentials then have a
    `client_id`, and a `client_secret` that may be left out.
    """

    @property
    def own_headers(self) -> Mapping[str, str]:
        """What the platform wants to hear with every request, such as whose application asks."""
        return {}

    @abstractmethod
    def verify(self) -> Identity:
        """Ask the platform who the account is. Refused when it does not take the credentials."""

    @classmethod
    def address(cls, chosen: str) -> str:
        """The base URL that an account of somebody's choice has; BadAddress when it cannot be one."""
        return web_address(chosen) if chosen else cls.default_base_url

    @classmethod
    def chosen_address(cls, options: BaseModel | None) -> str:
        """The base URL that a project asks for in project.yaml; empty: that of its account."""
        chosen = getattr(options, cls.address_option, None) if cls.address_option else None
        return cls.address(chosen) if chosen else ""


connectors: Registry[type[Connector]] = Registry(
    "connector", package="connectors.platforms", entry_point_group="signalops.connectors"
)
"""Every connector by the name of its platform."""


def connector_for(platform: str, access: Access | None = None) -> Connector:
    """A connector of that platform; KeyError names the ones there are."""
    return connectors.get(platform)(access)
