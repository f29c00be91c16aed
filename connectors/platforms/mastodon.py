"""Mastodon, on any instance (and what speaks its API: GoToSocial, Pleroma, Akkoma and others).

A query that is hashtags (`#invoicing`, `#invoicing OR #freelance`) reads their timelines, which most instances
show to anybody. Any other searches full text, which takes an account with the scope `read:search`, and finds
posts whose authors agreed to be found. An instance knows the posts that reached it, and its own counts of likes
and replies.

Statuses have ids of their instance, and two instances number different posts alike: a post's id names the instance
too (`1122@instance`), as an author's name does, and a post says in `community` where it was read. There is no
verification and no count of views; those stay unknown.

Replies and mentions: `_mastodon_replies`.

Source: https://docs.joinmastodon.org/methods/search/, .../timelines/, .../accounts/, .../apps/ (read 2026-11-23).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field

from ..access import Credentials, Identity, SecretText
from ..base import (
    AccountConnector,
    Availability,
    Capability,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    Follow,
    Followed,
    LookedUp,
    Looking,
    Mentioned,
    Replying,
    SearchQuery,
    SentReply,
    connectors,
)
from ..errors import AccountNeeded, BadAnswer, BadQuery, ConnectorError, Gone, NotThere
from ..http import Answer, PlatformClient
from ..paging import RawPage, walk
from ..reading import (
    as_count,
    as_id,
    as_language,
    as_list,
    as_moment,
    as_object,
    as_text,
    bounded,
    links_in_html,
    objects_in,
    text_of_html,
    web_url,
)
from ..replies import found_among
from ._mastodon_replies import (
    PAGE_SIZE,
    STATUS_ID,
    Mentions,
    follows,
    is_newer,
    next_id,
    own_posts,
    send_reply,
)

HASHTAGS = re.compile(r"#\w+(?:\s+OR\s+#\w+)*")
PUBLIC = frozenset({"public", "unlisted"})
MENTIONS_READ = 800
"""Of the newest mentions at most."""
WINDOW = "api"
"""All requests of an account count in one window: 300 in 5 minutes on an instance with default settings."""


class MastodonCredentials(Credentials):
    access_token: SecretText = Field(
        description="Preferences > Development > New application: scopes profile, read:search, read:statuses; "
        "for replies write:statuses, and for who mentions the account read:notifications",
    )


@connectors.register("mastodon")
class MastodonConnector(AccountConnector, Looking, Mentioned, Followed, Replying):
    platform = "mastodon"
    capabilities = frozenset({Capability.SEARCH, Capability.LOOKUP, Capability.MENTIONS, Capability.REPLY})
    credentials = MastodonCredentials
    account_required = False
    default_base_url = "https://mastodon.social"
    address_option = "instance"
    writing_scopes = frozenset({"write", "write:statuses"})

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        tags = [tag.removeprefix("#") for tag in query.text.split() if tag != "OR"]
        query = replace(query, since_id=self.own_id(query.since_id))
        with self._client() as client:
            if HASHTAGS.fullmatch(query.text.strip()):
                yield from walk(query, _Timeline(self, client, tags, query).page, token_behind=self._max_id)
            elif self.access.credentials is None:
                raise AccountNeeded(
                    "Mastodon searches words only with an account (`manage.py accounts add mastodon`); "
                    "a query of hashtags, such as `#invoicing`, needs none."
                )
            else:
                yield from walk(query, _Search(self, client, query).page)

    def verify(self) -> Identity:
        with self._client() as client:
            account = as_object(self.get(client, "/api/v1/accounts/verify_credentials").body)
            handle = as_id(account.get("acct"))
            if not handle:
                raise BadAnswer("Mastodon's answer does not say whose token this is.")
            self._require_search(client)
            return Identity(self.full_handle(handle), self._scopes(client))

    def mentions(self, since_id: str = "") -> Iterator[FetchedPage]:
        """Public and unlisted posts; letters are not read."""
        query = SearchQuery("", self.own_id(since_id), max_results=MENTIONS_READ)
        self._require_account()
        with self._client() as client:
            yield from walk(query, Mentions(self, client, query).page)

    def follows(self, since_id: str = "") -> Sequence[Follow]:
        self._require_account()
        with self._client() as client:
            return follows(self, client, since_id)

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        self._require_account()
        with self._client() as client:
            sent = send_reply(self, client, self.own_id(post_id), text, key=key)
            return replace(sent, id=self.id_of(sent.id))

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        self._require_account()
        with self._client() as client:
            found = found_among(own_posts(self, client), post_id=self.own_id(post_id), text=text, since=since)
            return found and replace(found, id=self.id_of(found.id))

    def _require_account(self) -> None:
        if self.access.credentials is None:
            raise AccountNeeded("This takes an account on Mastodon: `manage.py accounts add mastodon` adds one.")

    def look_up(self, ids: Sequence[str]) -> dict[str, LookedUp]:
        """One request for each: the instance's own list of several is younger than many instances."""
        with self._client() as client:
            return {identity: self._looked_up(client, identity) for identity in dict.fromkeys(ids)}

    def _looked_up(self, client: PlatformClient, identity: str) -> LookedUp:
        """A 404 says "private or does not exist" (documented so), which is no deletion; a 410 is. What another
        instance has numbered is not asked here.
        """
        own_id = self.own_id(identity)
        if not STATUS_ID.fullmatch(own_id):
            return LookedUp(Availability.UNKNOWN)
        try:
            status = as_object(self.get(client, f"/api/v1/statuses/{own_id}").body)
        except Gone:
            return LookedUp(Availability.GONE)
        except NotThere:
            return LookedUp(Availability.UNKNOWN)
        if status.get("id") != own_id or not is_public(status):
            return LookedUp(Availability.UNKNOWN)
        return LookedUp(Availability.LIVE, self._post(status))

    def _require_search(self, client: PlatformClient) -> None:
        """Refused when the token may not search. An instance without a search is not the token's fault."""
        with suppress(NotThere, BadQuery, BadAnswer):
            self.get(client, "/api/v2/search", q="a", type="statuses", limit=1)

    def _scopes(self, client: PlatformClient) -> tuple[str, ...]:
        """What the token's application may do; instances before 4.3 do not say."""
        try:
            app = as_object(self.get(client, "/api/v1/apps/verify_credentials").body)
        except ConnectorError:
            return ()
        return tuple(scope for scope in map(as_id, as_list(app.get("scopes"))) if scope)

    def get(self, client: PlatformClient, path: str, **params: Any) -> Answer:
        given = {name: value for name, value in params.items() if value not in (None, "")}
        return client.get(path, params=given, headers=self.signature, endpoint=WINDOW)

    @property
    def signature(self) -> Mapping[str, str]:
        """The headers of whoever has the token."""
        credentials = self.access.credentials
        if not isinstance(credentials, MastodonCredentials):
            return {}
        return {"Authorization": f"Bearer {credentials.access_token.get_secret_value()}"}

    def _client(self) -> PlatformClient:
        access = self.access
        return PlatformClient("mastodon", self._base_url(), limits=access.limits, credentials=access.credentials)

    def _base_url(self) -> str:
        return self.access.base_url or self.chosen_address(self.access.options) or self.default_base_url

    def full_handle(self, acct: str) -> str:
        """`ada` of this instance as `ada@example.social`; others carry their instance already."""
        return (acct if "@" in acct else f"{acct}@{self.host}").lower()

    @property
    def home_of_posts(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """The instance's name, also behind a gateway."""
        return urlsplit(self.access.home or self._base_url()).netloc.lower()

    def id_of(self, own_id: Any) -> str:
        """The id of a post that this instance numbers so; empty where that is no id."""
        return as_id(f"{own_id}@{self.host}") if as_id(own_id) else ""

    def own_id(self, identity: str) -> str:
        """How this instance numbers a post; empty for one that another instance numbers. Cursors of former
        versions name no instance: they are a query's own.
        """
        number, _, instance = identity.partition("@")
        return number if instance in ("", self.host) else ""

    def _max_id(self, post: FetchedPost) -> str:
        return self.own_id(post.id)

    def posts_in(self, statuses: Any) -> list[FetchedPost]:
        """The public posts of a list of statuses; BadAnswer when it is no list or nothing in it can be read."""
        if not isinstance(statuses, list):
            raise BadAnswer("Mastodon answered with something else than a list of posts.")
        readable = [status for status in objects_in(statuses) if self.id_of(status.get("id"))]
        if statuses and not readable:
            raise BadAnswer("Mastodon answered with posts that have no id.")
        return [post for status in readable if (post := self._post(status)) is not None]

    def _post(self, status: Mapping[str, Any]) -> FetchedPost | None:
        """A status as a post. None for one that is not public, is a boost, or has no text."""
        text = _text_of(status)
        if not text or status.get("reblog") or not is_public(status):
            return None
        return FetchedPost(
            platform="mastodon",
            id=self.id_of(status.get("id")),
            text=text,
            author=self._author(as_object(status.get("account"))),
            created_at=as_moment(status.get("created_at")),
            language=as_language(status.get("language")),
            url=web_url(status.get("url")) or web_url(status.get("uri")),
            reply_to_id=self.id_of(status.get("in_reply_to_id")),
            community=self.host,
            likes=as_count(status.get("favourites_count")),
            replies=as_count(status.get("replies_count")),
            reposts=as_count(status.get("reblogs_count")),
            hashtags=_names(status.get("tags"), "name"),
            mentions=_names(status.get("mentions"), "acct"),
            urls=links_in_html(as_text(status.get("content"))),
            raw=bounded(dict(status)),
        )

    def _author(self, account: Mapping[str, Any]) -> FetchedAuthor | None:
        acct = as_id(account.get("acct"))
        if not acct:
            return None
        handle = self.full_handle(acct)
        return FetchedAuthor(
            id=handle,
            handle=handle,
            name=as_text(account.get("display_name"))[:300],
            bio=text_of_html(as_text(account.get("note"))),
            followers=as_count(account.get("followers_count")),
            account_created_at=as_moment(account.get("created_at")),
        )


class _Timeline:
    """The timeline of one hashtag, or of several together. Pages go on below the id of the last post."""

    def __init__(
        self, connector: MastodonConnector, client: PlatformClient, tags: list[str], query: SearchQuery
    ) -> None:
        self.connector, self.client, self.tags, self.query = connector, client, tags, query

    def page(self, token: str | None, wanted: int) -> RawPage:
        answer = self.connector.get(
            self.client,
            f"/api/v1/timelines/tag/{quote(self.tags[0], safe='')}",
            limit=min(wanted, PAGE_SIZE),
            max_id=token,
            since_id=self.query.since_id,
            **({"any[]": self.tags[1:]} if self.tags[1:] else {}),
        )
        posts = self.connector.posts_in(answer.body)
        newer = [post for post in posts if is_newer(self.connector.own_id(post.id), self.query.since_id)]
        return RawPage(newer, next_id(answer), is_end=len(newer) < len(posts), entries=ids_in(answer.body))


class _Search:
    """Full-text search. Its pages are counted from the newest post, as its own ids serve only to the second.

    Posts that arrive in between push a page down, so some come twice; none is left out.
    """

    def __init__(self, connector: MastodonConnector, client: PlatformClient, query: SearchQuery) -> None:
        self.connector, self.client, self.query = connector, client, query

    def page(self, token: str | None, wanted: int) -> RawPage:
        offset = int(token) if token and token.isdecimal() else 0
        answer = self.connector.get(
            self.client,
            "/api/v2/search",
            q=self.query.text,
            type="statuses",
            limit=min(wanted, PAGE_SIZE),
            offset=offset or None,
            min_id=self.query.since_id,
        )
        statuses = as_object(answer.body).get("statuses")
        posts = self.connector.posts_in(statuses)
        newer = [post for post in posts if is_newer(self.connector.own_id(post.id), self.query.since_id)]
        following = str(offset + len(as_list(statuses))) if statuses else None
        return RawPage(newer, following, is_end=len(newer) < len(posts), entries=ids_in(statuses))


def ids_in(statuses: Any) -> list[str]:
    return [as_id(status.get("id")) for status in objects_in(statuses)]


def is_public(status: Mapping[str, Any]) -> bool:
    """A search finds one's own letters, too. A server that has no such key shows only what is public."""
    return "visibility" not in status or as_text(status["visibility"]) in PUBLIC


def _text_of(status: Mapping[str, Any]) -> str:
    """The warning that stands before a post, if there is one, and the post."""
    parts = [as_text(status.get("spoiler_text")).strip(), text_of_html(as_text(status.get("content")))]
    return "\n\n".join(part for part in parts if part)


def _names(value: Any, key: str) -> tuple[str, ...]:
    return tuple(name for item in objects_in(value) if (name := as_text(item.get(key))[:200]))
