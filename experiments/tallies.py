"""From a stream of subjects to counts, in one pass: of each subject only its latencies and author are kept."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .confusion import Counts
from .labels import Label
from .models import Variant

Cell = tuple[bool | None, bool | None]
"""Whether primary and canary found a subject relevant; None: no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one arm said of a subject; no label: it failed. Latency in milliseconds, cost in US dollars.

    `is_blameless`: it failed by no fault of its own, such as a spent budget, which no guardrail counts.
    """

    label: str
    latency_ms: float = 0.0
    cost_usd: float = 0.0
    is_blameless: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject: who wrote it, what the arms said (None: not asked), what people said ('': nothing yet).

    `is_waiting`: an arm is still to be asked about it, so that nothing is amiss yet.
    """

    author: str
    primary: Answer | None
    canary: Answer | None
    blind: str = ""
    human: str = ""
    is_waiting: bool = False

    @property
    def is_due(self) -> bool:
        """Whether both arms ought to have been asked: the canary only follows where the primary has answered."""
        if self.canary is not None or self.primary is None:
            return True
        return bool(self.primary.label) and not self.is_waiting


@dataclass(slots=True)
class ArmTally:
    """Counts of one arm. `labelled` takes any person's label; `blind` those of the blind lane."""

    labels: Counter[str] = field(default_factory=Counter)
    failures: int = 0
    kept_from: int = 0
    """Subjects that it was asked about in vain by no fault of its own."""
    authors: set[str] = field(default_factory=set)
    labelled: int = 0
    blind: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    """Of its answers."""
    waits: "array[float]" = field(default_factory=lambda: array("d"))
    """The same, and those of its failures, as far as they are known: calls that were cut among them."""
    cost_usd: float = 0.0

    @property
    def n(self) -> int:
        return self.labels.total()

    def add(self, answer: Answer, subject: Subject) -> None:
        self.authors.add(subject.author)
        self.cost_usd += answer.cost_usd
        if not answer.label:
            self._add_failure(answer)
            return
        self.labels[answer.label] += 1
        self.waits.append(answer.latency_ms)
        self.latencies.append(answer.latency_ms)
        self.labelled += bool(subject.blind or subject.human)
        if subject.blind:
            self.blind[is_relevant(answer.label), is_relevant(subject.blind)] += 1

    def _add_failure(self, answer: Answer) -> None:
        if answer.is_blameless:
            self.kept_from += 1
            return
        self.failures += 1
        if answer.latency_ms:
            self.waits.append(answer.latency_ms)

    def latency_ms(self, share: float) -> float | None:
        """The latency that this share of the answers did not pass."""
        return _quantile(self.latencies, share)

    def wait_ms(self, share: float) -> float | None:
        """The same with its failures."""
        return _quantile(self.waits, share)


def _quantile(values: "array[float]", share: float) -> float | None:
    """By the nearest rank."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1))]


@dataclass(slots=True)
class Tally:
    """Counts of both arms, and of the pairs where both answered."""

    primary: ArmTally = field(default_factory=ArmTally)
    canary: ArmTally = field(default_factory=ArmTally)
    subjects: int = 0
    pairs: int = 0
    due: int = 0
    """Subjects that both arms ought to have been asked about."""
    missing: int = 0
    """Those of them that one arm was never asked about."""
    discordant: int = 0
    wins: Counter[Variant] = field(default_factory=Counter)
    """Blind-labelled subjects on which this arm alone was right."""
    cells: Counter[Cell] = field(default_factory=Counter)
    """Subjects by what the arms said of them."""
    labelled: Counter[tuple[Cell, bool]] = field(default_factory=Counter)
    """The blind-labelled ones among them, and whether people found them relevant."""

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "Tally":
        tally = cls()
        for subject in subjects:
            tally.add(subject)
        return tally

    def add(self, subject: Subject) -> None:
        self.subjects += 1
        if subject.primary:
            self.primary.add(subject.primary, subject)
        if subject.canary:
            self.canary.add(subject.canary, subject)
        cell = (_said(subject.primary), _said(subject.canary))
        self.cells[cell] += 1
        if subject.blind:
            self.labelled[cell, is_relevant(subject.blind)] += 1
        self.due += subject.is_due
        if subject.primary is None or subject.canary is None:
            self.missing += subject.is_due
        elif subject.primary.label and subject.canary.label:
            self._add_pair(is_relevant(subject.primary.label), is_relevant(subject.canary.label), subject.blind)

    def _add_pair(self, primary: bool, canary: bool, blind: str) -> None:
        self.pairs += 1
        if primary != canary:
            self.discordant += 1
            if blind:
                self.wins[Variant.CANARY if canary == is_relevant(blind) else Variant.PRIMARY] += 1


def _said(answer: Answer | None) -> bool | None:
    return is_relevant(answer.label) if answer and answer.label else None


def is_relevant(label: str) -> bool:
    """'maybe' counts as not relevant."""
    return label == Label.RELEVANT


def counts_of(pairs: "Counter[tuple[bool, bool]]") -> Counts:
    """Of (said, true) pairs."""
    return Counts(
        true_positive=pairs[True, True],
        false_positive=pairs[True, False],
        false_negative=pairs[False, True],
        true_negative=pairs[False, False],
    )
