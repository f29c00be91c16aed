"""`cascade:local/default>openai/...`: a local judge answers where it is sure, a language model judges the rest.

Sure is a verdict of "relevant" or "irrelevant" with a confidence of at least `SURE`; "maybe" never is. Each
verdict is the part's that gave it, under that part's own name and prompt version.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .base import Answer, Findings, Judge, Label, PostView, StreamingJudge, Verdict, in_order

PREFIX: Final = "cascade:"
SURE: Final = 0.85


class NoCascade(ValueError):
    """A model id that begins as a cascade's but names no two judges."""


def parts_of(model_id: str) -> tuple[str, str]:
    """The local judge's id and the other one's. NoCascade with a sentence when there are no two."""
    first, sign, second = model_id.removeprefix(PREFIX).partition(">")
    if not (sign and first and second) or ">" in second or second.startswith(PREFIX):
        raise NoCascade(f"{model_id!r}: a cascade is written as cascade:local/default>openai/gpt-4o-mini.")
    return first, second


def is_sure(answer: Answer) -> bool:
    return isinstance(answer, Verdict) and answer.label is not Label.MAYBE and answer.confidence >= SURE


class CascadeJudge:
    """`first` is local and asked about every post, `second` about those of which it is not sure."""

    def __init__(self, model_id: str, first: Judge, second: StreamingJudge) -> None:
        self.model_id = model_id
        self.first = first
        self.second = second

    @property
    def prompt_version(self) -> str:
        told = f"{self.first.prompt_version}>{self.second.prompt_version}>{SURE}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def findings(self) -> Findings:
        return self.second.findings

    @property
    def known_as(self) -> Sequence[tuple[str, str]]:
        """Of the model alone: past the budget, the local judge's verdicts are also those it was not sure of."""
        return self.second.known_as

    def judge_batch(self, posts: Sequence[PostView]) -> list[Answer]:
        return in_order(self, posts)

    def judge_as_they_come(self, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        unsure: list[int] = []
        for place, answer in enumerate(self.first.judge_batch(posts)):
            if is_sure(answer):
                yield place, answer
            else:
                unsure.append(place)
        for number, answer in self.second.judge_as_they_come([posts[place] for place in unsure]):
            yield unsure[number], answer

    def decided_locally(self, verdict: Verdict) -> bool:
        """Whether a verdict is the local judge's, because it was sure: one that it gave past the budget is not."""
        return verdict.model == self.first.model_id and is_sure(verdict)


def agreement(pairs: Iterable[tuple[Label, Label]]) -> tuple[float | None, int]:
    """The share of pairs of labels that are the same, and how many there are."""
    same = [one == other for one, other in pairs]
    return (sum(same) / len(same) if same else None), len(same)
