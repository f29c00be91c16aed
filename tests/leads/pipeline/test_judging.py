"""The judge stage with models of a provider that stands on this machine: what is stored when, what is told."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection

from experiments.models import ModelType
from experiments.services import ModelFacts, activate_model, register_model
from leads.judges.base import Answer, Judge, JudgeContext, PostView, as_they_come
from leads.judges.prompts import full_prompt, short_prompt
from leads.models import Judgment, Lead, LeadStage, Notification, Post
from leads.pipeline.base import MAX_ATTEMPTS, Tally
from leads.pipeline.runner import RunOptions
from leads.pipeline.stages import judge as stage
from leads.services.runs import run_now
from signalops_site.core.llm.ledger import forget
from signalops_site.core.models import LlmCall, Project, Run, RunEvent, RunStatus
from signalops_site.core.runs import request_cancel
from tests.factories import (
    JudgmentFactory,
    LeadFactory,
    ModelVersionFactory,
    PostFactory,
    ProjectFactory,
    document,
)
from tests.leads.judges.obeying import obeying
from tests.llm_stand_in import StandIn, fails, says, serving

MODEL = "openai/gpt-4o-mini"
CASCADE = f"cascade:local/default>{MODEL}"
YES = {"label": "relevant", "confidence": 0.8, "reasoning": "It asks for a tool."}
CONTEXT = JudgeContext.from_document(document())


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with serving(lambda _asked: says(YES)) as stand_in:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-nobody")
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.url)
        yield stand_in


def project_with(texts: list[str] | int, *, slug: str = "tidewater", **llm: Any) -> Project:
    settings = {"judge_model": MODEL, "max_judge_latency_ms": 30_000, **llm}
    project = ProjectFactory.create(slug=slug, document=document(llm=settings))
    add_leads(project, texts)
    return project


def add_leads(project: Project, texts: list[str] | int) -> None:
    named = texts if isinstance(texts, list) else [f"Which tool for invoices, number {n}?" for n in range(texts)]
    for text in named:
        post = PostFactory.create(text=text)
        LeadFactory.create(project=project, post=post, stage=LeadStage.NORMALIZED, label="", confidence=0)


def run_judge(project: Project, observer: Any = None, **options: Any) -> Run:
    return run_now(project, RunOptions.parse(stages=["judge"], **options), by="command:test", observer=observer)


def counts(run: Run) -> tuple[int, int]:
    return run.stages["judge"]["done"], run.stages["judge"]["failed"]


def models_of(project: Project) -> list[str]:
    return list(
        Judgment.objects.filter(lead__project=project)
        .order_by("lead")
        .values_list("model_version__model_id", flat=True)
    )


# ---------------------------------------------------------------- stored as they come


@pytest.mark.django_db
def test_verdicts_are_stored_with_their_model_prompt_and_cost(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES, tokens_in=10_000, tokens_out=100)
    project = project_with(3)
    run = run_judge(project)
    assert (run.status, counts(run)) == (RunStatus.SUCCEEDED, (3, 0))
    judgment = Judgment.objects.first()
    assert judgment is not None
    assert (judgment.model_version.model_id, judgment.label, judgment.confidence) == (MODEL, "relevant", 0.8)
    assert judgment.prompt_version == full_prompt(CONTEXT).version
    assert judgment.cost_usd > 0
    assert set(LlmCall.objects.values_list("run", "purpose")) == {(run.pk, "judge")}
    assert LlmCall.objects.filter(subject=f"lead:{judgment.lead_id}").exists()


@pytest.mark.django_db
def test_progress_flows_while_slow_calls_wait(provider: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PORTION", 2)
    provider.script = lambda asked: says(YES, seconds=3 if "number 0?" in asked.text else 0)
    project = project_with(6)
    seen: list[tuple[int, int]] = []

    def look(_stage: str, tally: Tally) -> None:
        seen.append((tally.done, Judgment.objects.count()))

    run_judge(project, observer=look)
    assert (2, 2) in seen
    assert (4, 4) in seen
    assert seen[-1] == (6, 6)
    assert [event.done for event in RunEvent.objects.filter(stage="judge").order_by("seq")][:4] == [0, 2, 4, 6]


@pytest.mark.django_db
def test_answers_of_one_call_are_stored_together(provider: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PORTION", 6)
    provider.script = obeying(CONTEXT)
    seen: list[int] = []
    run_judge(project_with(16, posts_per_call=4), observer=lambda _stage, tally: seen.append(tally.done))
    assert set(seen) >= {8, 16}
    assert not [done for done in seen if done % 4]


@pytest.mark.django_db
def test_the_limit_is_kept(provider: StandIn) -> None:
    project = project_with(5)
    assert counts(run_judge(project, limit=2)) == (2, 0)
    assert provider.count == 2


@pytest.mark.django_db
def test_a_cancelled_run_stops_and_keeps_what_was_stored(
    provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "PORTION", 2)
    provider.script = lambda asked: says(YES, seconds=0 if "number 0?" in asked.text or "1?" in asked.text else 2)
    project = project_with(8)

    def cancel(_stage: str, tally: Tally) -> None:
        if tally.done == 2:
            request_cancel(Run.objects.get(), by="test")

    run = run_judge(project, observer=cancel)
    assert run.status == RunStatus.CANCELLED
    assert Judgment.objects.count() == 2
    assert Lead.objects.filter(stage=LeadStage.NORMALIZED, attempts=0).count() == 6


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_calls_wait(provider: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    open_while_waiting: list[bool] = []

    def watched(judge: Judge, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        for answer in as_they_come(judge, posts):
            open_while_waiting.append(connection.in_atomic_block)
            yield answer

    monkeypatch.setattr(stage, "as_they_come", watched)
    assert counts(run_judge(project_with(3))) == (3, 0)
    assert open_while_waiting == [False] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("posts_per_call", [1, 4])
def test_who_is_erased_while_their_post_is_judged_leaves_nothing(
    provider: StandIn, monkeypatch: pytest.MonkeyPatch, posts_per_call: int
) -> None:
    provider.script = obeying(CONTEXT)
    project = project_with(3, posts_per_call=posts_per_call)
    erased = Lead.objects.order_by("pk")[1]

    def watched(judge: Judge, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        answers = list(as_they_come(judge, posts))
        Post.objects.filter(pk=erased.post_id).delete()
        yield from answers

    monkeypatch.setattr(stage, "as_they_come", watched)
    run = run_judge(project)
    assert (run.status, counts(run)) == (RunStatus.SUCCEEDED, (2, 0))
    assert Judgment.objects.count() == 2
    held = LlmCall.objects.exclude(answer="").values_list("subject", flat=True)
    assert f"lead:{erased.pk}" not in held
    assert not any(subject.startswith("project:") for subject in held)


@pytest.mark.django_db
def test_a_post_that_is_emptied_while_it_is_judged_stays_gone(
    provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_with(2)
    emptied = Lead.objects.order_by("pk")[0]

    def watched(judge: Judge, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        answers = list(as_they_come(judge, posts))
        Lead.objects.filter(pk=emptied.pk).update(stage=LeadStage.GONE)
        yield from answers

    monkeypatch.setattr(stage, "as_they_come", watched)
    assert counts(run_judge(project)) == (1, 0)
    assert Lead.objects.get(pk=emptied.pk).stage == LeadStage.GONE
    assert not LlmCall.objects.exclude(answer="").filter(subject=f"lead:{emptied.pk}").exists()


@pytest.mark.django_db
def test_what_was_judged_is_not_asked_again_after_a_refresh(provider: StandIn) -> None:
    project = project_with(3)
    run_judge(project)
    again = run_judge(project, refresh="judge", since="2020-01-01")
    assert counts(again) == (3, 0)
    assert provider.count == 3


@pytest.mark.django_db
def test_shared_calls_are_forgotten_when_all_is_judged(provider: StandIn) -> None:
    provider.script = lambda _asked: says("no JSON")
    project = project_with(4, posts_per_call=4, judge_fallback_model="local/keyword")
    run_judge(project)
    assert LlmCall.objects.filter(subject=f"project:{project.pk}:posts").exclude(question="").count() == 0
    assert forget([f"project:{project.pk}:posts"]) == 0


# ---------------------------------------------------------------- failures


@pytest.mark.django_db
def test_a_failed_lead_waits_with_its_error_and_has_no_judgment(provider: StandIn) -> None:
    provider.script = lambda asked: says("maybe" if "number 0?" in asked.text else YES)
    run = run_judge(project_with(2))
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (1, 1))
    lead = Lead.objects.get(stage=LeadStage.NORMALIZED)
    assert (lead.attempts, lead.error_stage) == (1, "judge")
    assert "not JSON" in lead.error
    assert lead.retry_at is not None
    assert not lead.judgments.exists()


@pytest.mark.django_db
def test_a_missing_key_is_one_problem_and_no_lead_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    project = project_with(30)
    for _ in range(MAX_ATTEMPTS + 1):
        run = run_judge(project)
        Lead.objects.update(retry_at="2020-01-01T00:00:00Z")
        assert (run.status, counts(run)) == (RunStatus.PARTIAL, (0, 30))
    problems = run.stages["judge"]["problems"]
    assert "OPENAI_API_KEY" in problems[0]
    assert len(problems) <= 2
    assert set(Lead.objects.values_list("attempts", flat=True)) == {MAX_ATTEMPTS - 1}


@pytest.mark.django_db
def test_a_broken_model_is_told_and_the_fallback_judges(provider: StandIn) -> None:
    provider.script = lambda _asked: fails(404)
    project = project_with(
        3, judge_model="ft:gpt-4o-mini-2024-07-18:t::gone", judge_fallback_model="local/default"
    )
    run = run_judge(project)
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (3, 0))
    assert models_of(project) == ["local/default"] * 3
    (problem,) = run.stages["judge"]["problems"]
    assert problem.startswith("ft:gpt-4o-mini-2024-07-18:t::gone refused")
    assert problem.endswith("local/default judges instead.")


@pytest.mark.django_db
def test_past_the_budget_the_local_judge_goes_on_and_the_run_says_so(provider: StandIn) -> None:
    project = project_with(4, monthly_budget_usd=0)
    run = run_judge(project)
    assert counts(run) == (4, 0)
    assert models_of(project) == ["local/default"] * 4
    (problem,) = run.stages["judge"]["problems"]
    assert "budget" in problem
    assert "local/default judges instead." in problem
    assert provider.count == 0


@pytest.mark.django_db
def test_a_spent_budget_is_told_to_the_operators_once(provider: StandIn) -> None:
    notifications = {"enabled": True, "slack_webhook": "https://hooks.example.com/x"}
    llm = {"judge_model": MODEL, "monthly_budget_usd": 0}
    project = ProjectFactory.create(slug="tidewater", document=document(llm=llm, notifications=notifications))
    for _ in range(2):
        add_leads(project, 2)
        run_judge(project)
    (message,) = Notification.objects.all()
    assert (message.kind, message.subject) == ("alert", "budget")
    assert "budget" in message.sentence


@pytest.mark.django_db
def test_calls_that_took_too_long_are_counted_on_the_run(provider: StandIn) -> None:
    run_judge(project_with(1, slug="warm"))
    provider.script = lambda _asked: says(YES, seconds=30)
    run = run_judge(project_with(2, max_judge_latency_ms=1000, judge_fallback_model="local/keyword"))
    assert counts(run) == (2, 0)
    (note,) = run.stages["judge"]["notes"]
    assert note.startswith("2 calls took longer")


# ---------------------------------------------------------------- another judge from the next run on


@pytest.mark.django_db
def test_activating_a_fine_tuned_model_swaps_the_judge_on_the_next_run(provider: StandIn) -> None:
    project = project_with(2, judge_model="local/keyword")
    run_judge(project)
    facts = ModelFacts(base_model="gpt-4o-mini-2024-07-18")
    tuned = register_model(
        "openai/ft:tidewater:7", model_type=ModelType.JUDGE, by="test", project=project, facts=facts
    )
    activate_model(tuned, by="test")
    project.refresh_from_db()
    add_leads(project, ["Another one?"])
    run_judge(project)
    assert models_of(project) == ["local/keyword", "local/keyword", "openai/ft:tidewater:7"]
    assert provider.asked[0].messages[0][1] == short_prompt(CONTEXT).instructions
    assert Judgment.objects.latest("pk").prompt_version == short_prompt(CONTEXT).version


@pytest.mark.django_db
def test_naming_a_fine_tuned_model_in_the_configuration_does_the_same(provider: StandIn) -> None:
    project = project_with(2, judge_model="ft:gpt-4o-mini-2024-07-18:tidewater::1")
    run_judge(project)
    assert models_of(project) == ["ft:gpt-4o-mini-2024-07-18:tidewater::1"] * 2
    assert {asked.messages[0][1] for asked in provider.asked} == {short_prompt(CONTEXT).instructions}


# ---------------------------------------------------------------- cascades


@pytest.mark.django_db
def test_a_cascade_reports_its_share_its_saving_and_its_agreement(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES, tokens_in=10_000, tokens_out=100)
    sure = [f"We are hiring! Apply now, job {n}. #jobs #hiring" for n in range(3)]
    project = project_with([*sure, "Invoices again, hm."], judge_model=CASCADE)
    model = ModelVersionFactory.create(model_id=MODEL)
    for lead, label in zip(Lead.objects.order_by("pk")[:2], ("irrelevant", "relevant"), strict=True):
        JudgmentFactory.create(
            lead=lead,
            model_version=model,
            prompt_version=full_prompt(CONTEXT).version,
            label=label,
            confidence=0.9,
        )
    first = run_judge(project)
    assert models_of(project).count("local/default") == 1
    assert provider.count == 1
    assert first.stages["judge"]["figures"]["decided_locally"] == 1
    (note,) = first.stages["judge"]["notes"]
    assert note.startswith("local/default decided 1 of 4 posts by itself (25%); which saved about $0.00")
    assert first.status == RunStatus.SUCCEEDED


@pytest.mark.django_db
def test_agreement_is_over_leads_that_both_have_judged(provider: StandIn) -> None:
    sure = [f"We are hiring! Apply now, job {n}. #jobs #hiring" for n in range(2)]
    project = project_with(sure, judge_model=CASCADE)
    run_judge(project)
    model = ModelVersionFactory.create(model_id=MODEL)
    for lead, label in zip(Lead.objects.order_by("pk"), ("irrelevant", "relevant"), strict=True):
        JudgmentFactory.create(
            lead=lead, model_version=model, prompt_version=full_prompt(CONTEXT).version, label=label
        )
    add_leads(project, ["We are hiring! Apply now, job 9. #jobs #hiring"])
    (note,) = run_judge(project).stages["judge"]["notes"]
    assert "of 2 posts that both have judged they agree on 50%" in note
    assert provider.count == 0
