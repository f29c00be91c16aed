"""A project's money for models: the worst case is reserved before a call, what it cost is settled after it.

Calls that begin together are reserved together, and those that end together are settled together, so that the
budget's row is locked some times a second and not twice for each call.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from .. import budgets
from ..budgets import Claim, Reservation
from ..errors import BudgetReserved, BudgetSpent
from ..models import BudgetUnit, Project
from .requests import NOTHING

SMALLEST: Final = Decimal("0.000001")
"""What the budgets' columns tell apart."""


def scope_of(project: Project) -> str:
    return f"project:{project.pk}:llm"


@dataclass(eq=False, slots=True)
class Wave:
    """Calls that were reserved together, each with the same amount."""

    reservation: Reservation
    each: Decimal
    open: int


@dataclass(frozen=True, slots=True)
class Granted:
    """So many of the calls may begin; each takes the `wave` along until it is settled (None: it costs nothing).

    `refusal` says why the next one may not: `is_final` when it will not this month, else others hold what is left.
    """

    items: int
    wave: Wave | None = None
    refusal: str = ""
    is_final: bool = False


class Purse:
    """The month's money of a project for models. Without a limit it is only counted."""

    def __init__(self, project: Project | None, limit: Decimal | None) -> None:
        self._project = project
        self._limit = limit
        self._refused: tuple[Decimal, str] | None = None

    def reserve(self, worst: Sequence[Decimal]) -> Granted:
        """Reserve for the first calls of a list, as many as there is money for. What is free takes no money."""
        if self._project is None or not worst[0]:
            return Granted(next((place for place, each in enumerate(worst) if each and self._project), len(worst)))
        if self._refused and worst[0] >= self._refused[0]:
            return Granted(0, refusal=self._refused[1], is_final=True)
        paid = next((place for place, each in enumerate(worst) if not each), len(worst))
        try:
            return self._reserve(max(worst[:paid]), paid)
        except (BudgetSpent, BudgetReserved):
            return self._reserve_one(worst[0])

    def _reserve_one(self, worst: Decimal) -> Granted:
        try:
            return self._reserve(worst, 1)
        except BudgetSpent as error:
            self._refused = worst, error.detail
            return Granted(0, refusal=error.detail, is_final=True)
        except BudgetReserved as error:
            return Granted(0, refusal=error.detail)

    def _reserve(self, worst: Decimal, items: int) -> Granted:
        if self._project is None:
            return Granted(items)
        each = worst.quantize(SMALLEST, rounding=ROUND_CEILING)
        claim = Claim(BudgetUnit.USD, each, self._limit)
        held = budgets.reserve(
            scope_of(self._project), name=f"{self._project.slug}'s models", items=items, claims=[claim]
        )
        return Granted(held.items, Wave(held, each, held.items))

    def settle(self, ended: Iterable[tuple[Wave | None, Decimal]]) -> None:
        """Count what these calls cost, and give back the rest of what was reserved for them."""
        costs: dict[Wave, list[Decimal]] = defaultdict(list)
        for wave, cost in ended:
            if wave is not None:
                costs[wave].append(cost)
        for wave, each in costs.items():
            used = sum(each, NOTHING).quantize(SMALLEST, rounding=ROUND_CEILING)
            spare = max(wave.each * len(each) - used, NOTHING)
            wave.open -= len(each)
            budgets.settle(
                wave.reservation,
                {BudgetUnit.USD: used},
                keep=wave.open > 0,
                spare={BudgetUnit.USD: spare},
            )
