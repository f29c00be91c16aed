"""`local/keyword`: the project's keywords and nothing else. Predictable, explainable, blunt.

| the post                                        | verdict         |
| ----------------------------------------------- | --------------- |
| holds an excluded keyword                       | irrelevant, .9  |
| lacks every required keyword                    | irrelevant, .7  |
| holds a required keyword                        | maybe, .4       |
| no required keywords are configured             | maybe, .3       |

The last row is where keywords know nothing: the post is left to a person, below what a hit earns.
A keyword is a word or a phrase; it matches whole words, whatever the case, spacing or quotes. One
required keyword is enough.
"""

import hashlib
import re
import time
from collections.abc import Sequence
from functools import lru_cache

from signalops_site.core.config.schema import Relevance

from .base import JudgeContext, JudgeFailure, Label, PostView, Verdict
from .text import normalise

MODEL_ID = "local/keyword"
EXCLUDE_MODEL_ID = "keyword-exclude"
EXCLUDE_CONFIDENCE = 0.95


class KeywordJudge:
    """The keyword table for one project."""

    model_id = MODEL_ID

    def __init__(self, context: JudgeContext) -> None:
        self._relevance = context.relevance
        self.prompt_version = context.digest(MODEL_ID)

    def judge_batch(self, posts: Sequence[PostView]) -> list[Verdict | JudgeFailure]:
        return [self._judge(post) for post in posts]

    def _judge(self, post: PostView) -> Verdict:
        started = time.perf_counter()
        label, confidence, reasoning = _decide(normalise(post.text), self._relevance)
        return Verdict(
            label=label,
            confidence=confidence,
            reasoning=reasoning,
            model=self.model_id,
            prompt_version=self.prompt_version,
            latency_ms=(time.perf_counter() - started) * 1000,
        )


def exclude_verdict(post: PostView, relevance: Relevance) -> Verdict | None:
    """The verdict of the excluded keywords, asked before any model; None lets the post through."""
    started = time.perf_counter()
    found = find_keyword(normalise(post.text), relevance.keywords_excluded)
    if found is None:
        return None
    return Verdict(
        label=Label.IRRELEVANT,
        confidence=EXCLUDE_CONFIDENCE,
        reasoning=f"holds the excluded keyword '{found}'",
        model=EXCLUDE_MODEL_ID,
        prompt_version=exclude_prompt_version(relevance),
        latency_ms=(time.perf_counter() - started) * 1000,
    )


def exclude_prompt_version(relevance: Relevance) -> str:
    """16 hex characters over the excluded keywords alone: nothing else decides `exclude_verdict`."""
    return _digest_of(tuple(relevance.keywords_excluded))


def find_keyword(text: str, keywords: Sequence[str]) -> str | None:
    """The first of the keywords, as configured, that stands in a normalised text as whole words."""
    return next((keyword for keyword in keywords if _stands_in(keyword, text)), None)


def _decide(text: str, relevance: Relevance) -> tuple[Label, float, str]:
    excluded = find_keyword(text, relevance.keywords_excluded)
    if excluded is not None:
        return Label.IRRELEVANT, 0.9, f"holds the excluded keyword '{excluded}'"
    if not relevance.keywords_required:
        return Label.MAYBE, 0.3, "no required keywords are configured, so keywords cannot tell"
    required = find_keyword(text, relevance.keywords_required)
    if required is None:
        return Label.IRRELEVANT, 0.7, "holds none of the required keywords"
    return Label.MAYBE, 0.4, f"holds the required keyword '{required}'"


def _stands_in(keyword: str, text: str) -> bool:
    """The plain search for its first word comes first, because nearly every keyword is absent."""
    first, pattern = _prepared(keyword)
    return first in text and pattern.search(text) is not None


@lru_cache(maxsize=4096)
def _prepared(keyword: str) -> tuple[str, re.Pattern[str]]:
    """A keyword's first word in normal form, and what matches all of it."""
    return next(iter(normalise(keyword).split()), ""), _pattern(keyword)


def _pattern(keyword: str) -> re.Pattern[str]:
    """Whole words, of which only white space may vary. No escape from a keyword: it is text, not an expression."""
    words = normalise(keyword).split()
    if not words:
        return re.compile(r"(?!)")
    body = r"\s+".join(re.escape(word) for word in words)
    return re.compile(rf"(?<!\w){body}(?!\w)")


@lru_cache(maxsize=256)
def _digest_of(keywords: tuple[str, ...]) -> str:
    told = "\x1f".join([EXCLUDE_MODEL_ID, *keywords])
    return hashlib.sha256(told.encode()).hexdigest()[:16]
