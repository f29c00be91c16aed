"""What may be spent in a month: reserved before it is spent, settled when it is known, given back when it is not.

Whoever spends reserves first, all that it may need or as much of it as is left. Reservations count against the
limit, so workers that reserve side by side never grant more than there is: the month's row is locked for it. One
that is neither settled nor renewed expires, as its process must have been killed, and is there for others again.

    held = reserve("account:7", name="x: main", items=100, claims=[Claim(BudgetUnit.POSTS, limit=Decimal(1000))])
    settle(held, {BudgetUnit.POSTS: Decimal(20)}, keep=True)     # the first page; the rest stays reserved
    release(held)

Months are calendar months in UTC. What was reserved in one is settled in that one, also when it has ended by then.
What is settled may be more than was reserved, and is counted: money that is spent is spent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone

from .errors import BudgetReserved, BudgetSpent
from .models import BudgetMonth, BudgetReservation, BudgetUnit

LIFETIME = timedelta(minutes=15)
"""How long a reservation holds that nobody settles anything of."""
NOTHING = Decimal(0)

Amounts = Mapping[BudgetUnit, Decimal]
_NONE: Amounts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Claim:
    """What one item takes of a unit, and how much of it the month has. Without a limit it is only counted."""

    unit: BudgetUnit
    each: Decimal = Decimal(1)
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Held:
    budget_id: int
    reservation_id: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """So many items may be spent now."""

    items: int
    held: Mapping[BudgetUnit, Held]


@transaction.atomic
def reserve(scope: str, *, name: str, items: int, claims: Sequence[Claim]) -> Reservation:
    """Reserve so many items, or as many of them as all claims have left. `name` is the scope's for people.

    BudgetSpent when not one is left, BudgetReserved when only others' reservations stand in the way.
    """
    now = timezone.now()
    months = {claim.unit: _locked_month(scope, claim, now) for claim in sorted(claims, key=lambda each: each.unit)}
    for claim in claims:
        _require_one(claim, months[claim.unit], name=name)
    granted = min(
        [items, *(left for claim in claims if (left := _items_left(claim, months[claim.unit])) is not None)]
    )
    return Reservation(
        granted, {claim.unit: _held(months[claim.unit], claim.each * granted, now) for claim in claims}
    )


@transaction.atomic
def settle(reservation: Reservation, used: Amounts, *, keep: bool = False, spare: Amounts = _NONE) -> bool:
    """Count what was used. The rest is given back, or kept but for what is `spare`, which renews it.

    False when it had expired: what was used counts all the same, but the rest is no longer there.
    """
    are_held = [
        _settle(held, used.get(unit, NOTHING), keep=keep, spare=spare.get(unit, NOTHING))
        for unit, held in sorted(reservation.held.items())
    ]
    return all(are_held)


@transaction.atomic
def spend(scope: str, *, items: int, claims: Sequence[Claim]) -> None:
    """Count what is spent in any case: nothing was reserved, and nothing is refused, however little is left."""
    now = timezone.now()
    for claim in sorted(claims, key=lambda each: each.unit):
        month = _locked_month(scope, claim, now)
        month.settled += claim.each * items
        month.save(update_fields=["settled"])


def release(reservation: Reservation) -> None:
    """Give back what was not used. A second time does nothing."""
    settle(reservation, {})


def spent(scopes: Iterable[str], *, month: date | None = None) -> dict[str, dict[BudgetUnit, Decimal]]:
    """What each of these has spent in a month (this one, unless named), by what it has reserved anything of."""
    rows = BudgetMonth.objects.filter(scope__in=list(scopes), month=month or month_of(timezone.now()))
    found: dict[str, dict[BudgetUnit, Decimal]] = {}
    for row in rows:
        found.setdefault(row.scope, {})[BudgetUnit(row.unit)] = row.settled
    return found


def month_of(moment: datetime) -> date:
    """Its first day."""
    return moment.date().replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


# ---------------------------------------------------------------- one row, locked


def _locked_month(scope: str, claim: Claim, now: datetime) -> BudgetMonth:
    """The month's row, locked, with the present limit, and without what has expired."""
    row, _ = BudgetMonth.objects.get_or_create(scope=scope, unit=claim.unit, month=month_of(now))
    budget = BudgetMonth.objects.select_for_update().get(pk=row.pk)
    over = list(budget.reservations.filter(expires_at__lte=now))
    budget.reserved -= sum((each.amount for each in over), NOTHING)
    budget.reservations.filter(pk__in=[each.pk for each in over]).delete()
    budget.limit = claim.limit
    budget.save(update_fields=["reserved", "limit"])
    return budget


def _items_left(claim: Claim, budget: BudgetMonth) -> int | None:
    """None: there is no limit."""
    if claim.limit is None:
        return None
    return max(int((claim.limit - budget.settled - budget.reserved) // claim.each), 0)


def _require_one(claim: Claim, budget: BudgetMonth, *, name: str) -> None:
    if claim.limit is None or _items_left(claim, budget):
        return
    month = f"{budget.month:%B}"
    if claim.limit - budget.settled >= claim.each:
        raise BudgetReserved(f"The rest of the budget of {name} for {month} is reserved by what is under way.")
    renewed = next_month(budget.month)
    raise BudgetSpent(
        f"The budget of {name} for {month} is spent ({told_amount(claim.unit, claim.limit)}): "
        f"it goes on from {renewed.day} {renewed:%B}.",
        renews_on=renewed,
    )


def told_amount(unit: BudgetUnit, amount: Decimal) -> str:
    """As people write it: `1,000 posts`, `$4.50`."""
    return f"${amount:,.2f}" if unit == BudgetUnit.USD else f"{amount:,.0f} {unit}"


def _held(budget: BudgetMonth, amount: Decimal, now: datetime) -> Held:
    made = BudgetReservation.objects.create(budget=budget, amount=amount, expires_at=now + LIFETIME)
    budget.reserved += amount
    budget.save(update_fields=["reserved"])
    return Held(budget.pk, made.pk)


def _settle(held: Held, used: Decimal, *, keep: bool, spare: Decimal) -> bool:
    budget = BudgetMonth.objects.select_for_update().get(pk=held.budget_id)
    reservation = budget.reservations.filter(pk=held.reservation_id).first()
    if reservation is not None:
        budget.reserved -= _given_up(reservation, used + spare, keep=keep)
    budget.settled += used
    budget.save(update_fields=["reserved", "settled"])
    return reservation is not None


def _given_up(reservation: BudgetReservation, less: Decimal, *, keep: bool) -> Decimal:
    """What the reservation no longer holds."""
    if not keep:
        reservation.delete()
        return reservation.amount
    less = min(less, reservation.amount)
    reservation.amount -= less
    reservation.expires_at = timezone.now() + LIFETIME
    reservation.save(update_fields=["amount", "expires_at"])
    return less
