"""A project's money for models: never more than its month has, however many ask at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from signalops_site.core import budgets
from signalops_site.core.budgets import Claim
from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.llm.requests import NOTHING, FailureKind, LlmAnswer
from signalops_site.core.llm.spending import Purse, scope_of
from signalops_site.core.models import BudgetMonth, BudgetReservation, BudgetUnit, LlmCall, Project
from tests.connectors.test_oauth_race import OnAFile, finish
from tests.llm_stand_in import Reply, StandIn, fails, in_turn, says

from .asking import VERDICT, answer, failure, request

COST = Decimal("0.000036")


@pytest.fixture(autouse=True)
def judging(provider: StandIn) -> StandIn:
    provider.script = lambda _asked: says(VERDICT)
    return provider


def month(project: Project) -> BudgetMonth:
    return BudgetMonth.objects.get(scope=scope_of(project))


def state(project: Project) -> tuple[Decimal, Decimal]:
    """What is settled, and what is reserved."""
    return month(project).settled, month(project).reserved


def test_what_calls_cost_is_counted_also_without_a_limit(provider: StandIn, project: Project) -> None:
    assert len(list(Gateway(project).ask_many([request(number) for number in range(5)]))) == 5
    assert state(project) == (5 * COST, NOTHING)
    assert month(project).limit is None
    assert not BudgetReservation.objects.exists()


def test_the_worst_case_is_reserved_while_a_call_is_under_way(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(VERDICT, seconds=0.3)
    outcomes = Gateway(project, budget_usd=Decimal(1)).ask_many([request(n) for n in range(3)], concurrency=1)
    seen = [month(project).reserved for _ in outcomes]
    assert seen[0] >= 2 * 100 * Decimal("0.0000006")
    assert seen[-1] == 0


def test_an_exhausted_budget_refuses_the_rest_at_once(provider: StandIn, project: Project) -> None:
    asked = [request(number, question=str(number)) for number in range(200)]
    came = [outcome for _, outcome in Gateway(project, budget_usd=30 * COST).ask_many(asked, concurrency=8)]
    paid = [outcome for outcome in came if isinstance(outcome, LlmAnswer)]
    refused = [failure(outcome) for outcome in came if not isinstance(outcome, LlmAnswer)]
    assert 20 <= len(paid) == provider.count <= 30
    assert {(each.kind, each.retryable) for each in refused} == {(FailureKind.BUDGET, False)}
    assert "The budget of tidewater's models for" in refused[0].reason
    assert month(project).settled == len(paid) * COST <= 30 * COST
    assert LlmCall.objects.count() == len(paid)
    began = time.monotonic()
    assert failure(Gateway(project, budget_usd=30 * COST).ask(request(999))).kind == FailureKind.BUDGET
    assert time.monotonic() - began < 2


def test_what_is_in_the_ledger_takes_no_budget(provider: StandIn, project: Project) -> None:
    Gateway(project).ask(request(question="q"))
    assert answer(Gateway(project, budget_usd=NOTHING).ask(request(question="q"))).cached


def test_a_free_model_is_asked_also_when_nothing_is_left(
    provider: StandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTED_VLLM_BASE_URL", provider.url)
    gateway = Gateway(project, budget_usd=NOTHING)
    assert answer(gateway.ask(request(model="hosted_vllm/of-our-own"))).cost_usd == 0
    assert gateway.unpriced("hosted_vllm/of-our-own") == ""
    assert failure(Gateway(project, budget_usd=NOTHING).ask(request())).kind == FailureKind.BUDGET


def test_a_model_without_a_known_price_is_not_asked_when_nothing_is_left(
    provider: StandIn, project: Project
) -> None:
    asked = request(model="openai/priced-by-nobody")
    told = failure(Gateway(project, budget_usd=NOTHING).ask(asked))
    assert (told.kind, told.retryable, provider.count) == (FailureKind.BUDGET, False, 0)
    gateway = Gateway(project, budget_usd=Decimal(1))
    assert answer(gateway.ask(asked)).cost_usd == 0
    assert "No price is known for openai/priced-by-nobody" in gateway.unpriced(asked.model)
    assert gateway.unpriced("openai/gpt-4o-mini") == ""
    assert Gateway(project).unpriced(asked.model) == ""
    assert state(project) == (NOTHING, NOTHING)


def test_an_answer_that_does_not_say_what_it_used_counts_as_its_worst_case(
    provider: StandIn, project: Project
) -> None:
    provider.script = lambda _asked: says(VERDICT, tokens_in=0, tokens_out=0)
    told = answer(Gateway(project, budget_usd=Decimal(1)).ask(request()))
    assert told.cost_usd > 100 * Decimal("0.0000006")
    settled, reserved = state(project)
    assert settled >= told.cost_usd
    assert reserved == 0


@pytest.mark.parametrize("first", [fails(400), fails(401)])
def test_a_call_that_fails_gives_everything_back(provider: StandIn, project: Project, first: Reply) -> None:
    provider.script = in_turn(first, says(VERDICT))
    gateway = Gateway(project, budget_usd=Decimal(1))
    assert failure(gateway.ask(request(1))).kind == FailureKind.REFUSED
    assert state(project) == (NOTHING, NOTHING)


def test_a_malformed_answer_is_settled(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says("no JSON")
    Gateway(project, budget_usd=Decimal(1)).ask(request())
    assert state(project) == (COST, NOTHING)


def test_who_stops_listening_gives_the_rest_back(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: says(VERDICT, seconds=0 if "(0)" in asked.text else 30)
    outcomes = Gateway(project, budget_usd=Decimal(1)).ask_many([request(number) for number in range(5)])
    next(outcomes)
    outcomes.close()
    assert state(project) == (COST, NOTHING)


def test_what_others_have_reserved_is_waited_for_and_then_given_up(provider: StandIn, project: Project) -> None:
    limit = Decimal("0.01")
    claim = Claim(BudgetUnit.USD, limit, limit)
    held = budgets.reserve(scope_of(project), name="another worker", items=1, claims=[claim])
    gateway = Gateway(project, budget_usd=limit)
    told = failure(gateway.ask(request(timeout_s=0.6)))
    assert (told.kind, told.retryable, provider.count) == (FailureKind.BUDGET, True, 0)
    budgets.release(held)
    assert answer(gateway.ask(request())).data == VERDICT


def test_a_wave_is_granted_as_far_as_the_money_goes(project: Project) -> None:
    purse = Purse(project, Decimal("0.001"))
    granted = purse.reserve([Decimal("0.0003")] * 5)
    assert (granted.items, granted.refusal) == (3, "")
    more = purse.reserve([Decimal("0.0003")] * 2)
    assert (more.items, more.is_final) == (0, False)
    purse.settle([(granted.wave, Decimal("0.0001")), (granted.wave, Decimal("0.0003"))])
    assert state(project) == (Decimal("0.0004"), Decimal("0.0003"))
    purse.settle([(granted.wave, NOTHING)])
    assert state(project) == (Decimal("0.0004"), NOTHING)
    assert not BudgetReservation.objects.exists()


# ---------------------------------------------------------------- several workers

WORKERS, EACH = 3, 60
LIMIT = 60 * COST

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from signalops_site.core.models import Project
Project.objects.create(slug="tidewater", name="Tidewater")
"""

SPEND = """
import django; django.setup()
import sys
from signalops_site.core.models import Project
from tests.core.llm.test_spending import spend
print(spend(Project.objects.get(), int(sys.argv[1])))
"""

READ = """
import django; django.setup()
from django.db.models import Sum
from signalops_site.core.models import BudgetMonth, LlmCall
month = BudgetMonth.objects.get()
print(f"{month.settled} {month.reserved} {LlmCall.objects.aggregate(sum=Sum('cost'))['sum']}")
"""


def spend(project: Project, worker: int) -> int:
    """Ask more than there is money for: how many were answered."""
    asked = [request(number, question=f"{worker}.{number}") for number in range(EACH)]
    came = Gateway(project, budget_usd=LIMIT).ask_many(asked, concurrency=4)
    return sum(isinstance(outcome, LlmAnswer) for _, outcome in came)


def test_processes_on_one_limit_never_pass_it(provider: StandIn, tmp_path_factory: pytest.TempPathFactory) -> None:
    on_a_file = OnAFile(tmp_path_factory.mktemp("budget"))
    on_a_file.run(PREPARE)
    provider.script = lambda _asked: says(VERDICT, seconds=0.05)
    workers = [on_a_file.begin(SPEND, str(number)) for number in range(WORKERS)]
    answered = sum(int(finish(worker)) for worker in workers)
    settled, reserved, paid = (Decimal(number) for number in on_a_file.run(READ).split())
    assert settled == paid == answered * COST
    assert LIMIT * Decimal("0.8") < settled <= LIMIT
    assert reserved == 0
    assert answered == provider.count


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one connection of a test in memory")
@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql_never_pass_it(provider: StandIn, project: Project) -> None:
    def work(worker: int) -> int:
        try:
            return spend(project, worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        answered = sum(pool.map(work, range(WORKERS)))
    assert month(project).settled == LlmCall.objects.aggregate(sum=Sum("cost"))["sum"] == answered * COST
    assert LIMIT * Decimal("0.8") < month(project).settled <= LIMIT
    assert month(project).reserved == 0


def test_a_call_that_is_cut_costs_its_prompt(provider: StandIn, project: Project) -> None:
    """The provider reads it, whether somebody waits for the answer or not: so slow models are bound as well."""
    provider.script = lambda _asked: says(VERDICT, seconds=1)
    told = failure(Gateway(project, budget_usd=Decimal(1)).ask(request(timeout_s=0.3)))
    row = LlmCall.objects.get()
    assert (told.kind, row.tokens_in > 0, row.tokens_out) == (FailureKind.TIMEOUT, True, 0)
    settled, reserved = state(project)
    assert 0 < told.cost_usd <= settled < told.cost_usd + Decimal("0.000001"), "it is rounded up"
    assert reserved == 0
