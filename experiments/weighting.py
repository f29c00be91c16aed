"""What the blind labels say of all that an arm answered, and not only of what people were asked about.

People are asked about every subject on which two shadowed arms disagree, and about few of the others. So a label
stands for its cell: the subjects of which both arms said what they said of this one. Who is asked within a cell is
decided by a hash, whoever is right (post-stratification). In canary mode a random share is asked about, and each
label stands for itself.

How sure a share of such parts is depends on each of them: disagreements, of which all are labelled, and the rest,
of which few are. Each has a Wilson interval at Kish's effective number of labels (1965, "Survey Sampling"). Their
distances are put together by their squares (Donner & Zou 2012, "Closed-form confidence intervals for functions of
the normal mean and standard deviation"), with what chance had to say in how large each part is.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from . import statistics
from .confusion import Counts
from .figures import Interval
from .models import Variant
from .tallies import Cell, Tally

COVERED = 0.95
"""Cells without any label hold at most the rest of what an arm answered; else nothing is said of it yet."""
SCALE = 1_000_000
Z = 1.959964
"""Of a 95 % interval."""


@dataclass(slots=True)
class Part:
    """Weighted labels of some cells: those on which the arm is right, all, and the squares of their weights."""

    right: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    @property
    def share(self) -> float:
        return self.right / self.total


@dataclass(frozen=True, slots=True)
class Weighted:
    """Labels in millionths of a subject, and the 95 % interval of their agreement."""

    counts: Counts
    interval: Interval | None


def weighted_labels(tally: Tally, variant: Variant, *, is_shadow: bool) -> Weighted:
    """An arm's answers against the blind labels."""
    cells = {cell: count for cell, count in tally.cells.items() if said(cell, variant) is not None}
    asked = {cell: tally.labelled[cell, True] + tally.labelled[cell, False] for cell in cells}
    covered = sum(count for cell, count in cells.items() if asked[cell])
    if is_shadow and covered < COVERED * sum(cells.values()):
        return Weighted(Counts(), None)
    weights = {cell: cells[cell] / asked[cell] if is_shadow else 1.0 for cell in cells if asked[cell]}
    return Weighted(_counts(tally, variant, weights), _interval(_parts(tally, variant, weights)))


def said(cell: Cell, variant: Variant) -> bool | None:
    return cell[0] if variant == Variant.PRIMARY else cell[1]


def _counts(tally: Tally, variant: Variant, weights: dict[Cell, float]) -> Counts:
    amounts: Counter[tuple[bool | None, bool]] = Counter()
    for cell, weight in weights.items():
        for truth in (True, False):
            amounts[said(cell, variant), truth] += round(weight * tally.labelled[cell, truth] * SCALE)
    return Counts(
        true_positive=amounts[True, True],
        false_positive=amounts[True, False],
        false_negative=amounts[False, True],
        true_negative=amounts[False, False],
    )


def _parts(tally: Tally, variant: Variant, weights: dict[Cell, float]) -> list[Part]:
    """What both arms agree on (or one did not answer), and what they disagree about."""
    parts: dict[bool, Part] = {}
    for cell, weight in weights.items():
        part = parts.setdefault(cell[0] != cell[1] and None not in cell, Part())
        right = tally.labelled[cell, bool(said(cell, variant))]
        n = tally.labelled[cell, True] + tally.labelled[cell, False]
        part.right += weight * right
        part.total += weight * n
        part.squares += weight * weight * n
    return list(parts.values())


def _interval(parts: Sequence[Part]) -> Interval | None:
    total = sum(part.total for part in parts)
    if not total:
        return None
    share = sum(part.right for part in parts) / total
    below = above = sum(part.total / total * (part.share - share) ** 2 for part in parts) * Z * Z / total
    for part in parts:
        effective = part.total * part.total / part.squares
        wilson = statistics.wilson(part.share * effective, effective)
        if wilson is not None:
            below += (part.total / total * (part.share - wilson.low)) ** 2
            above += (part.total / total * (wilson.high - part.share)) ** 2
    return Interval(low=max(0.0, share - math.sqrt(below)), high=min(1.0, share + math.sqrt(above)))
