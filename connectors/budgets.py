"""What an account may read in a month, in posts and in money, and what it has read.

Posts are reserved in the account's budget before they are asked for, counted page by page, and what is not read
is given back. Posts count in both units: money by the platform's price, where one is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from signalops_site.core import budgets
from signalops_site.core.budgets import Claim, Reservation, told_amount
from signalops_site.core.errors import BudgetReserved, BudgetSpent
from signalops_site.core.models import BudgetUnit

from .errors import BudgetHeld, OverBudget
from .models import Account
from .prices import price_of

HELD_FOR = 3.0
"""Seconds after which somebody looks again whether others gave something back."""
MOST_AT_ONCE = 100
"""Posts of the largest page that a platform with accounts gives."""
RESERVED_AHEAD = 20
"""Posts. A stream may go over the budget by what comes at once when these are used up."""


class Reading:
    """The posts that may be read now with an account. Used where the database may be.

    Without an account nothing is counted: nobody could say whose budget it is.
    """

    def __init__(self, account: Account | None, *, wanted: int) -> None:
        """OverBudget when the month's budget is spent, BudgetHeld while others have reserved the rest of it."""
        self.account = account
        self._price = _price(account) if account else None
        self._reservation = self._reserved(account, wanted) if account else None
        self.granted = self._reservation.items if self._reservation else wanted
        self._counted = 0

    def _reserved(self, account: Account, wanted: int) -> Reservation:
        try:
            return budgets.reserve(
                scope_of(account), name=f"account {account}", items=wanted, claims=_claims(account, self._price)
            )
        except BudgetSpent as error:
            raise OverBudget(error.detail) from None
        except BudgetReserved as error:
            raise BudgetHeld(error.detail, retry_after=HELD_FOR) from None

    def count(self, posts: int) -> bool:
        """Count what was read. False: the rest is no longer reserved, so no more is to be read."""
        if self._reservation is None:
            return True
        self._counted += posts
        return budgets.settle(self._reservation, _amounts(posts, self._price), keep=True)

    def leave(self) -> None:
        """End while a request is under way: what it may bring counts as read. The platform reads it, and takes its
        money, whether somebody waits or not.
        """
        self.count(max(min(self.granted - self._counted, MOST_AT_ONCE), 0))
        self.end()

    def end(self) -> None:
        """Give back what was not read."""
        if self._reservation is not None:
            budgets.release(self._reservation)
            self._reservation = None


class Meter:
    """What comes of itself, such as a stream, within an account's budget: some posts are always reserved ahead."""

    def __init__(self, account: Account | None) -> None:
        self.account = account
        self._reading = Reading(None, wanted=0)
        self._left = 0

    def open(self) -> None:
        """Reserve what comes next, by the limits that the account has now. OverBudget, BudgetHeld: see Reading."""
        self.close()
        present = Account.objects.filter(pk=self.account.pk).first() if self.account else None
        self._reading = Reading(present or self.account, wanted=RESERVED_AHEAD)
        self._left = self._reading.granted

    def count(self, posts: int) -> bool:
        """Count what came. False: that was all that is reserved, so `open` has to be asked for more."""
        is_reserved = self._reading.count(posts)
        self._left -= posts
        return is_reserved and self._left > 0

    def close(self) -> None:
        self._reading.end()


def count_read(account: Account | None, posts: int) -> None:
    """Count posts that are read in any case, also when the month's budget is spent."""
    if account is not None and posts:
        budgets.spend(scope_of(account), items=posts, claims=_claims(account, _price(account)))


def scope_of(account: Account) -> str:
    return f"account:{account.pk}"


def _price(account: Account) -> Decimal | None:
    price = price_of(account.platform)
    return price.usd_per_post if price else None


def _claims(account: Account, price: Decimal | None) -> list[Claim]:
    posts = account.monthly_posts_limit
    claims = [Claim(BudgetUnit.POSTS, limit=None if posts is None else Decimal(posts))]
    return [*claims, Claim(BudgetUnit.USD, price, account.monthly_usd_limit)] if price else claims


def _amounts(posts: int, price: Decimal | None) -> dict[BudgetUnit, Decimal]:
    amounts = {BudgetUnit.POSTS: Decimal(posts)}
    return {**amounts, BudgetUnit.USD: posts * price} if price else amounts


# ---------------------------------------------------------------- what was read


@dataclass(frozen=True, slots=True)
class ReadMonth:
    """What an account has read in this month, of what it may. `usd` is None where no price is known."""

    month: date
    posts: int
    usd: Decimal | None
    posts_limit: int | None
    usd_limit: Decimal | None
    usd_per_post: Decimal | None

    def __str__(self) -> str:
        """`120 of 1,000 posts, $0.60 of $5.00`; with no limit `120 posts, $0.60`."""
        posts = _of(
            BudgetUnit.POSTS, Decimal(self.posts), None if self.posts_limit is None else Decimal(self.posts_limit)
        )
        return posts if self.usd is None else f"{posts}, {_of(BudgetUnit.USD, self.usd, self.usd_limit)}"


def _of(unit: BudgetUnit, amount: Decimal, limit: Decimal | None) -> str:
    if limit is None:
        return told_amount(unit, amount)
    return f"{told_amount(unit, amount).removesuffix(' posts')} of {told_amount(unit, limit)}"


def read_months(accounts: Iterable[Account]) -> dict[int, ReadMonth]:
    """This month of each account, by its id, in one query."""
    listed = list(accounts)
    found = budgets.spent(map(scope_of, listed))
    return {account.pk: _read_month(account, found.get(scope_of(account), {})) for account in listed}


def _read_month(account: Account, spent: dict[BudgetUnit, Decimal]) -> ReadMonth:
    price, nothing = _price(account), Decimal(0)
    return ReadMonth(
        month=budgets.month_of(timezone.now()),
        posts=int(spent.get(BudgetUnit.POSTS, nothing)),
        usd=spent.get(BudgetUnit.USD, nothing) if price else None,
        posts_limit=account.monthly_posts_limit,
        usd_limit=account.monthly_usd_limit,
        usd_per_post=price,
    )
