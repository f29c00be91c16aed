"""What an answer says to us: that we should stop, that we are not welcome, or that there is no interest.

Rules of words (`answers.yaml`), so that anybody can see why. Most answers say none of these. Where a rule errs, a
person takes the outcome back.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from ..normalizing import bare_text, clean_text

RULES_FILE = Path(__file__).with_name("answers.yaml")
LONGEST = 2_000
"""Characters that are read; no answer's point comes later."""
QUOTED_LINE = re.compile(r"^>.*$", re.MULTILINE)
PARAGRAPHS = re.compile(r"\n\s*\n")
"""A content warning stands in one of its own before the text."""
NO_WORD = re.compile(r"[^\w']+")
TWICE = re.compile(r"\b(\w+)(?: \1\b)+")
PICTURES = ("So", "Sk", "Cf", "Cs")
"""Unicode's categories of emoji, and of what joins and tints them."""
VARIANTS = range(0xFE00, 0xFE10)
CLAUSE = r"(?:^|[.!?;:,(。、]\s*|\s[-\u2013\u2014]+\s|\b(?:and|so|but|then|und|et|y|e|и)\s)\s*"


class Verdict(StrEnum):
    """In the order in which rules are asked: who asks to be left alone in rude words has asked."""

    STOP = "stop"
    """They ask not to be written to: they are put on the do-not-contact list."""
    HOSTILE = "hostile"
    NOT_INTERESTED = "not_interested"


class Rules(BaseModel):
    """The file: what is a wish to stop when it is all that is said, and expressions by verdict and language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    whole: list[list[str]]
    polite: list[list[str]]
    asking: list[list[str]]
    stop: dict[str, list[str]]
    hostile: dict[str, list[str]]
    not_interested: dict[str, list[str]]

    def of(self, verdict: Verdict) -> dict[str, list[str]]:
        found: dict[str, list[str]] = getattr(self, verdict.value)
        return found


def verdict_on(text: str) -> Verdict | None:
    """What an answer says to us; None: nothing of the kind. Quoted lines, links, names and emoji are not read."""
    said = _plain(clean_text(bare_text(QUOTED_LINE.sub(" ", text[:LONGEST]))))
    if any(_wish(part) in _whole_texts() for part in [said, *PARAGRAPHS.split(said)]):
        return Verdict.STOP
    return next((verdict for verdict, pattern in _patterns().items() if pattern.search(said)), None)


@lru_cache(maxsize=1)
def rules() -> Rules:
    return Rules.model_validate(yaml.safe_load(RULES_FILE.read_text(encoding="utf-8")))


def _plain(text: str) -> str:
    """In small letters of the usual width, without emoji."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    if folded.isascii():
        return folded
    return "".join(" " if _is_picture(sign) else sign for sign in folded)


def _is_picture(sign: str) -> bool:
    return ord(sign) in VARIANTS or unicodedata.category(sign) in PICTURES


def _wish(text: str) -> str:
    """The words alone, each once where it is repeated, and no politeness around them."""
    words = TWICE.sub(r"\1", NO_WORD.sub(" ", text).strip().strip("'"))
    return _politeness().sub("", words).strip()


@lru_cache(maxsize=1)
def _politeness() -> re.Pattern[str]:
    polite = _any_of(rules().polite)
    return re.compile(rf"^(?:{polite}(?: |$))+|(?:(?:^| ){polite})+$")


@lru_cache(maxsize=1)
def _whole_texts() -> frozenset[str]:
    return frozenset(chain.from_iterable(rules().whole))


@lru_cache(maxsize=1)
def _patterns() -> dict[Verdict, re.Pattern[str]]:
    found = {verdict: "|".join(chain.from_iterable(rules().of(verdict).values())) for verdict in Verdict}
    led_in = _any_of([*rules().polite, *rules().asking])
    found[Verdict.STOP] = rf"{CLAUSE}(?:{led_in}[\s,:]+)*(?:{found[Verdict.STOP]})"
    return {verdict: re.compile(pattern, re.MULTILINE) for verdict, pattern in found.items()}


def _any_of(phrases: list[list[str]]) -> str:
    longest_first = sorted(chain.from_iterable(phrases), key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})"
