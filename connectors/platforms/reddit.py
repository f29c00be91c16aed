"""Reddit, as an app that Reddit has approved: its search, and how posts stand by their ids.

The app signs in for itself, for no person (OAuth 2, client credentials). Its token holds for a day and is kept
between searches. A person may connect the account as well (authorisation code): from then on they are who asks,
and they can reply (`_reddit_replies`). Reddit wants to know whose app asks: every request names the person who
answers for it.

A search reads submissions, newest first, in all communities or in those that the project names. Reddit shows the
newest 1,000 of them at most, of a search often fewer; there a walk ends. Posts that were deleted or removed are
posts no longer, and neither are those of accounts that are gone. Of an author only the name is told; Reddit gives
no name twice.

Source: https://www.reddit.com/dev/api, https://github.com/reddit-archive/reddit/wiki/OAuth2 and
https://support.reddithelp.com/hc/en-us/articles/16160319875092-Reddit-Data-API-Wiki (read 2026-11-23).
"""

import base64
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from pydantic import Field

from signalops_site.core.config.schema import RedditPlatform

from ..access import Credentials, Identity, SecretText, SessionStore, Window
from ..addresses import BadAddress, web_address
from ..base import (
    AccountConnector,
    Availability,
    Capability,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    LookedUp,
    Looking,
    Replying,
    SearchQuery,
    SentReply,
    connectors,
)
from ..errors import AccountNeeded, BadAnswer, BadQuery, Refused
from ..http import Answer, PlatformClient
from ..oauth import HOW_TO_CONNECT, OAuthProvider, OAuthSession
from ..paging import RawPage, walk
from ..reading import (
    as_count,
    as_epoch,
    as_id,
    as_object,
    as_text,
    bounded,
    links_in_html,
    objects_in,
    web_url,
)
from ..replies import found_among, published
from ._reddit_replies import FULLNAME, own_comments, send_reply

PAGE_SIZE = 100
LOOKED_UP_AT_ONCE = 100
WINDOW = "api"
"""All requests of an app count together: 100 a minute, taken over ten minutes. Answers say how many are left."""
SIGN_IN_URL = "https://www.reddit.com/api/v1/access_token"
TO_WRITE = "submit"
REDDIT_OAUTH = OAuthProvider(
    "https://www.reddit.com/api/v1/authorize",
    SIGN_IN_URL,
    ("identity", "read", "history", TO_WRITE),
    extra={"duration": "permanent"},
)
LONGEST_TOKEN = 86_400
"""Seconds. Reddit says how long a token holds; nothing that it says makes it hold longer than this."""
BEFORE_THE_END = 60
"""Seconds before its end at which a token is not used any more."""
COMMUNITY = re.compile(r"(?:/?r/)?(\w{2,24})/?", re.ASCII)
CLOSED = frozenset({"private", "quarantined", "gold_only", "banned"})
"""Why a community is not shown: the query's trouble, not the account's."""
NOBODY = "[deleted]"
DELETED = frozenset({"[deleted]", "[deleted by user]"})
REMOVED = frozenset({"[removed]", "[ Removed by Reddit ]"})
DELETED_BY = frozenset({"deleted", "author"})
"""How `removed_by_category` names the author. Others (moderator, automod_filtered, reddit) may take it back."""


class RedditCredentials(Credentials):
    client_id: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[!-9;-~]+$",
        description="reddit.com/prefs/apps: the letters below the app's name and kind",
    )
    client_secret: SecretText = Field(description="reddit.com/prefs/apps: the app's secret")
    username: str = Field(
        pattern=r"^[A-Za-z0-9_-]{3,20}$",
        description="the Reddit account that answers for the app, without u/; every request names it",
    )


@connectors.register("reddit")
class RedditConnector(AccountConnector, Looking, Replying):
    platform = "reddit"
    capabilities = frozenset({Capability.SEARCH, Capability.LOOKUP, Capability.REPLY})
    credentials = RedditCredentials
    default_base_url = "https://oauth.reddit.com"
    windows: ClassVar[Mapping[str, Window]] = {WINDOW: Window(1000, 600)}
    oauth = REDDIT_OAUTH
    writing_scopes = frozenset({TO_WRITE})

    @classmethod
    def address(cls, chosen: str) -> str:
        """There is one Reddit: an app's secret goes nowhere else."""
        if chosen and web_address(chosen) != cls.default_base_url:
            raise BadAddress(f"Reddit is at {cls.default_base_url} only.")
        return cls.default_base_url

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        app, communities = self._app(), self._communities()
        with self._client() as client:
            results = _Results(self._session(client, app), query, communities)
            yield from walk(query, results.page, token_behind=lambda post: post.id)

    def look_up(self, ids: Sequence[str]) -> Mapping[str, LookedUp]:
        app, asked = self._app(), [identity for identity in dict.fromkeys(ids) if FULLNAME.fullmatch(identity)]
        found: dict[str, LookedUp] = {}
        with self._client() as client:
            session = self._session(client, app)
            for start in range(0, len(asked), LOOKED_UP_AT_ONCE):
                answer = session.get("/api/info", id=",".join(asked[start : start + LOOKED_UP_AT_ONCE]))
                found |= {as_id(thing.get("name")): _looked_up(thing) for thing in _things(answer.body)}
        return {identity: found.get(identity, LookedUp(Availability.UNKNOWN)) for identity in ids}

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """As the person who connected the account. Reddit takes no key."""
        with self._client() as client:
            return send_reply(self._person(client), post_id, text, page_of=_url_of)

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        with self._client() as client:
            pages = own_comments(self._person(client), things_in=_things, page_of=_url_of)
            return found_among(pages, post_id=post_id, text=text, since=since)

    def verify(self) -> Identity:
        """The app asks for a new token, and then for one post: the one may be granted without the other. A person
        who has connected the account says who they are.
        """
        app = self._app()
        with self._client() as client:
            if self._consent.is_connected:
                return Identity(_username(self._person(client).get("/api/v1/me").body))
            session = self._app_session(client, app)
            scopes = session.sign_in()
            session.get("/search", q="a", limit=1)
        return Identity(app.username, scopes)

    def _app(self) -> RedditCredentials:
        if not isinstance(self.access.credentials, RedditCredentials):
            raise AccountNeeded("Reddit is read by an approved app: `manage.py accounts add reddit` adds one.")
        return self.access.credentials

    def _communities(self) -> list[str]:
        """The project's communities by their bare names; BadQuery names one that cannot be one."""
        options = self.access.options
        named = options.communities if isinstance(options, RedditPlatform) else []
        found = [(name, COMMUNITY.fullmatch(name)) for name in named]
        if wrong := [name for name, match in found if match is None]:
            raise BadQuery(
                f"{wrong[0][:40]!r} is no community: platforms.reddit.communities are such as r/freelance."
            )
        return [match.group(1) for _, match in found if match]

    @property
    def own_headers(self) -> Mapping[str, str]:
        version = settings.SPECTACULAR_SETTINGS["VERSION"]
        return {"User-Agent": f"server:signalops:v{version} (by /u/{self._app().username})"}

    @property
    def _consent(self) -> OAuthSession:
        return OAuthSession(self.platform, REDDIT_OAUTH, self.access, headers=self.own_headers)

    def _person(self, client: PlatformClient) -> "PersonSession":
        consent = self._consent
        if not consent.is_connected:
            raise AccountNeeded(f"Only a person can reply on Reddit, not the app itself: {HOW_TO_CONNECT}.")
        if consent.scopes and TO_WRITE not in consent.scopes:
            told = "Whoever connected the account at Reddit did not agree to posting"
            raise AccountNeeded(f"{told}. To do so, {HOW_TO_CONNECT}.")
        return PersonSession(client, consent)

    def _session(self, client: PlatformClient, app: RedditCredentials) -> "Asking":
        """The person's who connected the account, else the app's own."""
        consent = self._consent
        return PersonSession(client, consent) if consent.is_connected else self._app_session(client, app)

    def _app_session(self, client: PlatformClient, app: RedditCredentials) -> "AppSession":
        elsewhere = self.access.base_url not in ("", self.default_base_url)
        sign_in_url = f"{self.access.base_url}/api/v1/access_token" if elsewhere else SIGN_IN_URL
        return AppSession(client, app, self.access.session, sign_in_url, headers=self.own_headers)

    def _client(self) -> PlatformClient:
        access = self.access
        base_url = access.base_url or self.default_base_url
        return PlatformClient("reddit", base_url, limits=access.limits, credentials=access.credentials)


class Asking(ABC):
    """Requests to Reddit's API, by whoever signs them."""

    client: PlatformClient

    @abstractmethod
    def get(self, path: str, **params: Any) -> Answer: ...

    def _get(self, path: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        given = {name: value for name, value in params.items() if value not in (None, "")} | {"raw_json": 1}
        try:
            return self.client.get(path, params=given, headers=headers, endpoint=WINDOW)
        except Refused as error:
            if error.code in CLOSED:
                raise BadQuery(f"Reddit does not show this community: it is {error.code}.") from error
            raise


class PersonSession(Asking):
    """Requests as the person who connected the account."""

    def __init__(self, client: PlatformClient, consent: OAuthSession) -> None:
        self.client, self.consent = client, consent

    def get(self, path: str, **params: Any) -> Answer:
        return self.consent.asked(self.client, lambda headers: self._get(path, params, headers))

    def publish(self, path: str, form: Mapping[str, str]) -> Answer:
        """What `published` answers."""

        def post(headers: Mapping[str, str]) -> Answer:
            return published(self.client, path, form=form, headers=headers, endpoint=f"POST {path}")

        return self.consent.published(self.client, post)


class AppSession(Asking):
    """Requests as an app that has signed in. Does so when there is no token, or none that holds."""

    def __init__(
        self,
        client: PlatformClient,
        app: RedditCredentials,
        store: SessionStore,
        sign_in_url: str,
        *,
        headers: Mapping[str, str],
    ) -> None:
        self.client, self.app, self.store, self.sign_in_url = client, app, store, sign_in_url
        self._agent = headers

    def get(self, path: str, **params: Any) -> Answer:
        if not self._token():
            self.sign_in()
        used = self._token()
        try:
            return self._get(path, params, self._signature())
        except Refused:
            if self._token() == used:  # else another process has a new one meanwhile
                self.sign_in()
            return self._get(path, params, self._signature())

    def sign_in(self) -> tuple[str, ...]:
        """Get a new token; what it is for."""
        self._stored()  # an answer may repeat the last one, too
        pair = f"{self.app.client_id}:{self.app.client_secret.get_secret_value()}"
        answer = self.client.post(
            self.sign_in_url,
            form={"grant_type": "client_credentials"},
            headers={**self._agent, "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
            endpoint="access_token",
            issues=("access_token",),
        )
        self._keep(answer)
        return tuple(filter(None, map(as_id, as_text(as_object(answer.body).get("scope")).split())))

    def _keep(self, answer: Answer) -> None:
        token = answer.issued["access_token"]
        if not token.isascii() or not token.isprintable() or not token:
            raise BadAnswer("Reddit signed the app in without giving it a token.")
        told = as_count(as_object(answer.body).get("expires_in"))
        seconds = LONGEST_TOKEN if told is None else min(told, LONGEST_TOKEN)
        self.store.save({"access": token, "until": int(time.time()) + max(seconds, 2 * BEFORE_THE_END)})

    def _token(self) -> str:
        """The kept token, as long as it holds."""
        session = self._stored()
        holds = (as_count(session.get("until")) or 0) - BEFORE_THE_END > time.time()
        return as_text(session.get("access")) if holds else ""

    def _stored(self) -> Mapping[str, Any]:
        """The kept session. Its token is a secret, whoever got it."""
        session = self.store.load()
        self.client.mask.hide(as_text(session.get("access")))
        return session

    def _signature(self) -> Mapping[str, str]:
        return {**self._agent, "Authorization": f"Bearer {self._token()}"}


class _Results:
    """The pages of one search."""

    def __init__(self, session: Asking, query: SearchQuery, communities: Sequence[str]) -> None:
        self.session, self.query = session, query
        self.path = f"/r/{'+'.join(communities)}/search" if communities else "/search"
        self.within = "true" if communities else None

    def page(self, token: str | None, wanted: int) -> RawPage:
        answer = self.session.get(
            self.path,
            q=self.query.text,
            sort="new",
            type="link",
            limit=min(wanted, PAGE_SIZE),
            after=token,
            restrict_sr=self.within,
        )
        things, since = _things(answer.body), self.query.since_id
        newer = [thing for thing in things if is_newer(as_id(thing.get("name")), since)]
        posts = [post for thing in newer if (post := _post(thing)) is not None]
        is_known = bool(things) and not is_newer(as_id(things[-1].get("name")), since)
        following = as_id(as_object(as_object(answer.body).get("data")).get("after"))
        return RawPage(
            posts, following or None, is_end=is_known, entries=[as_id(thing.get("name")) for thing in things]
        )


def is_newer(identity: str, since_id: str) -> bool:
    """Whether a submission is later than another: its number is larger. What is no number says nothing."""
    if not FULLNAME.fullmatch(since_id):
        return True
    return int(identity[3:], 36) > int(since_id[3:], 36)


def _username(told: Any) -> str:
    name = as_id(as_object(told).get("name"))
    if not name:
        raise BadAnswer("Reddit's answer does not say whose token this is.")
    return name


def _things(listing: Any) -> list[Mapping[str, Any]]:
    """The readable things of a listing; BadAnswer when it is none, or nothing in it has a name."""
    children = as_object(as_object(listing).get("data")).get("children")
    if not isinstance(children, list):
        raise BadAnswer("Reddit answered with something else than a list of posts.")
    things = [as_object(child.get("data")) for child in objects_in(children)]
    readable = [thing for thing in things if FULLNAME.fullmatch(as_id(thing.get("name")))]
    if children and not readable:
        raise BadAnswer("Reddit answered with posts that have no name.")
    return readable


def _looked_up(thing: Mapping[str, Any]) -> LookedUp:
    if is_deleted(thing):
        return LookedUp(Availability.GONE)
    post = _post(thing)
    return LookedUp(Availability.UNKNOWN if post is None else Availability.LIVE, post)


def is_deleted(thing: Mapping[str, Any]) -> bool:
    """Whether its author deleted it, or their account. Of what somebody else removed, Reddit may hide the author,
    too.
    """
    if as_text(thing.get("removed_by_category")) in DELETED_BY or _texts(thing) & DELETED:
        return True
    return as_text(thing.get("author")) == NOBODY and not is_removed(thing)


def is_removed(thing: Mapping[str, Any]) -> bool:
    """Whether moderators, their programs or Reddit have taken it out of sight: it may come back."""
    return bool(_texts(thing) & REMOVED or as_text(thing.get("removed_by_category")))


def _texts(thing: Mapping[str, Any]) -> set[str]:
    return {as_text(thing.get(key)).strip() for key in ("title", "selftext", "body")}


def _post(thing: Mapping[str, Any]) -> FetchedPost | None:
    """A submission or a comment as a post; None when it was deleted or removed, or has no text."""
    parts = [as_text(thing.get(key)).strip() for key in ("title", "selftext", "body")]
    text = "\n\n".join(part for part in parts if part)
    if not text or is_deleted(thing) or is_removed(thing):
        return None
    author = as_id(thing.get("author"))
    return FetchedPost(
        platform="reddit",
        id=as_id(thing.get("name")),
        text=text,
        author=FetchedAuthor(id=author, handle=author) if author else None,
        created_at=as_epoch(thing.get("created_utc")),
        url=_url_of(thing),
        conversation_id=as_id(thing.get("link_id")) or as_id(thing.get("name")),
        reply_to_id=as_id(thing.get("parent_id")),
        community=as_id(thing.get("subreddit")),
        likes=None if thing.get("hide_score") or thing.get("score_hidden") else as_count(thing.get("score")),
        replies=as_count(thing.get("num_comments")),
        reposts=as_count(thing.get("num_crossposts")),
        urls=_links(thing),
        raw=bounded(dict(thing)),
    )


def _url_of(thing: Mapping[str, Any]) -> str:
    path = as_text(thing.get("permalink")).partition("?")[0]
    return web_url(f"https://www.reddit.com{path}") if path.startswith("/") else ""


def _links(thing: Mapping[str, Any]) -> tuple[str, ...]:
    """What a link submission links to, and what the text does. A text submission's own `url` is its page."""
    subject = "" if thing.get("is_self") is True else web_url(thing.get("url"))
    texts = (as_text(thing.get("selftext_html")), as_text(thing.get("body_html")))
    links = [subject, *(link for markup in texts for link in links_in_html(markup))]
    return tuple(dict.fromkeys(link for link in links if link))
