"""Two by two: what was said and what is true. Judges, experiments and evaluations count in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """A two by two table. A figure whose denominator is zero is None."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0

    @classmethod
    def of(cls, said: Sequence[bool], truth: Sequence[bool]) -> "Counts":
        pairs = list(zip(said, truth, strict=True))
        return cls(
            true_positive=pairs.count((True, True)),
            false_positive=pairs.count((True, False)),
            false_negative=pairs.count((False, True)),
            true_negative=pairs.count((False, False)),
        )

    @property
    def n(self) -> int:
        return self.right + self.false_positive + self.false_negative

    @property
    def right(self) -> int:
        return self.true_positive + self.true_negative

    @property
    def accuracy(self) -> float | None:
        return ratio(self.right, self.n)

    @property
    def precision(self) -> float | None:
        return ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        return ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float | None:
        return ratio(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)

    @property
    def mcc(self) -> float | None:
        """Matthews correlation; None when either side holds one class only."""
        tp, fp, fn, tn = self.true_positive, self.false_positive, self.false_negative, self.true_negative
        return ratio(tp * tn - fp * fn, math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
