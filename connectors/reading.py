"""Reading what a platform says without believing it: a value of the wrong type is unknown, never an error.

Each function takes whatever stands in the JSON and gives one plain type, or None (or empty) when it is not that.
"""

import html
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

MAX_TEXT = 100_000
MAX_COUNT = 2**63 - 1
MAX_DEPTH = 40
CLOCKS_MAY_DIFFER = timedelta(days=1)

LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]|$)")
BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
MARKUP = re.compile(r"</?[a-zA-Z!][^<>]*>")
TAG_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
LINK = re.compile(r"<a\s[^<>]*>", re.IGNORECASE)
ANCHOR = re.compile(r"(<a\s[^<>]*>)[^<>]*</a>", re.IGNORECASE)
HREF = re.compile(r"""href=["']([^"'<>]{1,1000})["']""", re.IGNORECASE)
TAG_OR_MENTION = re.compile(r"""class=["'][^"'<>]*\b(?:mention|hashtag)\b""", re.IGNORECASE)
BLANK_LINES = re.compile(r"\n{3,}")


def as_object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; what else stands in it is passed over."""
    return (item for item in as_list(value) if isinstance(item, dict))


def as_text(value: Any) -> str:
    """A text of bounded length; numbers and objects are none."""
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def as_count(value: Any) -> int | None:
    """A whole number that is not negative. Platforms say -1 for a number that somebody hides."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 <= value <= MAX_COUNT else None


def finite(text: str) -> float | None:
    """How JSON's numbers are read: infinity, which no database takes, is none."""
    number = float(text)
    return number if math.isfinite(number) else None


def as_moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC. One that lies more than a day ahead is a wrong clock's, and unknown."""
    if not isinstance(value, str):
        return None
    try:
        return as_past(datetime.fromisoformat(value[:64]))
    except (ValueError, OverflowError):
        return None


def as_past(moment: datetime) -> datetime | None:
    """A time in UTC, which it is where it names no zone; None when it lies more than a day ahead. OverflowError at
    the ends of the calendar, where a time has no equal in UTC.
    """
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment <= timezone.now() + CLOCKS_MAY_DIFFER else None


def as_epoch(value: Any) -> datetime | None:
    """Seconds since 1970 as a time in UTC; one that lies more than a day ahead is unknown."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        moment = datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if value >= 0 and moment <= timezone.now() + CLOCKS_MAY_DIFFER else None


def as_id(value: Any) -> str:
    """An id that every database takes: a text of at most 200 visible characters, else empty."""
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else ""


def as_language(value: Any) -> str | None:
    """A language tag as two or three small letters: `pt-BR` is `pt`."""
    found = LANGUAGE.match(value) if isinstance(value, str) else None
    return found.group(1).lower() if found else None


def bounded(value: Any, *, depth: int = 0) -> Any:
    """A payload as it is kept: texts of at most MAX_TEXT, so that one post cannot fill the database, and no
    nesting that is deeper than any API's.
    """
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [bounded(item, depth=depth + 1) for item in value]
    if isinstance(value, dict):
        return {key[:1000]: bounded(item, depth=depth + 1) for key, item in value.items()}
    return value


def text_of_html(markup: str) -> str:
    """What a person reads of a post that came as HTML: blocks and breaks become lines, entities characters.

    By regular expressions in linear time: a general parser takes quadratic time on markup that was made for it,
    and here tags only separate text. What is hidden by style (the `https://` of a shortened link) is kept, so
    links are whole.
    """
    spaced = MARKUP.sub(_line_break, markup[: 2 * MAX_TEXT])
    lines = (line.strip() for line in html.unescape(spaced).split("\n"))
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()[:MAX_TEXT]


def links_spelled_out(markup: str) -> str:
    """Markup in which each link reads as its address, for platforms that shorten what stands in it."""
    return ANCHOR.sub(_address_or_words, markup[: 2 * MAX_TEXT])


def links_in_html(markup: str) -> tuple[str, ...]:
    """The web addresses that a post links to, each once; hashtags and mentions are no links of the author's."""
    anchors = (tag for tag in LINK.findall(markup[: 2 * MAX_TEXT]) if not TAG_OR_MENTION.search(tag))
    found = (HREF.search(tag) for tag in anchors)
    urls = (web_url(html.unescape(match.group(1))) for match in found if match)
    return tuple(dict.fromkeys(url for url in urls if url))


def web_url(value: Any) -> str:
    """An http(s) address of at most 1,000 characters, else empty: nothing else may become a link here."""
    is_url = isinstance(value, str) and value.startswith(("https://", "http://")) and value.isprintable()
    return value if is_url and len(value) <= 1000 else ""


def _address_or_words(anchor: re.Match[str]) -> str:
    found = HREF.search(anchor.group(1))
    return found.group(1) if found and web_url(html.unescape(found.group(1))) else anchor.group()


def _line_break(tag: re.Match[str]) -> str:
    found = TAG_NAME.match(tag.group())
    name = found.group(1).lower() if found else ""
    if name == "br":
        return "\n"
    return "\n\n" if name in BLOCKS else ""
