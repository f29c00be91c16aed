"""What was paid for is found again, and what is about a person can be taken out."""

from decimal import Decimal
from typing import Any

import pytest

from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.llm.ledger import forget
from signalops_site.core.llm.requests import NOTHING, FailureKind
from signalops_site.core.models import LlmCall, Project, Run
from tests.connectors.test_oauth_race import OnAFile, finish
from tests.llm_stand_in import StandIn, fails, in_turn, says

from .asking import MODEL, VERDICT, answer, failure, request


def run_of(project: Project, kind: str = "pipeline") -> Run:
    version = project.config_versions.get(number=1)
    return Run.objects.create(project=project, kind=kind, trigger="command", config_version=version)


@pytest.fixture(autouse=True)
def judging(provider: StandIn) -> StandIn:
    provider.script = lambda _asked: says(VERDICT)
    return provider


def test_the_same_question_to_the_same_model_is_paid_for_once(provider: StandIn, project: Project) -> None:
    first = answer(Gateway(project).ask(request(question="q")))
    again = answer(Gateway(project).ask(request(question="q")))
    assert provider.count == 1
    assert (again.data, again.cached, again.cost_usd, again.call_id) == (VERDICT, True, NOTHING, first.call_id)
    assert again.worth_usd == first.worth_usd == first.cost_usd > 0
    assert (again.latency_ms, again.tokens_in) == (first.latency_ms, first.tokens_in)
    row = LlmCall.objects.get(cached=True)
    assert (row.cost, row.tokens_in, row.answer, row.status) == (NOTHING, 0, "", "answered")


@pytest.mark.parametrize(
    "changes",
    [{"question": "other"}, {"prompt_version": "v2"}, {"model": "openai/gpt-4o"}, {"question": ""}],
)
def test_another_question_is_another_call(provider: StandIn, project: Project, changes: dict[str, Any]) -> None:
    Gateway(project).ask(request(question="q"))
    assert not answer(Gateway(project).ask(request(**({"question": "q"} | changes)))).cached
    assert provider.count == 2


def test_another_project_pays_for_itself(provider: StandIn, project: Project, other_project: Project) -> None:
    Gateway(project).ask(request(question="q"))
    assert not answer(Gateway(other_project).ask(request(question="q"))).cached
    assert not answer(Gateway(None).ask(request(question="q"))).cached
    assert answer(Gateway(None).ask(request(question="q"))).cached
    assert provider.count == 3


def test_without_a_cache_only_the_same_run_is_not_asked_twice(provider: StandIn, project: Project) -> None:
    first, second = run_of(project), run_of(project, "other")
    Gateway(project, run=first, cache=False).ask(request(question="q"))
    assert answer(Gateway(project, run=first, cache=False).ask(request(question="q"))).cached
    assert not answer(Gateway(project, run=second, cache=False).ask(request(question="q"))).cached
    assert not answer(Gateway(project, cache=False).ask(request(question="q"))).cached
    assert provider.count == 3
    assert LlmCall.objects.filter(run=first).count() == 2


def test_failures_are_not_found_again(provider: StandIn, project: Project) -> None:
    provider.script = in_turn(says("no JSON"), fails(400), says(VERDICT))
    kinds = [failure(Gateway(project).ask(request(question="q"))).kind for _ in range(2)]
    assert kinds == [FailureKind.MALFORMED, FailureKind.REFUSED]
    assert not answer(Gateway(project).ask(request(question="q"))).cached


def test_a_fallback_s_answer_is_not_taken_for_the_model_s(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: fails(400) if asked.model == "gpt-4o-mini" else says(VERDICT)
    Gateway(project).ask(request(question="q", fallbacks=("openai/gpt-4o",)))
    provider.script = lambda _asked: says(VERDICT)
    assert not answer(Gateway(project).ask(request(question="q"))).cached
    assert answer(Gateway(project).ask(request(question="q", model="openai/gpt-4o"))).cached


def test_a_run_that_goes_on_pays_for_no_fallback_twice(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: fails(400) if asked.model == "gpt-4o-mini" else says(VERDICT)
    asked = request(question="q", fallbacks=("openai/gpt-4o",))
    run, later = run_of(project), run_of(project, "other")
    first = answer(Gateway(project, run=run, cache=False).ask(asked))
    again = answer(Gateway(project, run=run, cache=False).ask(asked))
    assert provider.models() == ["gpt-4o-mini", "gpt-4o"]
    assert (again.cached, again.model, again.call_id) == (True, "openai/gpt-4o", first.call_id)
    provider.script = lambda _asked: says(VERDICT)
    assert answer(Gateway(project, run=later).ask(asked)).model == MODEL


def test_a_fallback_that_was_asked_on_its_own_stands_in_for_nobody(provider: StandIn, project: Project) -> None:
    run = run_of(project)
    Gateway(project, run=run).ask(request(question="q", model="openai/gpt-4o"))
    told = answer(Gateway(project, run=run).ask(request(question="q", fallbacks=("openai/gpt-4o",))))
    assert (told.cached, told.model) == (False, MODEL)


def test_an_answer_that_is_not_by_the_present_schema_does_not_count(provider: StandIn, project: Project) -> None:
    Gateway(project).ask(request(question="q", schema=None))
    LlmCall.objects.update(answer="Hello.")
    assert not answer(Gateway(project).ask(request(question="q"))).cached


def test_who_asks_the_same_at_once_shares_one_call(provider: StandIn, project: Project) -> None:
    asked = [request(number, question=f"q{number % 3}") for number in range(30)]
    came = dict(Gateway(project).ask_many(asked, concurrency=4))
    assert provider.count == 3
    assert sum(answer(outcome).cached for outcome in came.values()) == 27
    assert sum((answer(outcome).cost_usd for outcome in came.values()), NOTHING) == 3 * Decimal("0.000036")
    assert LlmCall.objects.filter(cached=True).count() == 27


def test_who_asks_the_same_at_once_shares_its_failure(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: fails(400)
    came = dict(Gateway(project).ask_many([request(number, question="q") for number in range(5)]))
    assert {failure(outcome).kind for outcome in came.values()} == {FailureKind.REFUSED}
    assert provider.count == 1


def test_forgetting_empties_the_answers_about_these_and_no_others(provider: StandIn, project: Project) -> None:
    for number in (1, 2):
        Gateway(project).ask(request(number, question=f"q{number}"))
    assert forget(["lead:1", "", "lead:77"]) == 1
    assert forget(["lead:1"]) == 0
    rows = {row.subject: row for row in LlmCall.objects.all()}
    assert (rows["lead:1"].answer, rows["lead:1"].question) == ("", "")
    assert rows["lead:1"].cost == Decimal("0.000036")
    assert rows["lead:2"].answer
    assert not answer(Gateway(project).ask(request(1, question="q1"))).cached


def test_a_deleted_run_leaves_what_it_cost(provider: StandIn, project: Project) -> None:
    run = run_of(project)
    Gateway(project, run=run).ask(request())
    run.delete()
    assert LlmCall.objects.get().run is None


# ---------------------------------------------------------------- killed

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from signalops_site.core.models import Project
Project.objects.create(slug="tidewater", name="Tidewater")
"""

ASK = """
import django; django.setup()
import os, signal, sys
from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.models import Project
from tests.core.llm.asking import request
asked = [request(number, question=str(number), timeout_s=60) for number in range(40)]
left = int(sys.argv[1])
for _index, outcome in Gateway(Project.objects.get()).ask_many(asked, concurrency=4):
    left -= 1
    if not left:
        print("killed", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
print("done")
"""


def test_a_killed_process_pays_for_no_finished_call_twice(
    provider: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    on_a_file = OnAFile(tmp_path_factory.mktemp("ledger"))
    on_a_file.run(PREPARE)
    provider.script = lambda _asked: says(VERDICT, seconds=0.1)
    killed = on_a_file.begin(ASK, "15")
    assert killed.communicate(timeout=120)[0] == "killed\n"
    asked_before = provider.count
    assert 15 <= asked_before < 40
    assert finish(on_a_file.begin(ASK, "0")) == "done"
    asked_twice = provider.count - 40
    assert asked_twice <= 4 + 4, "more than what was under way, or had just ended, at the kill"
