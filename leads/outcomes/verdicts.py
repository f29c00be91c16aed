"""What an answer says to us: that we should stop, that we are not welcome, or that there is no interest.

Rules of words (`answers.yaml`), so that anybody can see why. Most answers say none of these. Where a rule errs, a
person takes the outcome back.
"""

import re
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
AROUND = " \t\n.,;:!?…-—'\"()"
QUOTED_LINE = re.compile(r"^>.*$", re.MULTILINE)


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
    stop: dict[str, list[str]]
    hostile: dict[str, list[str]]
    not_interested: dict[str, list[str]]

    def of(self, verdict: Verdict) -> dict[str, list[str]]:
        found: dict[str, list[str]] = getattr(self, verdict.value)
        return found


def verdict_on(text: str) -> Verdict | None:
    """What an answer says to us; None: nothing of the kind. Quoted lines, links and names are not read."""
    said = clean_text(bare_text(QUOTED_LINE.sub(" ", text[:LONGEST]))).casefold().replace("\u2019", "'")
    if said.strip(AROUND) in _whole_texts():
        return Verdict.STOP
    return next((verdict for verdict, pattern in _patterns().items() if pattern.search(said)), None)


@lru_cache(maxsize=1)
def rules() -> Rules:
    return Rules.model_validate(yaml.safe_load(RULES_FILE.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _whole_texts() -> frozenset[str]:
    return frozenset(chain.from_iterable(rules().whole))


@lru_cache(maxsize=1)
def _patterns() -> dict[Verdict, re.Pattern[str]]:
    return {
        verdict: re.compile("|".join(chain.from_iterable(rules().of(verdict).values())), re.MULTILINE)
        for verdict in Verdict
    }
