"""Replies on Mastodon, and who mentions or follows the account.

A reply is as visible as what it answers. An instance tells nobody of a reply that does not name them, so the
author's name stands before it unless the text has it. The key goes along as `Idempotency-Key`: for an hour an
instance answers a second request of the same key with the post that the first one made.

Source: https://docs.joinmastodon.org/methods/statuses/#create, .../accounts/#statuses and .../notifications/
(read 2026-11-23).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ..base import FetchedPost, Follow, SearchQuery, SentReply
from ..errors import BadAnswer, NotSent, NotThere
from ..http import Answer, PlatformClient
from ..paging import RawPage
from ..reading import as_id, as_moment, as_object, as_text, objects_in, text_of_html, web_url
from ..replies import OwnPost, named, published

PAGE_SIZE = 40
STATUS_ID = re.compile(r"[0-9A-Za-z_-]{1,200}")
NEXT_MAX_ID = re.compile(r'[?&]max_id=([^&>]+)[^>]*>\s*;\s*rel="?next"?')
LEAST_VISIBLE_TO_ALL = "unlisted"
"""What a reply is where nobody says how visible the post is that it answers."""
VISIBILITIES = frozenset({"public", "unlisted", "private", "direct"})


class Asking(Protocol):
    """How the connector asks, and what it signs with."""

    def get(self, client: PlatformClient, path: str, **params: Any) -> Answer: ...

    def posts_in(self, statuses: Any) -> list[FetchedPost]: ...

    def full_handle(self, acct: str) -> str: ...

    @property
    def signature(self) -> Mapping[str, str]: ...


def send_reply(asking: Asking, client: PlatformClient, post_id: str, text: str, *, key: str) -> SentReply:
    answered = _status(asking, client, post_id)
    visibility = as_text(answered.get("visibility"))
    content = {
        "status": addressed(text, as_id(as_object(answered.get("account")).get("acct"))),
        "in_reply_to_id": post_id,
        "visibility": visibility if visibility in VISIBILITIES else LEAST_VISIBLE_TO_ALL,
    }
    headers = {**asking.signature, "Idempotency-Key": key}
    told = as_object(
        published(client, "/api/v1/statuses", content=content, headers=headers, endpoint="statuses").body
    )
    return named(as_id(told.get("id")), url=_url_of(told), platform="Mastodon")


def addressed(text: str, acct: str) -> str:
    """The text with its author's name before it, unless that is in it."""
    if not acct or re.search(rf"(?<!\w)@{re.escape(acct)}(?![\w-])", text, re.IGNORECASE):
        return text
    return f"@{acct} {text}"


def _status(asking: Asking, client: PlatformClient, post_id: str) -> Mapping[str, Any]:
    if not STATUS_ID.fullmatch(post_id):
        raise NotSent("This is no id of a post on Mastodon.")
    try:
        status = as_object(asking.get(client, f"/api/v1/statuses/{post_id}").body)
    except NotThere as error:
        raise NotSent(f"The post cannot be answered: {error.detail}", answered=error.answered) from error
    if status.get("id") != post_id:
        raise BadAnswer("Mastodon answered with another post than the one that was asked for.")
    return status


def own_posts(asking: Asking, client: PlatformClient) -> Iterator[list[OwnPost]]:
    """Pages of what the account has posted, newest first, of any visibility."""
    me = as_id(as_object(asking.get(client, "/api/v1/accounts/verify_credentials").body).get("id"))
    if not STATUS_ID.fullmatch(me):
        raise BadAnswer("Mastodon's answer does not say whose token this is.")
    token: str | None = None
    while True:
        path = f"/api/v1/accounts/{me}/statuses"
        answer = asking.get(client, path, limit=PAGE_SIZE, max_id=token, exclude_reblogs="true")
        if not isinstance(answer.body, list):
            raise BadAnswer("Mastodon answered with something else than a list of posts.")
        yield [_own(status) for status in objects_in(answer.body)]
        following = next_id(answer)
        if following in (None, token):
            return
        token = following


def next_id(answer: Answer) -> str | None:
    """Below which id the next page begins: what the Link header says, or the last of a page that is not empty."""
    found = NEXT_MAX_ID.search(answer.headers.get("link", "")[:4000])
    last = as_object(answer.body[-1]).get("id") if answer.body else None
    return as_id(found.group(1)) if found else as_id(last) or None


def _own(status: Mapping[str, Any]) -> OwnPost:
    return OwnPost(
        as_id(status.get("id")),
        as_id(status.get("in_reply_to_id")),
        text_of_html(as_text(status.get("content"))),
        as_moment(status.get("created_at")),
        _url_of(status),
    )


def _url_of(status: Mapping[str, Any]) -> str:
    return web_url(status.get("url")) or web_url(status.get("uri"))


class Mentions:
    """The notifications that are mentions, as pages of the posts that they tell of."""

    def __init__(self, asking: Asking, client: PlatformClient, query: SearchQuery) -> None:
        self.asking, self.client, self.query = asking, client, query

    def page(self, token: str | None, wanted: int) -> RawPage:
        """Up to the known post. Notifications have ids of their own, so it is found, not asked for; where it is no
        more, the walk ends with a page on which nothing is newer.
        """
        params = {"types[]": "mention", "limit": min(wanted, PAGE_SIZE), "max_id": token}
        answer = self.asking.get(self.client, "/api/v1/notifications", **params)
        if not isinstance(answer.body, list):
            raise BadAnswer("Mastodon answered with something else than a list of notifications.")
        statuses = [as_object(each.get("status")) for each in objects_in(answer.body) if _is_mention(each)]
        ids = [as_id(status.get("id")) for status in statuses]
        newer = statuses[: ids.index(self.query.since_id)] if self.query.since_id in ids else statuses
        is_end = len(newer) < len(statuses) or (bool(ids) and not any(map(self._is_news, ids)))
        posts = self.asking.posts_in(newer) if newer else []
        news = [] if is_end and len(newer) == len(statuses) else posts
        return RawPage(news, next_id(answer), is_end=is_end, entries=ids)

    def _is_news(self, identity: str) -> bool:
        return is_newer(identity, self.query.since_id)


def follows(asking: Asking, client: PlatformClient, since_id: str) -> list[Follow]:
    """Notifications are numbered in the order in which they came."""
    answer = asking.get(client, "/api/v1/notifications", **{"types[]": "follow", "limit": PAGE_SIZE})
    if not isinstance(answer.body, list):
        raise BadAnswer("Mastodon answered with something else than a list of notifications.")
    told = [each for each in objects_in(answer.body) if each.get("type") == "follow"]
    found = [_follow(asking, each) for each in told]
    return [follow for follow in found if follow is not None and is_newer(follow.id, since_id)]


def _follow(asking: Asking, notification: Mapping[str, Any]) -> Follow | None:
    identity, acct = as_id(notification.get("id")), as_id(as_object(notification.get("account")).get("acct"))
    at = as_moment(notification.get("created_at"))
    return Follow(identity, asking.full_handle(acct), at) if identity and acct else None


def _is_mention(notification: Mapping[str, Any]) -> bool:
    return notification.get("type") == "mention"


def is_newer(identity: str, since_id: str) -> bool:
    """Whether an id is later than another. Numbers grow, and other servers' ids grow as texts of one length.

    Ids of two kinds come from two instances and say nothing of each other: the post counts as newer.
    """
    if not since_id or identity.isdecimal() != since_id.isdecimal():
        return True
    return (len(identity), identity) > (len(since_id), since_id)
