"""Files of X's JSON: what its API answered, or posts of it, as client libraries and exports keep them.

A file holds answers (`data`, with `includes` beside it) or bare posts (`id`, `text`, ...): one, a list of them, or
one a line. The posts are X's own, so that one which is collected later is the same post. Bare posts have authors
that are known by id alone, unless an `author` stands in the post. A repost whose original is not in its answer is
passed over: its own text is cut.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .base import FetchedPost
from .json_values import Value, values_in
from .reading import as_object
from .records import BadRecord
from .x_payloads import Included, id_of, included_in, items_in, read_item

ANSWER_KEYS = frozenset({"includes", "meta", "errors", "matching_rules"})
POST_KEYS = frozenset(
    {
        "author_id",
        "conversation_id",
        "edit_history_post_ids",
        "edit_history_tweet_ids",
        "public_metrics",
        "referenced_posts",
        "referenced_tweets",
    }
)
"""What only X's posts have, of which each has some."""


def holds_x_posts(path: Path) -> bool:
    """Whether a file begins with an answer or a post of X's API."""
    first = next(values_in(path), None)
    return isinstance(first, Value) and _is_x(as_object(first.value))


def read_x_posts(path: Path) -> Iterator[FetchedPost | BadRecord]:
    for value in values_in(path):
        if isinstance(value, BadRecord):
            yield value
        else:
            yield from _posts_of(value)


def _posts_of(value: Value) -> Iterator[FetchedPost | BadRecord]:
    record = as_object(value.value)
    if "id" in record and "data" not in record:
        yield from _read(record, Included(), value)
    elif isinstance(record.get("data"), list | dict) or (ANSWER_KEYS & set(record) and "data" not in record):
        included = included_in(record)
        for number, item in enumerate(items_in(record), start=1):
            yield from _read(item, included, value, part=f"post {number} of `data`")
    else:
        yield BadRecord(value.line, "is no answer of X's API (`data`) and no post (`id`, `text`)", value.part)


def _read(item: Any, included: Included, where: Value, *, part: str = "") -> Iterator[FetchedPost | BadRecord]:
    """The post, unless it is a repost of what is not told or has no words."""
    problem = _problem(as_object(item))
    if problem:
        yield BadRecord(where.line, problem, ", ".join(filter(None, (where.part, part))))
    elif (post := read_item(item, included)) is not None:
        yield post


def _problem(item: Mapping[str, Any]) -> str:
    if not id_of(item):
        return "needs an `id`: a text of up to 19 digits"
    return "" if isinstance(item.get("text"), str) else "needs a `text`"


def _is_x(record: Mapping[str, Any]) -> bool:
    if "data" in record:
        first = next(iter(items_in(record)), None)
        return bool(ANSWER_KEYS & set(record)) or bool(POST_KEYS & set(as_object(first)))
    is_post = bool(id_of(record)) and bool(POST_KEYS & set(record))
    return is_post or "result_count" in as_object(record.get("meta"))
