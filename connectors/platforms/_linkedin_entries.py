"""One record of a LinkedIn file as a post: which it is, what it says, when, and how it was met."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ..base import FetchedPost
from ..reading import MAX_TEXT, as_id, as_language, as_past, bounded, web_url
from ..records import Record
from ..written import written_moment
from ._linkedin_authors import Poster, read_poster
from ._linkedin_columns import (
    ADDRESSES,
    COUNTS_INSIDE,
    IDS,
    KINDS,
    LIKES,
    LINKS,
    PAGE_EXPORT,
    REPLIES,
    REPOSTS,
    SEEN_AT,
    TEXTS,
    TIMES,
    VIEWS,
    as_table,
    count_of,
    first_of,
    plain,
    spelled,
    text_of,
)

POST_NUMBER = re.compile(r"(activity|share|ugcPost)[:-](\d{1,30})")
COMMENT_NUMBERS = re.compile(r"comment:\((?:urn:li:)?\w+:(\d{1,30}),(\d{1,30})\)")
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
LINE_IN_EXPORT = re.compile(r'"[ \t]*\r?\n[ \t]*"')
"""How the data export writes the line breaks of a post: each line in quotes of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record that can be read; its post is None when it has no words. Kinds and names are `plain`."""

    post: FetchedPost | None
    kinds: frozenset[str]
    page_names: frozenset[str]


def read_entry(given: Mapping[str, Any]) -> Entry:
    """One record; ValueError says which key is wrong and what it should be."""
    record = spelled(given)
    for name in COUNTS_INSIDE:
        record = {**as_table(record.get(name)), **record}
    kinds = frozenset(plain(record[name]) for name in KINDS if record.get(name) and isinstance(record[name], str))
    poster = read_poster(record)
    identity, parent = _post_id(record)
    text = _text(record)
    post = _post(record, identity=identity, parent=parent, text=text, poster=poster, raw=given) if text else None
    return Entry(post, kinds, poster.page_names)


def identities(record: Record) -> list[str]:
    """What may name the post: its ids, URNs first, then its addresses, decoded."""
    values = (record.get(name) for name in (*IDS, *ADDRESSES))
    whole = (str(value) if isinstance(value, int) and not isinstance(value, bool) else value for value in values)
    return [unquote(value.strip()) for value in whole if isinstance(value, str) and value.strip()]


def _post(
    record: Record, *, identity: str, parent: str, text: str, poster: Poster, raw: Mapping[str, Any]
) -> FetchedPost:
    return FetchedPost(
        platform="linkedin",
        id=identity,
        text=text,
        author=poster.author,
        created_at=_posted_at(record),
        language=as_language(first_of(record, ("lang", "language"))[1]),
        url=_address(record),
        conversation_id=parent,
        reply_to_id=parent,
        community=poster.page[:200],
        likes=count_of(record, LIKES),
        replies=count_of(record, REPLIES),
        reposts=count_of(record, REPOSTS),
        views=count_of(record, VIEWS),
        urls=tuple(url for name in LINKS if (url := web_url(record.get(name)))),
        raw=bounded(dict(raw)),
    )


def _post_id(record: Record) -> tuple[str, str]:
    """The post's own id, and for a comment the id of the post that it stands under."""
    given = identities(record)
    for value in given:
        if comment := COMMENT_NUMBERS.search(value):
            return comment[2], comment[1]
    for value in given:
        if number := POST_NUMBER.search(value):
            return number[2], ""
    plain_ids = (_without_query(value) for value in given)
    identity = next((value for value in plain_ids if as_id(value)), "")
    if SHORTENED.fullmatch(identity):
        raise ValueError(f"has the id {identity}, which a spreadsheet has shortened: keep that column as text")
    if not identity:
        raise ValueError("needs a `urn`, a `post_id`, or a `url` that holds the post's number")
    return identity, ""


def _without_query(value: str) -> str:
    """An article has no number; its address names it, without what only tracks the reader."""
    if "://" not in value:
        return value
    return value.partition("?")[0].partition("#")[0] if "linkedin.com/" in value else ""


def _address(record: Record) -> str:
    given = next((url for name in ADDRESSES if (url := web_url(record.get(name)))), "")
    if given:
        return given
    number = next((found for value in identities(record) if (found := POST_NUMBER.search(value))), None)
    return f"https://www.linkedin.com/feed/update/urn:li:{number[1]}:{number[2]}" if number else ""


def _text(record: Record) -> str:
    """The post's words, its title before them; empty for a reshare or a picture without any."""
    if not any(name in record for name in (*TEXTS, "title")):
        raise ValueError("needs a `text` or a `commentary`")
    words = text_of(record, TEXTS)
    if "share_commentary" in record:
        words = LINE_IN_EXPORT.sub("\n", words)
    return "\n\n".join(part for part in (text_of(record, ("title",)), words) if part)[:MAX_TEXT]


def _posted_at(record: Record) -> datetime | None:
    """When it was posted. `2w` counts from when the record was made, if it says that, and is unknown otherwise."""
    name, value = first_of(record, TIMES)
    if isinstance(value, dict):
        value = first_of(spelled(value), ("date", "timestamp", "iso", "relative"))[1]
    seen_name, seen = first_of(record, SEEN_AT)
    seen_at = None if seen is None else _moment(seen, name=seen_name)
    if value is None:
        return None
    moment = _moment(value, name=name, seen_at=seen_at, month_first=record.keys() >= PAGE_EXPORT)
    return None if moment is None else as_past(moment)


def _moment(value: Any, *, name: str, **how: Any) -> datetime | None:
    try:
        return written_moment(value, **how)
    except ValueError as error:
        raise ValueError(f"`{name}` is {value!r:.60}, which {error}") from None
