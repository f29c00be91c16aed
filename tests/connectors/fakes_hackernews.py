"""The stand-in of Hacker News: invented posts, as the descriptions of its two APIs say that they look.

No recorded answer went into it. Posts of one second come in the order of their ids, oldest first, which is not the
order that the connector gives them in.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .standin import Asked, Reply, StandIn, reply

FIRST = int(datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp())
FIRST_ID = 47_000_000
MOST_HITS = 1000


class HackerNewsFake:
    platform = "hackernews"
    query = "invoice"
    searched = "/api/v1/search_by_date"
    id_key = "objectID"

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.hits: list[Any] = []
        self.items: dict[str, Any] = {}
        stand_in.routes |= {self.searched: lambda asked: reply(self._searched(asked)), "/v0/item/": self._item}

    def fill(self, count: int) -> list[str]:
        first = len(self.hits) + 1
        self.hits += [hit(number) for number in range(first, first + count)]
        self.items |= {each["objectID"]: as_item(each) for each in self.hits[first - 1 :]}
        return [each["objectID"] for each in reversed(self.hits)]

    def bare(self) -> Any:
        return {"objectID": "47000001", "title": "An invoice"}

    def page_of(self, posts: list[Any], *, more: str = "") -> Any:
        return {"hits": posts, "hitsPerPage": len(posts) if more else MOST_HITS}

    def use(self, *posts: Any) -> None:
        self.hits = list(posts)
        self.items = {each["objectID"]: as_item(each) for each in posts}

    def id_of_post(self, post: Any) -> str:
        """What SignalOps calls it."""
        return str(post[self.id_key])

    def with_changes(self, number: int, **changes: Any) -> Any:
        return {**hit(number), **changes}

    def with_text(self, number: int, text: str) -> Any:
        return {**hit(number), "title": None, "comment_text": text}

    def remove(self, identity: str) -> None:
        self.hits = [each for each in self.hits if each["objectID"] != identity]
        self.items[identity] = {"id": int(identity), "deleted": True, "type": "story"}

    def start(self, asked: Asked, newest: int) -> int:
        """How many posts lie before the page that is asked for, where `newest` is the first of them all."""
        below = _below(asked)
        return 0 if below is None else max(newest - (below - 1 - FIRST) // 60, 0)

    def _searched(self, asked: Asked) -> Mapping[str, Any]:
        below = _below(asked)
        kinds = set(asked.param("tags").strip("()").split(","))
        found = [each for each in self.hits if below is None or each["created_at_i"] < below]
        found = sorted(
            (each for each in found if kinds & set(each["_tags"])), key=lambda each: -each["created_at_i"]
        )
        size = min(int(asked.param("hitsPerPage", "20")), MOST_HITS)
        start = int(asked.param("page", "0")) * size
        return {
            "hits": found[start : min(start + size, MOST_HITS)],
            "nbHits": len(found),
            "page": start // size,
            "nbPages": -(-min(len(found), MOST_HITS) // size),
            "hitsPerPage": size,
        }

    def _item(self, asked: Asked) -> Reply:
        return reply(self.items.get(asked.path.removeprefix("/v0/item/").removesuffix(".json")))


def hit(number: int, *, second: int | None = None) -> dict[str, Any]:
    """A story; `second` counts from the first one, and each is a minute after the other without it."""
    written = FIRST + (number * 60 if second is None else second)
    return {
        "objectID": str(FIRST_ID + number),
        "created_at": (datetime.fromtimestamp(0, tz=UTC) + timedelta(seconds=written)).isoformat(),
        "created_at_i": written,
        "title": f"Ask HN: An invoice is late again, number {number}",
        "url": None,
        "author": "ada",
        "points": number,
        "story_text": "Any tool &amp; advice?",
        "num_comments": 1,
        "story_id": FIRST_ID + number,
        "_tags": ["story", "author_ada", f"story_{FIRST_ID + number}", "ask_hn"],
    }


def comment(number: int, text: str) -> dict[str, Any]:
    return {
        **hit(number),
        "title": None,
        "points": None,
        "story_text": None,
        "comment_text": text,
        "num_comments": None,
        "story_id": FIRST_ID,
        "story_title": "Late invoices",
        "parent_id": FIRST_ID + 1,
        "_tags": ["comment", "author_ada", f"story_{FIRST_ID}"],
    }


def as_item(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same post as the API of single items has it."""
    names = {"author": "by", "points": "score", "num_comments": "descendants", "story_text": "text"}
    names |= {"comment_text": "text", "created_at_i": "time", "title": "title", "parent_id": "parent"}
    told = {names[key]: value for key, value in found.items() if key in names and value is not None}
    return {**told, "id": int(found["objectID"]), "type": "comment" if "comment_text" in found else "story"}


def item(number: int, **changes: Any) -> dict[str, Any]:
    """A story as that API has it."""
    return {
        "by": "ada",
        "descendants": 4,
        "id": FIRST_ID + number,
        "score": 12,
        "time": FIRST + number * 60,
        "title": "Ask HN: An invoice is late",
        "text": "Any tool?",
        "type": "story",
        **changes,
    }


def _below(asked: Asked) -> int | None:
    found = re.fullmatch(r"created_at_i<(\d+)", asked.param("numericFilters"))
    assert found or not asked.param("numericFilters")
    return int(found.group(1)) if found else None
