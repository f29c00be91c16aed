"""Several workers spend one budget at once: together they spend it to the end, and not one item more."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from signalops_site.core.budgets import Claim, reserve, settle
from signalops_site.core.errors import BudgetReserved, BudgetSpent
from signalops_site.core.models import BudgetMonth, BudgetUnit
from tests.connectors.test_oauth_race import OnAFile, finish

WORKERS, LIMIT, EACH = 3, 400, Decimal("0.005")

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""

SPEND = """
import django; django.setup()
import sys, time
from tests.core.test_budgets_race import spend_it_all
time.sleep(max(0, float(sys.argv[1]) - time.time()))
print(spend_it_all())
"""

READ = """
import django; django.setup()
from signalops_site.core.models import BudgetMonth
for row in BudgetMonth.objects.order_by("unit"):
    print(f"{row.unit} {row.reserved.normalize():f} {row.settled.normalize():f}")
"""


def spend_it_all() -> int:
    """Reserve seven, use five, until nothing is left: what was used."""
    claims = [Claim(BudgetUnit.POSTS, limit=Decimal(LIMIT)), Claim(BudgetUnit.USD, EACH, LIMIT * EACH)]
    total = 0
    while True:
        try:
            held = reserve("account:7", name="account x: main", items=7, claims=claims)
        except BudgetReserved:
            time.sleep(0.001)
            continue
        except BudgetSpent:
            return total
        used = min(held.items, 5)
        settle(
            held,
            {BudgetUnit.POSTS: Decimal(used - 2), BudgetUnit.USD: (used - 2) * EACH} if used > 2 else {},
            keep=True,
        )
        rest = Decimal(min(used, 2))
        settle(held, {BudgetUnit.POSTS: rest, BudgetUnit.USD: rest * EACH})
        total += used


def test_processes_on_one_file_spend_it_together(tmp_path: Path) -> None:
    on_a_file = OnAFile(tmp_path)
    on_a_file.run(PREPARE)
    start = str(time.time() + 6)
    workers = [on_a_file.begin(SPEND, start) for _ in range(WORKERS)]
    assert sum(int(finish(worker)) for worker in workers) == LIMIT
    assert on_a_file.run(READ) == f"posts 0 {LIMIT}\nusd 0 2"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one connection of a test in memory")
@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql_spend_it_together() -> None:
    def spend(_: int) -> int:
        try:
            return spend_it_all()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(spend, range(WORKERS))) == LIMIT
    told = {row.unit: (float(row.reserved), float(row.settled)) for row in BudgetMonth.objects.all()}
    assert told == {"posts": (0, LIMIT), "usd": (0, 2)}
