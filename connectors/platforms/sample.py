"""The bundled platform: some 300 invented posts, so that everything can be tried with no key and no network.

Dates are relative to the moment of collection. A query's words must all occur in the text; ` OR `
separates alternatives; `*` alone finds everything.

Replies are simulated: nothing leaves this machine. What was "posted" is noted in the data folder, without its
text, so that another process finds it. What comes of it is made up of the reply's id: some likes within the first
minutes, and to one in three an answer.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from ..base import (
    Availability,
    Capability,
    Connector,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    LookedUp,
    Replying,
    SearchQuery,
    SentReply,
    Simulated,
    connectors,
)

POSTS_FILE = Path(__file__).with_name("sample_posts.jsonl")
REPLIES_FILE = "sample_replies.jsonl"
PAGE_SIZE = 50
FIRST_ANSWER = timedelta(minutes=3)
A_LIKE_EACH = timedelta(minutes=4)
MOST_LIKES = 5
THANKS = (
    "Thanks, that helps. I will have a look.",
    "Good to know! Is there a free plan?",
    "Interesting. How long does it take to set up?",
)
NO_THANKS = "No thanks, I am not interested."
"""What one answer in 40 says, so that a demo shows what a no does."""


@connectors.register("sample")
class SampleConnector(Connector, Replying, Simulated):
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
            note = {"id": sent.id, "post": post_id, "digest": _digest(post_id, text)}
            note["at"] = timezone.now().isoformat()
            with _replies_file().open("a", encoding="utf-8") as notes:
                notes.write(f"{json.dumps(note)}\n")
        return sent

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        digest = _digest(post_id, text)
        found = (noted for noted in _noted() if noted["digest"] == digest)
        return next((SentReply(each["id"]) for each in found if datetime.fromisoformat(each["at"]) >= since), None)

    def reactions(self, reply_ids: Sequence[str]) -> Mapping[str, LookedUp]:
        played = {reply.id: reply for reply in _played()}
        return {each: LookedUp(Availability.LIVE, played[each].as_post()) for each in reply_ids if each in played}

    def answers(self, since_id: str = "") -> Iterator[FetchedPage]:
        given = [answer for reply in reversed(_played()) if (answer := reply.answer()) is not None]
        ids = [answer.id for answer in given]
        yield FetchedPage(tuple(given[: ids.index(since_id)] if since_id in ids else given))


@dataclass(frozen=True, slots=True)
class Played:
    """A reply that was "posted", and what is made up to have come of it by now. The same at each look."""

    id: str
    post_id: str
    at: datetime

    @property
    def luck(self) -> int:
        return int(hashlib.sha256(self.id.encode()).hexdigest()[:8], 16)

    def as_post(self) -> FetchedPost:
        likes = min(self.luck % MOST_LIKES, (timezone.now() - self.at) // A_LIKE_EACH)
        replies = 1 if self.answer() else 0
        return FetchedPost("sample", self.id, "", reply_to_id=self.post_id, likes=likes, replies=replies)

    def answer(self) -> FetchedPost | None:
        """By whoever wrote the post, to one reply in three."""
        row = next((row for row in _rows() if row["id"] == self.post_id), None)
        at = self.at + FIRST_ANSWER
        if row is None or self.luck % 3 or at > timezone.now():
            return None
        turn = self.luck // 3
        text = THANKS[turn % len(THANKS)] if turn % 40 else NO_THANKS
        identity = self.id.replace("reply-", "answer-", 1)
        author = FetchedAuthor(id=row["author"]["id"], handle=row["author"]["handle"])
        return FetchedPost("sample", identity, text, author, at, reply_to_id=self.id)


def _played() -> list[Played]:
    """In the order in which they were posted; those of before answers were played have none."""
    return [Played(each["id"], each.get("post", ""), datetime.fromisoformat(each["at"])) for each in _noted()]


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
