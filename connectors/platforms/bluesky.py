"""Bluesky: full-text search over the AT protocol's documented JSON, signed in with an app password.

Searching takes a session. It is kept between searches and renewed, as an account may only be signed in some
hundred times a day. Posts do not carry their authors' numbers, so profiles are asked for, 25 at a time; where the
platform knows none, those facts are unknown, and the posts are kept.

A post's time is the earlier of when its author's app says it was written and when the network first saw it, which
is what search sorts by. It searches by time, not by id: the time of `since_id` is looked up, or read from the id.

Mentions are the notifications that a post of somebody's names the account, answers it or quotes it. Replies:
`_bluesky_replies`.

Source: https://docs.bsky.app/docs/api/app-bsky-feed-search-posts and the lexicons app.bsky.* and
com.atproto.server.*; limits from https://docs.bsky.app/docs/advanced-guides/rate-limits (read 2026-11-23).
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from ..access import Credentials, Identity, SecretText, SessionStore
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
from ..errors import AccountNeeded, BadAnswer, BadQuery, NoAnswer, NotSent, NotThere, Refused
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
    objects_in,
    web_url,
)
from ..replies import found_among, published
from ._bluesky_replies import FACET, PAGE_SIZE, POST_URI, moment_of_tid, own_posts, page_of, send_reply

PROFILES_AT_ONCE = 25
POSTS_AT_ONCE = 25
WINDOW = "xrpc"
"""All requests count in one window: 3,000 in 5 minutes."""
STALE_TOKEN = frozenset({"ExpiredToken", "InvalidToken"})
"""What a 400 is called when not the request but its session is at fault."""
TOKENS = ("accessJwt", "refreshJwt")
"""Where a session's secrets stand in the answer that opens it."""
NO_RECORD = "RecordNotFound"
"""What a server calls it that an account's own records hold no such post."""
OUT_OF_USE = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated"})
"""What a server calls an account that may not act."""
MENTIONS_READ = 800
"""Of the newest mentions at most."""
REASONS = ("mention", "reply", "quote")
"""Notifications that tell of a post."""
FOLLOWS_READ = 100
SEEN_LATER = timedelta(hours=1)
"""How much later than its author's clock says a post may reach the network, and still be told in its place."""


class BlueskyCredentials(Credentials):
    handle: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[!-~]+$",
        description="such as name.bsky.social, without the @",
    )
    app_password: SecretText = Field(
        description="Settings > Privacy and security > App passwords; never the account's own password",
    )


@connectors.register("bluesky")
class BlueskyConnector(AccountConnector, Looking, Mentioned, Followed, Replying):
    platform = "bluesky"
    capabilities = frozenset({Capability.SEARCH, Capability.LOOKUP, Capability.MENTIONS, Capability.REPLY})
    credentials = BlueskyCredentials
    default_base_url = "https://bsky.social"
    looked_up_at_once = POSTS_AT_ONCE  # each that is not told takes a request more

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        with self._session() as session:
            yield from walk(query, _Results(session, query).page)

    def mentions(self, since_id: str = "") -> Iterator[FetchedPage]:
        query = SearchQuery("", since_id, max_results=MENTIONS_READ)
        with self._session() as session:
            yield from walk(query, _Mentions(session, query).page)

    def follows(self, since_id: str = "") -> Sequence[Follow]:
        with self._session() as session:
            return _follows(session, since_id)

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """The platform takes no key."""
        with self._session() as session:
            return send_reply(session, post_id, text)

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        with self._session() as session:
            return found_among(own_posts(session), post_id=post_id, text=text, since=since)

    def verify(self) -> Identity:
        """Signs in anew: a session that is still good would say nothing of the password."""
        with self._session() as session:
            return session.sign_in()

    def look_up(self, ids: Sequence[str]) -> dict[str, LookedUp]:
        """`getPosts` leaves out what is deleted, and what is blocked, hidden or at rest as well. So what it leaves
        out is gone only if its author's records say so, too. Authors come without their numbers.
        """
        found = dict.fromkeys(ids, LookedUp(Availability.UNKNOWN))
        known = [uri for uri in found if POST_URI.fullmatch(uri)]
        with self._session() as session:
            for start in range(0, len(known), POSTS_AT_ONCE):
                found |= _looked_up(session, known[start : start + POSTS_AT_ONCE])
        return found

    @contextmanager
    def _session(self) -> Iterator["Session"]:
        with self._client() as client:
            yield Session(client, self._account(), self.access.session)

    def _account(self) -> BlueskyCredentials:
        if not isinstance(self.access.credentials, BlueskyCredentials):
            raise AccountNeeded("Bluesky is searched with an account: `manage.py accounts add bluesky` adds one.")
        return self.access.credentials

    def _client(self) -> PlatformClient:
        access = self.access
        base_url = access.base_url or self.default_base_url
        return PlatformClient("bluesky", base_url, limits=access.limits, credentials=access.credentials)


class Session:
    """Requests as a signed-in account. Signs in, or renews the kept session, when it has to."""

    def __init__(self, client: PlatformClient, account: BlueskyCredentials, store: SessionStore) -> None:
        self.client, self.account, self.store = client, account, store

    def get(self, method: str, **params: Any) -> Answer:
        if not self._token():
            self.sign_in()
        used = self._token()
        try:
            return self._get(method, params)
        except (Refused, BadQuery) as error:
            if isinstance(error, BadQuery) and error.code not in STALE_TOKEN:
                raise
        if self._token() == used:  # else another process has renewed it meanwhile
            self._renew()
        return self._get(method, params)

    def publish(self, method: str, content: Mapping[str, Any]) -> Answer:
        """What `published` answers. A session that has just run out is renewed for the next time: NoAnswer."""
        used = self._token()
        headers = {"Authorization": f"Bearer {used}"}
        try:
            return published(self.client, f"/xrpc/{method}", content=content, headers=headers, endpoint=method)
        except (Refused, NotSent) as error:
            if error.code in OUT_OF_USE:
                raise Refused(error.detail, code=error.code, answered=error.answered) from error
            if error.code not in STALE_TOKEN:
                raise
        if self._token() == used:  # else another process has renewed it meanwhile
            self._renew()
        raise NoAnswer("Bluesky's session ran out just before the reply. It is renewed, and nothing was posted.")

    def sign_in(self) -> Identity:
        self._stored()  # an answer may repeat the last session, too
        content = {
            "identifier": self.account.handle,
            "password": self.account.app_password.get_secret_value(),
        }
        answer = self.client.post(
            "/xrpc/com.atproto.server.createSession", content=content, endpoint="createSession", issues=TOKENS
        )
        self._keep(answer)
        scope = self.client.mask.text(_scope_of(answer.issued["accessJwt"]))
        handle = as_id(as_object(answer.body).get("handle")) or self.account.handle
        return Identity(handle, (scope,) if scope else ())

    def _renew(self) -> None:
        """By the refresh token; by the password when that has run out or was used by another process."""
        token = as_text(self._stored().get("refresh"))
        try:
            answer = self.client.post(
                "/xrpc/com.atproto.server.refreshSession",
                headers={"Authorization": f"Bearer {token}"},
                endpoint="createSession",
                issues=TOKENS,
            )
            self._keep(answer)
        except (Refused, BadQuery, BadAnswer):
            self.sign_in()

    def _token(self) -> str:
        return as_text(self._stored().get("access"))

    def _stored(self) -> Mapping[str, Any]:
        """The kept session. Its tokens are secrets, whoever signed in."""
        session = self.store.load()
        self.client.mask.hide(*map(as_text, session.values()))
        return session

    def _keep(self, answer: Answer) -> None:
        access, refresh = (answer.issued[name] for name in TOKENS)
        if not access.isascii() or not access.isprintable() or not access:
            raise BadAnswer("Bluesky signed the account in without giving it a token.")
        self.store.save({"access": access, "refresh": refresh if refresh.isascii() else ""})

    def _get(self, method: str, params: Mapping[str, Any]) -> Answer:
        given = {name: value for name, value in params.items() if value not in (None, "")}
        headers = {"Authorization": f"Bearer {self._token()}"}
        return self.client.get(f"/xrpc/{method}", params=given, headers=headers, endpoint=WINDOW)


class _Results:
    """The pages of one search."""

    def __init__(self, session: Session, query: SearchQuery) -> None:
        self.session, self.query = session, query
        self._since: str | None = None

    def page(self, token: str | None, wanted: int) -> RawPage:
        if self._since is None:
            self._since = self._time_of(self.query.since_id) if self.query.since_id else ""
        answer = self.session.get(
            "app.bsky.feed.searchPosts",
            q=self.query.text,
            sort="latest",
            limit=min(wanted, PAGE_SIZE),
            cursor=token,
            since=self._since,
        )
        body = as_object(answer.body)
        views = _views(body.get("posts"))
        newer = _until(views, self.query.since_id)
        posts = [post for view in newer if (post := _post(view)) is not None]
        cursor = body.get("cursor") if views else None
        following = cursor if isinstance(cursor, str) and 0 < len(cursor) <= 1000 else None
        entries = [as_id(view.get("uri")) for view in views]
        return RawPage(self._with_profiles(posts), following, is_end=len(newer) < len(views), entries=entries)

    def _time_of(self, uri: str) -> str:
        """When a known post was written, for `since` (which includes it); empty when nobody can say."""
        try:
            answer = self.session.get("app.bsky.feed.getPosts", uris=[uri])
        except (NotThere, BadQuery, BadAnswer):
            moment = moment_of_tid(uri.rpartition("/")[2])
        else:
            known = next(objects_in(as_object(answer.body).get("posts")), {})
            moment = _sorted_at(known) or moment_of_tid(uri.rpartition("/")[2])
        return "" if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _with_profiles(self, posts: Sequence[FetchedPost]) -> list[FetchedPost]:
        """The posts, with what only their authors' profiles say."""
        ids = list(dict.fromkeys(post.author.id for post in posts if post.author))
        profiles: dict[str, FetchedAuthor] = {}
        for start in range(0, len(ids), PROFILES_AT_ONCE):
            profiles |= self._profiles(ids[start : start + PROFILES_AT_ONCE])
        return [
            replace(post, author=profiles.get(post.author.id, post.author)) if post.author else post
            for post in posts
        ]

    def _profiles(self, ids: Sequence[str]) -> dict[str, FetchedAuthor]:
        """None of them when the platform does not say: those facts are then unknown."""
        try:
            answer = self.session.get("app.bsky.actor.getProfiles", actors=list(ids))
        except (NotThere, BadQuery, BadAnswer):
            return {}
        authors = (_author(view) for view in objects_in(as_object(answer.body).get("profiles")))
        return {author.id: author for author in authors if author is not None}


class _Mentions:
    """The notifications that tell of posts to the account, as pages of these: newest first, as the network saw
    them. Of their authors only the profile's words are told.
    """

    def __init__(self, session: Session, query: SearchQuery) -> None:
        self.session, self.since_id = session, query.since_id
        self._since = moment_of_tid(query.since_id.rpartition("/")[2])

    def page(self, token: str | None, wanted: int) -> RawPage:
        params = {"reasons": list(REASONS), "limit": min(wanted, PAGE_SIZE), "cursor": token}
        body = as_object(self.session.get("app.bsky.notification.listNotifications", **params).body)
        if not isinstance(body.get("notifications"), list):
            raise BadAnswer("Bluesky answered with something else than a list of notifications.")
        views = [each for each in objects_in(body["notifications"]) if each.get("reason") in REASONS]
        newer = [view for view in _until(views, self.since_id) if not self._is_old(view)]
        posts = [post for view in newer if (post := _post(view)) is not None]
        following = as_text(body.get("cursor"))[:1000] if body["notifications"] else ""
        entries = [as_id(view.get("uri")) for view in views]
        return RawPage(posts, following or None, is_end=len(newer) < len(views), entries=entries)

    def _is_old(self, view: Mapping[str, Any]) -> bool:
        """Whether the network saw it before the known post: that one may be deleted by now, and not be met."""
        seen = as_moment(view.get("indexedAt"))
        return self._since is not None and seen is not None and seen < self._since - SEEN_LATER


def _follows(session: Session, since_id: str) -> list[Follow]:
    answer = session.get("app.bsky.notification.listNotifications", reasons=["follow"], limit=FOLLOWS_READ)
    told = as_object(answer.body).get("notifications")
    if not isinstance(told, list):
        raise BadAnswer("Bluesky answered with something else than a list of notifications.")
    views = [each for each in objects_in(told) if each.get("reason") == "follow"]
    found = (_follow(view) for view in _until(views, since_id))
    return [follow for follow in found if follow is not None]


def _follow(view: Mapping[str, Any]) -> Follow | None:
    identity, author = as_id(view.get("uri")), as_id(as_object(view.get("author")).get("did"))
    return Follow(identity, author, as_moment(view.get("indexedAt"))) if identity and author else None


def _views(posts: Any) -> list[Mapping[str, Any]]:
    """The readable ones of a page's posts; BadAnswer when it is no list, or none of them has an id."""
    if not isinstance(posts, list):
        raise BadAnswer("Bluesky answered with something else than a list of posts.")
    readable = [view for view in objects_in(posts) if as_id(view.get("uri")).startswith("at://")]
    if posts and not readable:
        raise BadAnswer("Bluesky answered with posts that have no address.")
    return readable


def _looked_up(session: Session, uris: Sequence[str]) -> dict[str, LookedUp]:
    """An answer that leaves out all of several may be none: they are then asked for one by one."""
    views = _views(as_object(session.get("app.bsky.feed.getPosts", uris=list(uris)).body).get("posts"))
    told = {as_id(view.get("uri")): LookedUp(Availability.LIVE, _post(view)) for view in views}
    if len(uris) > 1 and told.keys().isdisjoint(uris):
        return {uri: seen for each in uris for uri, seen in _looked_up(session, [each]).items()}
    return {uri: told[uri] if uri in told else _left_out(session, uri) for uri in uris}


def _left_out(session: Session, uri: str) -> LookedUp:
    """What became of a post that is not told: deleted, if its author's records do not have it."""
    repo, collection, key = uri.removeprefix("at://").split("/")
    try:
        session.get("com.atproto.repo.getRecord", repo=repo, collection=collection, rkey=key)
    except (BadQuery, NotThere) as error:
        return LookedUp(Availability.GONE if error.code == NO_RECORD else Availability.UNKNOWN)
    except BadAnswer:
        pass
    return LookedUp(Availability.UNKNOWN)


def _until(views: Sequence[Mapping[str, Any]], since_id: str) -> list[Mapping[str, Any]]:
    """The posts before the one that is known already."""
    for position, view in enumerate(views):
        if view.get("uri") == since_id:
            return list(views[:position])
    return list(views)


def _post(view: Mapping[str, Any]) -> FetchedPost | None:
    """A postView as a post; None when it has no text."""
    record, uri = as_object(view.get("record")), as_id(view.get("uri"))
    text = as_text(record.get("text")).strip()
    if not text:
        return None
    reply, author = as_object(record.get("reply")), _author(as_object(view.get("author")))
    features = list(_features(record))
    return FetchedPost(
        platform="bluesky",
        id=uri,
        text=text,
        author=author,
        created_at=_sorted_at(view),
        language=as_language(next(iter(as_list(record.get("langs"))), None)),
        url=page_of(uri, author.handle if author else ""),
        conversation_id=as_id(as_object(reply.get("root")).get("uri")),
        reply_to_id=as_id(as_object(reply.get("parent")).get("uri")),
        likes=as_count(view.get("likeCount")),
        replies=as_count(view.get("replyCount")),
        reposts=as_count(view.get("repostCount")),
        hashtags=_unique([*_values(features, "tag", "tag"), *map(as_text, as_list(record.get("tags")))]),
        mentions=_unique(_mentioned(features, as_text(record.get("text")))),
        urls=_unique([*map(web_url, _values(features, "link", "uri")), _embedded_url(record)]),
        raw=bounded(dict(view)),
    )


def _author(view: Mapping[str, Any]) -> FetchedAuthor | None:
    """A profile view of any detail as an author: what that view leaves out is unknown."""
    did = as_id(view.get("did"))
    if not did:
        return None
    handle = as_id(view.get("handle"))
    return FetchedAuthor(
        id=did,
        handle="" if handle == "handle.invalid" else handle,
        name=as_text(view.get("displayName"))[:300],
        bio=as_text(view.get("description")),
        followers=as_count(view.get("followersCount")),
        verified=_verified(view.get("verification")),
        account_created_at=as_moment(view.get("createdAt")),
    )


def _verified(verification: Any) -> bool | None:
    """Whether a trusted verifier vouches for the account. A view without that part says nothing of it."""
    status = as_object(verification).get("verifiedStatus")
    return {"valid": True, "invalid": False, "none": False}.get(status) if isinstance(status, str) else None


def _sorted_at(view: Mapping[str, Any]) -> datetime | None:
    """The earlier of the author's clock and the network's: an author's alone may say anything."""
    times = (as_moment(as_object(view.get("record")).get("createdAt")), as_moment(view.get("indexedAt")))
    return min((moment for moment in times if moment is not None and moment.year >= 2000), default=None)


def _features(record: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """(feature, the bytes of the text that it covers) for everything that is marked in a post."""
    for facet in objects_in(record.get("facets")):
        for feature in objects_in(facet.get("features")):
            yield feature, as_object(facet.get("index"))


def _values(features: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], kind: str, key: str) -> list[str]:
    return [as_text(feature.get(key)) for feature, _ in features if feature.get("$type") == FACET + kind]


def _mentioned(features: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], text: str) -> list[str]:
    """The handles that are mentioned, as they stand in the text: a mention itself only names an id."""
    content = text.encode("utf-8", "replace")
    spans = [span for feature, span in features if feature.get("$type") == f"{FACET}mention"]
    covered = (_slice(content, span) for span in spans)
    return [handle.removeprefix("@") for handle in covered if handle.startswith("@")]


def _slice(content: bytes, span: Mapping[str, Any]) -> str:
    """Offsets count bytes of UTF-8, and may be anything in a hostile post."""
    start, end = as_count(span.get("byteStart")), as_count(span.get("byteEnd"))
    return "" if start is None or end is None else content[start:end].decode("utf-8", "ignore").strip()[:200]


def _embedded_url(record: Mapping[str, Any]) -> str:
    embed = as_object(record.get("embed"))
    return web_url(as_object(embed.get("external")).get("uri"))


def _unique(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:1000] for value in values if value))


def _scope_of(token: str) -> str:
    """What an access token says that it is for, such as `com.atproto.appPass`; read for display, not trusted."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return ""
    return as_id(as_object(claims).get("scope"))
