"""What every judge shares: what it may see, what it answers, and the one method that the pipeline calls.

A `Judge` is built for one project and one version of its configuration, and answers posts in
batches, in order, one answer per post. How it gets there is its own affair: the local judges
compute the batch at once; one that asks a provider runs its calls concurrently inside
`judge_batch`. A post that could not be judged is a `JudgeFailure`, never an invented verdict.

A `StreamingJudge` also hands out its answers as they come, because each of them may take seconds. `as_they_come`
asks any judge that way.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, runtime_checkable

from experiments.labels import Label
from signalops_site.core.config.schema import ProjectDocument, Relevance
from signalops_site.core.llm.requests import FailureKind

__all__ = ["Judge", "JudgeContext", "JudgeFailure", "Label", "PostView", "Verdict"]

MAX_REASONING = 500


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as judges see it: untrusted data. A fact that the platform does not give is None."""

    text: str
    language: str | None = None
    platform: str | None = None
    author_handle: str | None = None
    author_name: str | None = None
    author_bio: str | None = None
    author_followers: int | None = None
    author_verified: bool | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    subject: str = ""
    """Whose row it is, such as `lead:12`; empty for a post that is not stored. Judges judge without it."""


@dataclass(frozen=True, slots=True)
class JudgeContext:
    """The part of a project's configuration that decides what is relevant to it."""

    project_name: str
    description: str
    relevance: Relevance

    @classmethod
    def from_document(cls, document: ProjectDocument) -> "JudgeContext":
        return cls(
            project_name=document.project_name,
            description=document.description,
            relevance=document.relevance,
        )

    def digest(self, *parts: str) -> str:
        """16 hex characters that change whenever what a judge is told changes; `parts` name the judge's own."""
        relevance = self.relevance.model_dump(mode="json")
        told = json.dumps([self.project_name, self.description, relevance, *parts], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer. Confidence is clamped to 0-1 and the reasoning to one line, whoever wrote them.

    Raises ValueError for an unknown label, or numbers that are not numbers.
    """

    label: Label
    confidence: float
    reasoning: str
    model: str
    prompt_version: str
    latency_ms: float
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = field(default=Decimal(0))
    worth_usd: Decimal = field(default=Decimal(0))
    """What the answer cost when it was asked, also where it is used again for nothing."""
    ends_call: bool = True
    """False: another answer of the same call comes right behind, and is stored together with it."""
    stood_in_for: "JudgeFailure | None" = None
    """How the judge that was asked failed, where another model has answered in its stead."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.confidence) or not math.isfinite(self.latency_ms):
            raise ValueError("A verdict's confidence and latency must be finite numbers.")
        if self.tokens_in < 0 or self.tokens_out < 0 or not min(self.cost_usd, self.worth_usd) >= 0:
            raise ValueError("A verdict's tokens and cost cannot be negative.")
        object.__setattr__(self, "label", Label(self.label))
        object.__setattr__(self, "confidence", min(1.0, max(0.0, float(self.confidence))))
        object.__setattr__(self, "latency_ms", max(0.0, float(self.latency_ms)))
        object.__setattr__(self, "worth_usd", max(self.worth_usd, self.cost_usd))
        object.__setattr__(self, "reasoning", _one_line(self.reasoning))


@dataclass(frozen=True, slots=True)
class JudgeFailure:
    """A post that got no verdict: the attempt is recorded and the lead waits."""

    model: str
    reason: str
    retryable: bool = True
    latency_ms: float = 0.0
    kind: FailureKind | None = None
    """What a provider's failure was; None for those of local judges."""
    is_of_the_model: bool = False
    """The model answers nobody at all, as it seems."""
    cost_usd: Decimal = field(default=Decimal(0))
    """Of an answer that was paid for and is none."""
    stood_in_for: "JudgeFailure | None" = None
    """How the judge that was asked failed, where others have failed after it."""

    @property
    def is_of_the_post(self) -> bool:
        """Whether the post may be to blame. Else it is the provider, or money, and the lead is not given up."""
        return self.kind in {None, FailureKind.MALFORMED, FailureKind.REFUSED} and not self.is_of_the_model


Answer = Verdict | JudgeFailure


class Judge(Protocol):
    """Judges the posts of one project."""

    @property
    def model_id(self) -> str: ...

    @property
    def prompt_version(self) -> str:
        """Hash of everything the judge is told beside the post, 16 hex characters."""
        ...

    def judge_batch(self, posts: Sequence[PostView]) -> list[Verdict | JudgeFailure]:
        """One answer per post, in the order of the posts. Never raises for what a post holds."""
        ...


@dataclass(slots=True)
class Findings:
    """What a judge found out on the way that the run should tell."""

    problems: list[str] = field(default_factory=list)
    spent_budget: str = ""
    """What is said of a month's budget that is spent; empty while there is some left."""

    def tell(self, problem: str) -> None:
        """Once, however often it happens."""
        if problem not in self.problems:
            self.problems.append(problem)


@runtime_checkable
class StreamingJudge(Judge, Protocol):
    """A judge whose answers take their time, and are handed out one by one."""

    @property
    def findings(self) -> Findings: ...

    @property
    def known_as(self) -> Sequence[tuple[str, str]]:
        """(model id, prompt version) of the verdicts that it would not ask for again."""
        ...

    def judge_as_they_come(self, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        """(place of the post, its answer), each post once, in any order. Closing it ends what is under way."""
        ...


def as_they_come(judge: Judge, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
    """The answers of any judge, with the places of their posts."""
    if isinstance(judge, StreamingJudge):
        return judge.judge_as_they_come(posts)
    return enumerate(judge.judge_batch(posts))


def in_order(judge: StreamingJudge, posts: Sequence[PostView]) -> list[Answer]:
    """What comes in any order, in the order of the posts: the `judge_batch` of a judge that streams."""
    answers = dict(judge.judge_as_they_come(posts))
    return [answers[place] for place in range(len(posts))]


def known_as(judge: Judge) -> Sequence[tuple[str, str]]:
    return judge.known_as if isinstance(judge, StreamingJudge) else ((judge.model_id, judge.prompt_version),)


def _one_line(text: str) -> str:
    """Printable, on one line, of bounded length."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(text.split())
    return line if len(line) <= MAX_REASONING else line[: MAX_REASONING - 1] + "…"
