"""Posts that a person has in a file: JSON lines, CSV, or X's JSON (see `x_files`). `importposts` reads it; it
cannot be searched.

Keys: `id`, and `text` or `title` with `text`. Optional: `url`, `created_at` (ISO 8601) or `created_utc`
(seconds), `lang`, `author` (an object; in CSV `author_handle`, `author_name`, ...), `score` (likes),
`num_comments` (replies), `reposts`, `views`, `community`. No author is fine. Other keys stay in the raw payload.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ..base import (
    Capability,
    Connector,
    FetchedAuthor,
    FetchedPage,
    FetchedPost,
    SearchQuery,
    connectors,
)
from ..errors import ConnectorError
from ..reading import as_id, as_past
from ..records import BadRecord, csv_records, jsonl_records
from ..x_files import holds_x_posts, read_x_posts

Format = Literal["jsonl", "csv", "x"]
AUTHOR_KEYS = ("id", "handle", "name", "bio", "followers", "verified", "created_at")


@connectors.register("file")
class FileConnector(Connector):
    platform = "file"
    capabilities = frozenset({Capability.IMPORT})

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        raise ConnectorError("Posts in files cannot be searched: take them in with `manage.py importposts FILE`.")


def guess_format(path: Path) -> Format:
    """By the file's name, and by whether it begins as X's JSON does."""
    if path.suffix.lower() == ".csv":
        return "csv"
    return "x" if holds_x_posts(path) else "jsonl"


def read_posts(path: Path, *, file_format: Format) -> Iterator[FetchedPost | BadRecord]:
    """Each record of a file as a post, or as what is wrong with it. Holds one record at a time in memory."""
    if file_format == "x":
        yield from read_x_posts(path)
        return
    records = _csv_records(path) if file_format == "csv" else jsonl_records(path)
    for line, record in records:
        if isinstance(record, BadRecord):
            yield record
            continue
        try:
            yield parse_record(record)
        except ValueError as error:
            yield BadRecord(line, str(error))


def parse_record(record: dict[str, Any]) -> FetchedPost:
    """One record as a post; ValueError says which key is wrong and what it should be."""
    return FetchedPost(
        platform="file",
        id=_required_id(record),
        text=_text(record),
        author=_author(record.get("author")),
        created_at=_moment(record, "created_at") or _moment(record, "created_utc"),
        language=_string(record, "lang")[:16] or None,
        url=_string(record, "url")[:1000],
        community=_string(record, "community")[:200],
        likes=_count(record, "score", floor=0),
        replies=_count(record, "num_comments"),
        reposts=_count(record, "reposts"),
        views=_count(record, "views"),
        raw=record,
    )


def _csv_records(path: Path) -> Iterator[tuple[int, dict[str, Any] | BadRecord]]:
    for line, record in csv_records(path, is_header=_names_columns):
        if isinstance(record, BadRecord):
            yield line, record
        else:
            yield line, _unflatten({key: value for key, value in record.items() if value})


def _names_columns(row: Sequence[str]) -> bool:
    names = {cell.strip() for cell in row}
    return "id" in names and bool(names & {"text", "title"})


def _unflatten(row: dict[str, Any]) -> dict[str, Any]:
    """`author_handle` and its siblings as one `author` object, as in JSON lines."""
    author = {key: row.pop(f"author_{key}") for key in AUTHOR_KEYS if f"author_{key}" in row}
    return {**row, "author": author} if author else row


def _required_id(record: dict[str, Any]) -> str:
    value = record.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError("needs an `id`: a text or a whole number that is the post's own")
    return _visible(str(value).strip(), key="id")


def _visible(value: str, *, key: str) -> str:
    """An id as every database takes it."""
    if len(value) > 200:
        raise ValueError(f"has an `{key}` of more than 200 characters")
    if value and not as_id(value):
        raise ValueError(f"`{key}` should be of characters that can be seen, and is {value!r:.60}")
    return value


def _text(record: dict[str, Any]) -> str:
    parts = [_string(record, key).replace("\0", "").strip() for key in ("title", "text")]
    text = "\n\n".join(part for part in parts if part)
    if not text:
        raise ValueError("needs a `text`, or a `title`, that is not empty")
    return text


def _string(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"`{key}` should be text, and is {value!r:.60}")
    return value


def _count(record: dict[str, Any], key: str, *, floor: int | None = None) -> int | None:
    """A whole number that is not negative; `floor` lifts lower ones (a score of votes may be below 0)."""
    value = record.get(key)
    if value is None or value == "":
        return None
    try:
        number = int(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is not None and floor is not None:
        number = max(number, floor)
    if number is None or not 0 <= number < 2**63:
        raise ValueError(f"`{key}` should be a whole number that is not negative, and is {value!r:.60}")
    return number


def _moment(record: dict[str, Any], key: str) -> datetime | None:
    """An ISO 8601 time or seconds since 1970; without a zone it is taken as UTC. What lies ahead is unknown."""
    value = record.get(key)
    if value is None or value == "":
        return None
    try:
        moment = _from_seconds(float(value)) if _is_number(value) else datetime.fromisoformat(str(value))
        return as_past(moment)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"`{key}` should be an ISO 8601 time or seconds since 1970, and is {value!r:.60}"
        ) from None


def _from_seconds(seconds: float) -> datetime:
    if not math.isfinite(seconds):
        raise ValueError
    return datetime.fromtimestamp(seconds, tz=UTC)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _author(value: Any) -> FetchedAuthor | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = {"handle": value}
    if not isinstance(value, dict):
        raise ValueError(f"`author` should be an object or a handle, and is {value!r:.60}")
    handle = _visible(_string(value, "handle").strip().removeprefix("@"), key="author.handle")
    identity = _visible(_author_id(value) or handle, key="author.id")
    if not identity:
        return None
    return FetchedAuthor(
        id=identity,
        handle=handle,
        name=_string(value, "name")[:300],
        bio=_string(value, "bio"),
        followers=_count(value, "followers"),
        verified=_truth(value.get("verified")),
        account_created_at=_moment(value, "created_at"),
    )


def _author_id(author: dict[str, Any]) -> str:
    value = author.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError(f"`author.id` should be a text or a whole number, and is {value!r:.60}")
    return "" if value is None else str(value).strip()


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool) or value is None:
        return value
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(value).strip().lower() in known:
        return known[str(value).strip().lower()]
    raise ValueError(f"`verified` should be true or false, and is {value!r:.60}")
