"""Numbers, truths and times as people and exports write them: `1,234`, `12K`, `500+`, `2w`, `05/17/2026`.

A value that says nothing exact is None; one that can be read in two ways, or in none, is a ValueError.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

MOST = 2**63 - 1
MILLISECONDS_FROM = 100_000_000_000
"""A number of seconds this large would lie some 3,000 years ahead: it counts milliseconds."""

LAST_SECOND = 253_402_300_799
"""Of the year 9999, after which there are no dates here."""
DIGITS_OF_A_DAY = 8
"""`20260517` is a day; a longer number counts seconds."""

NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([km])?(\+)?(?:\s+[a-z]+)?", re.IGNORECASE)
TIMES = {"k": 1_000, "m": 1_000_000}
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

RELATIVE = re.compile(
    r"(\d{1,4})\s*(mo|months?|mins?|minutes?|m|seconds?|secs?|s|hours?|hrs?|h|days?|d|weeks?|wks?|w|years?|yrs?|yr|y)"
    r"(?:\s+ago)?(?:\s*[•·].*)?",
    re.IGNORECASE,
)
DAYS = {"d": 1.0, "w": 7.0, "y": 365.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86_400}
DAYS_OF_MONTH = 30.0
SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?", re.IGNORECASE
)
NAMED_MONTHS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")


def written_count(value: Any) -> int | None:
    """A whole number that is not negative. `12K` is 12,000, as it is rounded; `500+` only bounds it: None."""
    number = _number(value)
    if number is not None and number < 0:
        raise ValueError("is no whole number from 0 on")
    return number


def _number(value: Any) -> int | None:
    if value is None or isinstance(value, bool):
        raise ValueError("is no whole number from 0 on")
    if isinstance(value, int | float):
        if not math.isfinite(value) or value != int(value) or abs(value) > MOST:
            raise ValueError("is no whole number from 0 on")
        return int(value)
    found = NUMBER.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 60 else None
    if found is None:
        raise ValueError("is no whole number from 0 on")
    return None if found[4] else _scaled(found[1].replace(",", ""), found[2] or "", (found[3] or "").lower())


def _scaled(whole: str, fraction: str, unit: str) -> int:
    """`12.0` is 12 and `1.2K` is 1,200; half a like is none."""
    number = float(f"{whole}{fraction}") * TIMES.get(unit, 1) if fraction or unit else int(whole)
    if (not unit and number != int(number)) or number > MOST:
        raise ValueError("is no whole number from 0 on")
    return round(number)


def written_truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = TRUTHS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if known is None:
        raise ValueError("is neither true nor false")
    return known


def written_moment(value: Any, *, seen_at: datetime | None = None, month_first: bool = False) -> datetime | None:
    """A time in UTC; without a zone it is taken as UTC.

    ISO 8601, seconds or milliseconds since 1970, `17 May 2026`, `05/17/2026`, or a distance such as `2w`, which is
    reckoned from `seen_at` (a month as 30 days, a year as 365) and without it says nothing: None. `month_first`:
    whoever wrote it puts months before days; otherwise a date that could be two is refused.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no time")
    try:
        text = str(value).strip()
        if isinstance(value, int | float) or (text.isdecimal() and len(text) > DIGITS_OF_A_DAY):
            return _since_1970(float(value))
        if text.lower() in ("now", "just now"):
            return seen_at
        if relative := RELATIVE.fullmatch(text):
            return _before(seen_at, relative)
        return _in_utc(_calendar(text, month_first=month_first))
    except OverflowError:
        raise ValueError("is no time") from None


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if number >= MILLISECONDS_FROM else number
    if not 0 <= seconds <= LAST_SECOND:
        raise ValueError("is no time")
    return datetime.fromtimestamp(seconds, tz=UTC)


def _before(seen_at: datetime | None, relative: re.Match[str]) -> datetime | None:
    if seen_at is None:
        return None
    unit = relative[2].lower()
    days = DAYS_OF_MONTH if unit.startswith("mo") else DAYS[unit[0]]
    return seen_at - timedelta(days=int(relative[1]) * days)


def _calendar(text: str, *, month_first: bool) -> datetime:
    if slashed := SLASHED.fullmatch(text):
        return _slashed(slashed, month_first=month_first)
    for form in NAMED_MONTHS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise ValueError("is no time that can be read here; 2026-05-17 or 2026-05-17T09:30:00Z can") from None


def _slashed(found: re.Match[str], *, month_first: bool) -> datetime:
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if not month_first and first <= 12 and second <= 12 and first != second:
        raise ValueError(f"may be two days; write {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}")
    month, day = (first, second) if first <= 12 else (second, first)
    hour = int(found[4] or 0) % 12 + 12 * (found[7].lower() == "pm") if found[7] else int(found[4] or 0)
    return datetime(year, month, day, hour, int(found[5] or 0), int(found[6] or 0), tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
