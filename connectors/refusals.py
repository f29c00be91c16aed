"""What an answer that is no success means: the error that says how to go on, in the platform's own words."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from .errors import (
    BadAnswer,
    BadQuery,
    ConnectorError,
    Expired,
    Gone,
    InTrouble,
    NotThere,
    RateLimited,
    Refused,
)
from .headers import retry_after_in, wait_in
from .reading import as_id, as_object, as_text, objects_in

WAIT_WHEN_LIMITED = 300.0
"""Seconds to wait after a 429 that does not say how long, or names a time that is over."""
LEAST_WAIT = 5.0
"""Seconds to wait after any 429: who asks again at once meets the same, and may be shut out for it."""

MEANINGS: Mapping[int, tuple[type[ConnectorError], str]] = {
    400: (BadQuery, "does not take this request"),
    401: (Refused, "refused the account"),
    402: (Refused, "wants to be paid first"),
    403: (Refused, "refused the account"),
    404: (NotThere, "knows no such thing"),
    410: (Gone, "has it no more"),
    422: (BadQuery, "does not take this request"),
}


def refusal_of(response: httpx.Response, body: Any, *, name: str) -> ConnectorError:
    """An answer that is no success, as the error that says how to go on. `name` is the platform's, for people."""
    status, said = response.status_code, _said(body)
    code = _code(body)
    if status == 429:
        wait = wait_when_limited(response)
        return RateLimited(f"{name} asks to wait{said}.", retry_after=wait, code=code, answered=status)
    if status >= 500 or status == 408:
        told = retry_after_in(response.headers)
        return InTrouble(f"{name} is in trouble ({status}){said}.", retry_after=told, answered=status)
    if status == 403 and "html" in kind_of(response):
        words = "answered with a web page (403): something before its API refuses us"
        return BadAnswer(f"{name} {words}.", answered=status)
    if 300 <= status < 400:
        words = f"has moved elsewhere ({status}): name its present address"
        return BadAnswer(f"{name} {words}.", answered=status)
    kind, words = MEANINGS.get(status, (BadAnswer, "answered with an error"))
    if kind is Refused and "expired" in said.lower():
        kind = Expired
    return kind(f"{name} {words} ({status}){said}.", code=code, answered=status)


def wait_when_limited(response: httpx.Response) -> float:
    told = wait_in(response.headers)
    return WAIT_WHEN_LIMITED if told is None else max(told, LEAST_WAIT)


def kind_of(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "no content type"))[:60]


def _said(body: Any) -> str:
    """The platform's own words on an error, short, on one line, and only characters that can be shown."""
    text = ": ".join(_words(as_object(body)))[:300]
    shown = "".join(character if character.isprintable() else " " for character in text)
    return f": {' '.join(shown.split())}".rstrip(".") if shown.strip() else ""


def _words(told: Mapping[str, Any]) -> Iterator[str]:
    """Most say `error` and `message`. A problem (RFC 9457) has a title and a detail; X's `errors` say more."""
    words = [as_text(told.get("error")), as_text(told.get("error_description") or told.get("message"))]
    if not any(words):
        messages = [as_text(each.get("message") or each.get("detail")) for each in objects_in(told.get("errors"))]
        words = [as_text(told.get("title")), *(messages if any(messages) else [as_text(told.get("detail"))])]
    return (word.strip().rstrip(".") for word in dict.fromkeys(words) if word.strip())


def _code(body: Any) -> str:
    """The platform's own name for what is wrong: `error`, `reason`, or the last part of a problem's type."""
    told = as_object(body)
    names = (told.get("error"), told.get("reason"), as_text(told.get("type")).rpartition("/problems/")[2])
    return next(filter(None, map(as_id, names)), "")
