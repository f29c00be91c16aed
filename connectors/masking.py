"""Keeps an account's secrets out of what a platform says.

Some repeat a token in the sentence that refuses it, or in a name. What they say is shown, logged and stored in
the clear, so secrets are taken out of an answer before anybody reads it: as they are, quoted for an address or a
page, in base64 as basic authentication sends them, and each in any case.
"""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import httpx

from .access import Credentials
from .reading import MAX_DEPTH

HIDDEN = "***"
SHORTEST = 4
"""Characters. Anything shorter is part of many words, and would be found everywhere."""
DEEPEST = 2 * MAX_DEPTH


class Mask:
    """The secrets of one account. More are hidden as they become known; none is ever shown again."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._forms: set[str] = set()
        self._pattern = re.compile("(?!)")
        if credentials is not None:
            self.hide(*credentials.secrets(), *_basic(credentials))

    def hide(self, *secrets: str) -> None:
        """Mask these, too, from now on."""
        forms = {form.lower() for secret in secrets if len(secret) >= SHORTEST for form in _forms_of(secret)}
        if not forms <= self._forms:
            self._forms |= forms
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def text(self, text: str) -> str:
        """Most texts hold no secret: a plain search is many times quicker than the pattern."""
        lowered = text.lower()
        return self._pattern.sub(HIDDEN, text) if any(form in lowered for form in self._forms) else text

    def value(self, value: Any, *, depth: int = 0) -> Any:
        """A JSON value with its texts and keys masked. What lies deeper than any API's nesting is None. What
        needs no mask is the value itself, as most do: a copy would take as much memory again.
        """
        if isinstance(value, str):
            return self.text(value)
        if depth > DEEPEST:
            return None
        if isinstance(value, list):
            return self._each(value, depth=depth + 1)
        if isinstance(value, dict) and value:
            keys, items = list(value), list(value.values())
            masked_keys, masked = self._each(keys, depth=0), self._each(items, depth=depth + 1)
            is_same = masked_keys is keys and masked is items
            return value if is_same else dict(zip(masked_keys, masked, strict=True))
        return value

    def _each(self, items: list[Any], *, depth: int) -> list[Any]:
        """The same list, if none of them needs a mask."""
        masked: list[Any] | None = None
        for place, item in enumerate(items):
            value = self.value(item, depth=depth)
            if masked is None and value is not item:
                masked = items[:place]
            if masked is not None:
                masked.append(value)
        return items if masked is None else masked

    def headers(self, headers: httpx.Headers) -> httpx.Headers:
        masked = [(name, self.text(value)) for name, value in headers.multi_items()]
        return httpx.Headers(masked, encoding=headers.encoding)


def sent_in(headers: Mapping[str, str] | None) -> Iterator[str]:
    """What a request's `Authorization` shows of a secret: the part behind the scheme."""
    for name, value in (headers or {}).items():
        if name.lower() == "authorization":
            yield value.partition(" ")[2] or value


def _basic(credentials: Credentials) -> Iterator[str]:
    """The pairs that basic authentication may make of credentials, of which one part at least is secret."""
    plain = ["", *credentials.texts()]
    for secret in credentials.secrets():
        if len(secret) >= SHORTEST:
            for other in plain:
                yield from (*_base64(f"{other}:{secret}"), *_base64(f"{secret}:{other}"))


def _forms_of(secret: str) -> tuple[str, ...]:
    return (
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        *_base64(secret),
    )


def _base64(text: str) -> Iterator[str]:
    """In both alphabets, with the padding and without, as not everybody writes it."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        padded = encode(text.encode()).decode()
        yield from (padded, padded.rstrip("="))
