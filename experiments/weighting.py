"""What the blind labels say of all that an arm answered, and not only of what people were asked about.

People are asked about every subject on which two shadowed arms disagree, and about few of the others. So a label
stands for its cell: the subjects of which both arms said what they said of this one. Who is asked within a cell is
decided by a hash, whoever is right (post-stratification; the effective number is that of Kish 1965, "Survey
Sampling"). In canary mode a random share is asked about, and each label stands for itself.
"""

from collections import Counter
from dataclasses import dataclass

from .confusion import Counts
from .models import Variant
from .tallies import Cell, Tally

COVERED = 0.95
"""Cells without any label hold at most the rest of what an arm answered; else nothing is said of it yet."""
SCALE = 1_000_000


@dataclass(frozen=True, slots=True)
class Weighted:
    """Labels in millionths of a subject, and how many equally weighted ones would say as much."""

    counts: Counts
    effective_n: float


def weighted_labels(tally: Tally, variant: Variant, *, is_shadow: bool) -> Weighted:
    """An arm's answers against the blind labels."""
    cells = {cell: count for cell, count in tally.cells.items() if said(cell, variant) is not None}
    asked = {cell: tally.labelled[cell, True] + tally.labelled[cell, False] for cell in cells}
    covered = sum(count for cell, count in cells.items() if asked[cell])
    if is_shadow and covered < COVERED * sum(cells.values()):
        return Weighted(Counts(), 0.0)
    weights = {cell: cells[cell] / asked[cell] if is_shadow else 1.0 for cell in cells if asked[cell]}
    return Weighted(_counts(tally, variant, weights), _effective_n(weights, asked))


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


def _effective_n(weights: dict[Cell, float], asked: dict[Cell, int]) -> float:
    total = sum(weight * asked[cell] for cell, weight in weights.items())
    squares = sum(weight * weight * asked[cell] for cell, weight in weights.items())
    return total * total / squares if squares else 0.0
