"""What the headers of an answer say of waiting, in our own clock.

Platforms write the same thing in several ways: `RateLimit-*`, `X-RateLimit-*` and `X-Rate-Limit-*`, with a reset
that is seconds from now, seconds since 1970, or an ISO 8601 time; `Retry-After` in seconds or as a date (RFC
9110). Absolute times are the platform's clock: read as a distance from the answer's own `Date`, they need no
agreement.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone

from .access import Allowance

PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
MOST_REQUESTS = 2**31 - 1
LONGEST_WAIT = 86_400.0
EPOCH_SECONDS_FROM = 1_000_000_000
"""A number this large is a time since 1970; a smaller one counts from now."""


def allowance_in(headers: Mapping[str, str]) -> Allowance | None:
    """What is left until when; None when the headers do not say both."""
    for prefix in PREFIXES:
        remaining = _whole(headers.get(f"{prefix}remaining"))
        wait = _at_most_a_day(_seconds_until(headers.get(f"{prefix}reset"), headers))
        if remaining is not None and wait is not None:
            resets_at = timezone.now() + timedelta(seconds=wait)
            return Allowance(_limit(prefix, remaining, headers), remaining, resets_at)
    return None


def _limit(prefix: str, remaining: int, headers: Mapping[str, str]) -> int | None:
    """How many requests a window has. Reddit says instead how many of them are used."""
    limit, used = (_whole(headers.get(f"{prefix}{name}")) for name in ("limit", "used"))
    return min(used + remaining, MOST_REQUESTS) if limit is None and used is not None else limit


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, at most a day; None when the platform does not say."""
    return _at_most_a_day(_seconds_until(headers.get("retry-after"), headers))


def wait_in(headers: Mapping[str, str]) -> float | None:
    """Seconds to leave the platform alone, at most a day; None when it names no time, or one that is over."""
    names = ("retry-after", *(f"{prefix}reset" for prefix in PREFIXES))
    told = (_seconds_until(headers.get(name), headers) for name in names)
    return _at_most_a_day(next((seconds for seconds in told if seconds is not None and seconds >= 0), None))


def _at_most_a_day(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds_until(text: str | None, headers: Mapping[str, str]) -> float | None:
    """Less than none when the time is over."""
    if not text:
        return None
    seconds = _number(text)
    if seconds is None or seconds >= EPOCH_SECONDS_FROM:
        moment = _moment(text) if seconds is None else _from_epoch(seconds)
        seconds = None if moment is None else (moment - _their_now(headers)).total_seconds()
    return seconds


def _their_now(headers: Mapping[str, str]) -> datetime:
    return _moment(headers.get("date", "")) or timezone.now()


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _whole(text: str | None) -> int | None:
    """Some platforms count in fractions ("93.0"); half a request is none."""
    number = _number(text) if text else None
    return None if number is None else min(int(number), MOST_REQUESTS)


def _from_epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str) -> datetime | None:
    """An ISO 8601 time, or a date as HTTP writes it."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
