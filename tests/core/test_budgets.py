"""What a month has, what of it is reserved, and what becomes of reservations that nobody settles."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from signalops_site.core import budgets
from signalops_site.core.budgets import (
    LIFETIME,
    Claim,
    Reservation,
    next_month,
    release,
    reserve,
    settle,
    spend,
    spent,
)
from signalops_site.core.errors import BudgetReserved, BudgetSpent
from signalops_site.core.models import BudgetMonth, BudgetReservation, BudgetUnit

pytestmark = pytest.mark.django_db
POSTS, USD = BudgetUnit.POSTS, BudgetUnit.USD
PRICE = Decimal("0.005")


def take(items: int, *, posts: int | None = 1000, usd: str | None = None, scope: str = "account:7") -> Reservation:
    claims = [
        Claim(POSTS, limit=None if posts is None else Decimal(posts)),
        Claim(USD, PRICE, None if usd is None else Decimal(usd)),
    ]
    return reserve(scope, name="account x: main", items=items, claims=claims)


def used(posts: int) -> dict[BudgetUnit, Decimal]:
    return {POSTS: Decimal(posts), USD: posts * PRICE}


def standing(unit: BudgetUnit = POSTS) -> tuple[float, float]:
    """Reserved, settled."""
    row = BudgetMonth.objects.get(scope="account:7", unit=unit)
    return float(row.reserved), float(row.settled)


def test_what_is_spent_in_any_case_is_counted_beyond_the_limit_and_leaves_reservations_alone() -> None:
    held = take(20, posts=30)
    spend("account:7", items=25, claims=[Claim(POSTS, limit=Decimal(30)), Claim(USD, PRICE)])
    assert standing() == (20, 25)
    assert standing(USD) == (0.1, 0.125)
    release(held)
    assert standing() == (0, 25)
    assert take(20, posts=30).items == 5


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [datetime(2026, 11, 30, 23, 59, tzinfo=UTC)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def test_what_is_asked_for_is_reserved_and_what_is_left_goes_to_the_next() -> None:
    assert take(600).items == 600
    assert take(600).items == 400
    assert standing() == (1000, 0)


def test_of_several_limits_the_narrowest_counts() -> None:
    assert take(500, usd="1.00").items == 200
    assert standing(USD) == (1.0, 0)
    assert standing() == (200, 0)


def test_money_is_counted_to_the_last_cent() -> None:
    for _ in range(20):
        settle(take(50, posts=None, usd="5.00"), used(50))
    assert standing(USD) == (0, 5.0)
    with pytest.raises(BudgetSpent, match=r"\(\$5\.00\)"):
        take(1, posts=None, usd="5.00")


def test_without_a_limit_everything_is_granted_and_counted() -> None:
    settle(take(10**6, posts=None), used(10**6))
    assert spent(["account:7"]) == {"account:7": {POSTS: 10**6, USD: 5000}}


def test_a_page_is_settled_and_the_rest_stays_reserved() -> None:
    held = take(100)
    assert settle(held, used(30), keep=True)
    assert standing() == (70, 30)
    assert settle(held, used(20), keep=True)
    release(held)
    assert standing() == (0, 50)
    assert standing(USD) == (0, 0.25)


def test_giving_back_twice_gives_back_once() -> None:
    held, other = take(100), take(50)
    release(held)
    release(held)
    assert standing() == (50, 0)
    release(other)
    assert standing() == (0, 0)
    assert not BudgetReservation.objects.exists()


def test_more_than_was_reserved_counts_all_the_same() -> None:
    held = take(995)
    settle(held, used(1004), keep=True)
    assert standing() == (0, 1004)
    release(held)
    assert standing() == (0, 1004)
    with pytest.raises(BudgetSpent):
        take(1)


def test_a_spent_budget_says_when_the_next_month_begins(clock: list[datetime]) -> None:
    settle(take(1000), used(1000))
    with pytest.raises(BudgetSpent) as caught:
        take(1)
    assert caught.value.detail == (
        "The budget of account x: main for November is spent (1,000 posts): it goes on from 1 December."
    )
    assert caught.value.renews_on == date(2026, 12, 1)


def test_what_others_have_reserved_may_come_back() -> None:
    held = take(1000)
    with pytest.raises(BudgetReserved, match="reserved by what is under way"):
        take(1)
    release(held)
    assert take(1).items == 1


def test_a_refusal_reserves_nothing() -> None:
    settle(take(200, usd="1.00"), used(200))
    with pytest.raises(BudgetSpent):
        take(1, usd="1.00")
    assert standing() == (0, 200)


def test_the_next_month_begins_anew_and_the_last_is_settled_in_its_own(clock: list[datetime]) -> None:
    held = take(1000)
    clock[0] += timedelta(minutes=2)
    assert take(1000).items == 1000
    settle(held, used(300))
    told = {row.month: (float(row.reserved), float(row.settled)) for row in BudgetMonth.objects.filter(unit=POSTS)}
    assert told == {date(2026, 11, 1): (0, 300), date(2026, 12, 1): (1000, 0)}
    assert spent(["account:7"]) == {"account:7": {POSTS: 0, USD: 0}}
    assert spent(["account:7"], month=date(2026, 11, 1))["account:7"][POSTS] == 300


def test_a_killed_process_holds_its_reservation_for_a_while_and_no_longer(clock: list[datetime]) -> None:
    clock[0] = datetime(2026, 11, 5, tzinfo=UTC)
    left_behind = take(1000)
    clock[0] += LIFETIME - timedelta(seconds=1)
    with pytest.raises(BudgetReserved):
        take(1)
    clock[0] += timedelta(seconds=1)
    assert take(1000).items == 1000
    assert standing() == (1000, 0)
    assert not settle(left_behind, used(10), keep=True)
    assert standing() == (1000, 10)


def test_who_goes_on_settling_keeps_the_rest(clock: list[datetime]) -> None:
    clock[0] = datetime(2026, 11, 5, tzinfo=UTC)
    held = take(1000)
    for _ in range(5):
        clock[0] += LIFETIME - timedelta(seconds=1)
        assert settle(held, used(1), keep=True)
    with pytest.raises(BudgetReserved):
        take(1)


def test_a_raised_limit_holds_at_once_and_a_lowered_one_too() -> None:
    settle(take(1000), used(1000))
    assert take(1000, posts=1500).items == 500
    with pytest.raises(BudgetSpent):
        take(1, posts=900)


def test_scopes_do_not_share() -> None:
    settle(take(1000), used(1000))
    assert take(10, scope="account:8").items == 10


def test_no_row_goes_below_nothing() -> None:
    take(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetMonth.objects.update(reserved=-1)


@pytest.mark.parametrize(
    ("month", "following"), [((2026, 12), (2027, 1)), ((2026, 1), (2026, 2)), ((2028, 2), (2028, 3))]
)
def test_months_follow_each_other(month: tuple[int, int], following: tuple[int, int]) -> None:
    assert next_month(date(*month, 1)) == date(*following, 1)


def test_this_month_is_that_of_utc() -> None:
    assert budgets.month_of(timezone.now()).day == 1
