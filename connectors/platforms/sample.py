"""The bundled platform: some 300 invented posts, so that everything can be tried with no key and no network.

Dates are relative to the moment of collection. A query's words must all occur in the text; ` OR `
separates alternatives; `*` alone finds everything.

Replies are simulated: nothing leaves this machine. What was "posted" is noted in the data folder, without its
text, so that another process finds it.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from ..base import (
    Capability,
    Connector,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    Replying,
    SearchQuery,
    SentReply,
    connectors,
)

POSTS_FILE = Path(__file__).with_name("sample_posts.jsonl")
REPLIES_FILE = "sample_replies.jsonl"
PAGE_SIZE = 50


@connectors.register("sample")
class SampleConnector(Connector, Replying):
    platform = "sample"
    capabilities = frozenset({Capability.SEARCH, Capability.REPLY})

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        found = [row for row in _rows() if matches(query.text, row["text"])]
        newer = _before(found, query.since_id)
        rest = _after(newer, query.page_token)[: query.max_results]
        now = timezone.now()
        for start in range(0, len(rest), PAGE_SIZE):
            page = rest[start : start + PAGE_SIZE]
            is_last = start + PAGE_SIZE >= len(rest)
            yield FetchedPage(tuple(_post(row, now) for row in page), None if is_last else page[-1]["id"])

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """The id is made of the key: with the same key it is the same reply."""
        sent = SentReply(f"reply-{key}")
        if all(noted["id"] != sent.id for noted in _noted()):
            note = {"id": sent.id, "digest": _digest(post_id, text), "at": timezone.now().isoformat()}
            with _replies_file().open("a", encoding="utf-8") as notes:
                notes.write(f"{json.dumps(note)}\n")
        return sent

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        digest = _digest(post_id, text)
        found = (noted for noted in _noted() if noted["digest"] == digest)
        return next((SentReply(each["id"]) for each in found if datetime.fromisoformat(each["at"]) >= since), None)


def _replies_file() -> Path:
    return Path(settings.DATA_DIR) / REPLIES_FILE


def _noted() -> list[dict[str, str]]:
    path = _replies_file()
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def _digest(post_id: str, text: str) -> str:
    return hashlib.sha256(f"{post_id}\n{text}".encode("utf-8", "replace")).hexdigest()


def matches(query: str, text: str) -> bool:
    """Whether a text holds all words of one of the query's alternatives; letter case does not matter."""
    if query.strip() == "*":
        return True
    lowered = text.lower()
    alternatives = (part.split() for part in query.lower().split(" or "))
    return any(words and all(word in lowered for word in words) for words in alternatives)


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, Any], ...]:
    """The bundled posts, newest first."""
    lines = POSTS_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(
        sorted((json.loads(line) for line in lines if line), key=lambda row: (row["hours_ago"], row["id"]))
    )


def _before(rows: list[dict[str, Any]], since_id: str) -> list[dict[str, Any]]:
    """The posts newer than `since_id`. Ids count up with age, like the dates: s-001 is the newest."""
    return [row for row in rows if row["id"] < since_id] if since_id else rows


def _after(rows: list[dict[str, Any]], page_token: str | None) -> list[dict[str, Any]]:
    return [row for row in rows if row["id"] > page_token] if page_token else rows


def _post(row: dict[str, Any], now: datetime) -> FetchedPost:
    author, metrics = row["author"], row["metrics"]
    age = author["account_age_days"]
    return FetchedPost(
        platform="sample",
        id=row["id"],
        text=row["text"],
        author=FetchedAuthor(
            id=author["id"],
            handle=author["handle"],
            name=author["name"],
            bio=author["bio"],
            followers=author["followers"],
            verified=author["verified"],
            account_created_at=None if age is None else now - timedelta(days=age),
        ),
        created_at=now - timedelta(hours=row["hours_ago"]),
        language=row["lang"],
        url=row["url"],
        conversation_id=row.get("conversation_id") or "",
        reply_to_id=row.get("reply_to_id") or "",
        likes=metrics["likes"],
        replies=metrics["replies"],
        reposts=metrics["reposts"],
        views=metrics["views"],
        hashtags=tuple(row["hashtags"]),
        mentions=tuple(row["mentions"]),
        urls=tuple(row["urls"]),
        raw={key: value for key, value in row.items() if key != "kind"},
    )
