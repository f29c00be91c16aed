"""Hacker News, by the search that Algolia runs for it, and its own API for single items. Neither takes a key.

A query's words are searched in stories and comments. It may begin with `tags:` and the kinds of post that are
wanted (`tags:ask_hn,show_hn invoice tool`); of several kinds a post is one.

One query shows its newest 1,000 hits and no more, so each page is asked for by time: all that is not newer than
the last post. Times count whole seconds, and nobody says how posts of one second are ordered. So a page gives a
second only as a whole, its posts by falling id, and a walk of any length loses none and repeats none.

Ids are numbers that grow with time. Of an author only the name is told; comments have no points.

Source: https://hn.algolia.com/api and https://github.com/HackerNews/API (read 2026-11-23).
"""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..access import Window
from ..base import (
    Availability,
    Capability,
    Connector,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    LookedUp,
    Looking,
    SearchQuery,
    connectors,
)
from ..errors import BadAnswer, BadQuery, NotThere
from ..http import PlatformClient
from ..paging import RawPage, walk
from ..reading import (
    as_count,
    as_epoch,
    as_id,
    as_object,
    as_text,
    bounded,
    links_in_html,
    links_spelled_out,
    objects_in,
    text_of_html,
    web_url,
)

NAME = "Hacker News"
PAGE_SIZE = 100
MOST_HITS = 1000
"""What one query shows at most, and the largest page."""
WINDOW = "api"
"""All searches from one network address count together: 10,000 in an hour. No answer says how many are left."""
KINDS = ("story", "comment", "ask_hn", "show_hn", "poll", "job")
KINDS_WITHOUT_TAGS = "story,comment"
ITEMS_URL = "https://hacker-news.firebaseio.com"
LATEST = 2**40
"""Seconds since 1970, beyond any post's."""
HIGHEST = 10**18
"""A number beyond any post's."""
FROM_ITEM = {"by": "author", "time": "created_at_i", "score": "points", "descendants": "num_comments"}
"""What an item's keys are called in a search."""


@connectors.register("hackernews")
class HackerNewsConnector(Connector, Looking):
    platform = "hackernews"
    capabilities = frozenset({Capability.SEARCH, Capability.LOOKUP})
    default_base_url = "https://hn.algolia.com"
    windows: ClassVar[Mapping[str, Window]] = {WINDOW: Window(10_000, 3600)}
    looked_up_at_once = 20

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        words, kinds = read_query(query.text)
        with self._client() as client:
            results = _Results(client, words, kinds, query.since_id)
            yield from walk(query, results.page, token_behind=results.token_behind)

    def look_up(self, ids: Sequence[str]) -> Mapping[str, LookedUp]:
        """One request for each, as items come one by one."""
        base_url = self.access.base_url
        items = ITEMS_URL if base_url in ("", self.default_base_url) else base_url
        with self._client() as client:
            return {identity: _look_up(client, items, identity) for identity in dict.fromkeys(ids)}

    def _client(self) -> PlatformClient:
        base_url = self.access.base_url or self.default_base_url
        return PlatformClient(NAME, base_url, limits=self.access.limits)


def read_query(text: str) -> tuple[str, str]:
    """The words to search for, and the kinds of post to search in; BadQuery names the kinds that there are."""
    first, _, rest = text.strip().partition(" ")
    if not first.startswith("tags:"):
        return text.strip(), KINDS_WITHOUT_TAGS
    kinds = first.removeprefix("tags:")
    if unknown := [kind for kind in kinds.split(",") if kind not in KINDS]:
        raise BadQuery(f"{NAME} has no posts of the kind {unknown[0][:40]!r}. There are: {', '.join(KINDS)}.")
    return rest.strip(), kinds


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a post stands. Larger is newer."""

    seconds: int
    number: int

    @classmethod
    def read(cls, token: str | None) -> "Place | None":
        seconds, _, number = (token or "").partition(".")
        return cls(int(seconds), int(number)) if seconds.isdecimal() and number.isdecimal() else None

    def __str__(self) -> str:
        return f"{self.seconds}.{self.number}"


@dataclass(frozen=True, slots=True)
class Hit:
    place: Place
    payload: Mapping[str, Any]


class _Results:
    """The pages of one search."""

    def __init__(self, client: PlatformClient, words: str, kinds: str, since_id: str) -> None:
        self.client, self.words, self.kinds = client, words, kinds
        self.since = int(since_id) if is_number(since_id) else 0
        self._places: dict[str, Place] = {}

    def page(self, token: str | None, _wanted: int) -> RawPage:
        behind = Place.read(token)
        hits, is_last = self._hits_behind(behind)
        newer = [hit for hit in hits if hit.place.number > self.since]
        self._places |= {str(hit.place.number): hit.place for hit in newer}
        posts = [post for hit in newer if (post := _post(hit.payload)) is not None]
        is_known = bool(hits) and hits[-1].place.number <= self.since
        following = None if is_last else _next_place(hits, behind)
        entries = [str(hit.place.number) for hit in hits]
        return RawPage(posts, str(following) if following else None, is_end=is_known, entries=entries)

    def token_behind(self, post: FetchedPost) -> str:
        return str(self._places[post.id])

    def _hits_behind(self, place: Place | None) -> tuple[list[Hit], bool]:
        """The next hits, and whether they are the last.

        Where a page shows no whole second that is new, the largest is asked for. Of a second with more posts than
        that, the rest is out of anybody's reach.
        """
        hits, is_full = self._asked(place, PAGE_SIZE)
        if not is_full:
            return _behind(place, hits), True
        if whole := _behind(place, _whole_seconds(hits)):
            return whole, False
        hits, is_full = self._asked(place, MOST_HITS)
        whole = _behind(place, _whole_seconds(hits)) if is_full else []
        return whole or _behind(place, hits), not is_full

    def _asked(self, place: Place | None, size: int) -> tuple[list[Hit], bool]:
        """Hits from that second on, newest first, and whether there may be more of them."""
        params: dict[str, Any] = {"query": self.words, "tags": f"({self.kinds})", "hitsPerPage": size}
        if place is not None:
            params["numericFilters"] = f"created_at_i<{place.seconds + 1}"
        body = as_object(self.client.get("/api/v1/search_by_date", params=params, endpoint=WINDOW).body)
        found = body.get("hits")
        hits = list(_hits(found, latest=place.seconds if place else LATEST))
        if not isinstance(found, list) or (found and not hits):
            raise BadAnswer(f"{NAME} answered with something else than a list of posts.")
        allowed = min(size, as_count(body.get("hitsPerPage")) or size)
        return sorted(hits, key=lambda hit: hit.place, reverse=True), len(found) >= allowed


def _hits(found: Any, *, latest: int) -> Iterator[Hit]:
    """The readable hits. One that does not say when it was written stands where the search put it."""
    seconds = latest
    for payload in objects_in(found):
        if is_number(payload.get("objectID")):
            moment = as_epoch(payload.get("created_at_i"))
            seconds = seconds if moment is None else int(moment.timestamp())
            yield Hit(Place(seconds, int(payload["objectID"])), payload)


def _next_place(hits: Sequence[Hit], behind: Place | None) -> Place | None:
    """Where a walk goes on: behind the last hit, or before a second of which no more can be seen."""
    if hits:
        return hits[-1].place
    return Place(behind.seconds - 1, HIGHEST) if behind else None


def _whole_seconds(hits: Sequence[Hit]) -> list[Hit]:
    """A full page's hits without those of its last second, of which there may be more."""
    return [hit for hit in hits if hit.place.seconds > hits[-1].place.seconds]


def _behind(place: Place | None, hits: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in hits if place is None or hit.place < place]


def is_number(identity: Any) -> bool:
    return isinstance(identity, str) and len(identity) <= 18 and identity.isascii() and identity.isdecimal()


def _post(payload: Mapping[str, Any]) -> FetchedPost | None:
    """A hit as a post; None when it has no text."""
    markup = as_text(payload.get("comment_text")) or as_text(payload.get("story_text"))
    parts = [html.unescape(as_text(payload.get("title"))).strip(), text_of_html(links_spelled_out(markup))]
    text = "\n\n".join(part for part in parts if part)
    if not text:
        return None
    identity, author = as_id(payload.get("objectID")), as_id(payload.get("author"))
    links = [web_url(payload.get("url")), *links_in_html(markup)]
    return FetchedPost(
        platform="hackernews",
        id=identity,
        text=text,
        author=FetchedAuthor(id=author, handle=author) if author else None,
        created_at=as_epoch(payload.get("created_at_i")),
        url=f"https://news.ycombinator.com/item?id={identity}",
        conversation_id=_item_id(payload.get("story_id")),
        reply_to_id=_item_id(payload.get("parent_id")),
        likes=as_count(payload.get("points")),
        replies=as_count(payload.get("num_comments")),
        urls=tuple(dict.fromkeys(link for link in links if link)),
        raw=bounded(dict(payload)),
    )


def _item_id(value: Any) -> str:
    """Other items are named by number, not by text."""
    number = as_count(value)
    return str(number) if number else ""


def _look_up(client: PlatformClient, items: str, identity: str) -> LookedUp:
    """What became of an item. The API does not say what `null` means, so that is no sign that it is gone; neither
    is `dead`, which moderators and other users can take back.
    """
    if not is_number(identity):
        return LookedUp(Availability.UNKNOWN)
    try:
        item = as_object(client.get(f"{items}/v0/item/{identity}.json", endpoint="items").body)
    except (NotThere, BadQuery, BadAnswer):
        return LookedUp(Availability.UNKNOWN)
    if item.get("deleted") is True:
        return LookedUp(Availability.GONE)
    is_shown = str(item.get("id")) == identity and item.get("dead") is not True
    post = _post(_as_hit(item)) if is_shown else None
    return LookedUp(Availability.UNKNOWN if post is None else Availability.LIVE, post)


def _as_hit(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item with the keys that a search has for the same."""
    kind = "comment_text" if item.get("type") == "comment" else "story_text"
    renamed = {FROM_ITEM.get(key, key): value for key, value in item.items()}
    return {**renamed, "objectID": str(item.get("id")), kind: item.get("text"), "parent_id": item.get("parent")}
