"""The facts that rules can name: their kinds, the operators of each kind, and how a test reads them.

A reader gives None for a fact that is unknown, or whose value is not of its kind.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from math import isnan

from .base import Fact

Test = Callable[[Mapping[str, Fact]], bool]
Entries = Callable[[Mapping[str, Fact]], tuple[str, ...] | None]


class Kind(StrEnum):
    TEXT = "text"
    TEXTS = "a list of texts"
    NUMBER = "a number"
    TRUTH = "true or false"


FACT_KINDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "language": Kind.TEXT,
    "platform": Kind.TEXT,
    "query": Kind.TEXTS,
    "label": Kind.TEXT,
    "confidence": Kind.NUMBER,
    "author_handle": Kind.TEXT,
    "author_name": Kind.TEXT,
    "author_bio": Kind.TEXT,
    "author_followers": Kind.NUMBER,
    "author_verified": Kind.TRUTH,
    "author_age_days": Kind.NUMBER,
    "likes": Kind.NUMBER,
    "replies": Kind.NUMBER,
    "reposts": Kind.NUMBER,
    "views": Kind.NUMBER,
    "hours_ago": Kind.NUMBER,
    "hashtags": Kind.TEXTS,
    "mentions": Kind.TEXTS,
    "urls": Kind.TEXTS,
    "has_question": Kind.TRUTH,
}
VALUES_OF: Mapping[str, tuple[str, ...]] = {"label": ("relevant", "maybe", "irrelevant")}
"""Facts that have few values: comparing one with anything else would be false for ever, without a word."""
WHOLE_WORDS = frozenset({"hashtags", "mentions"})
OPERATORS_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("==", "!=", "in", "contains", "matches"),
    Kind.TEXTS: ("==", "!=", "in", "contains", "matches"),
    Kind.NUMBER: ("==", "!=", "<", "<=", ">", ">=", "in"),
    Kind.TRUTH: ("==", "!="),
}


def reader_of(name: str, kind: Kind) -> Callable[[Mapping[str, Fact]], object]:
    if kind is Kind.NUMBER:
        return number_reader(name)
    return truth_reader(name) if kind is Kind.TRUTH else entries_reader(name, fold=str.casefold)


def number_reader(name: str) -> Callable[[Mapping[str, Fact]], float | None]:
    def read(facts: Mapping[str, Fact]) -> float | None:
        value = facts.get(name)
        if type(value) is int:
            return value
        return value if isinstance(value, float) and not isnan(value) else None

    return read


def truth_reader(name: str) -> Callable[[Mapping[str, Fact]], bool | None]:
    def read(facts: Mapping[str, Fact]) -> bool | None:
        value = facts.get(name)
        return value if isinstance(value, bool) else None

    return read


def entries_reader(name: str, *, fold: Callable[[str], str]) -> Entries:
    """A text is read as one entry, so that texts and lists of texts are compared in one way."""

    def read(facts: Mapping[str, Fact]) -> tuple[str, ...] | None:
        value = facts.get(name)
        if isinstance(value, str):
            return (fold(value),)
        return tuple(map(fold, value)) if isinstance(value, tuple) else None

    return read


def fold_of(name: str) -> Callable[[str], str]:
    return _fold_word if name in WHOLE_WORDS else str.casefold


def _fold_word(word: str) -> str:
    return word.casefold().lstrip("#@")
