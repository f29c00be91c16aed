"""Canaries that a provider's stand-in plays: what their failures count as, cost and lead to."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from experiments.models import AbResult, Experiment, ExperimentMode, Variant, Verdict
from experiments.reports import results_of
from experiments.results import forget_subjects
from leads.judges.base import Answer, Judge, PostView, as_they_come
from leads.models import Lead, LeadStage
from leads.pipeline.base import MAX_ATTEMPTS
from leads.pipeline.stages import judge as stage
from signalops_site.core.models import LlmCall, Project
from tests.experiments.builders import experiment_in
from tests.factories import LeadFactory, PostFactory, ProjectFactory, document
from tests.llm_stand_in import Asked, Reply, StandIn, fails, says

from .conftest import run_pipeline

pytestmark = pytest.mark.django_db

CANARY, HELPER = "openai/gpt-4.1-mini", "openai/gpt-4o"
YES = {"label": "relevant", "confidence": 0.8, "reasoning": "It asks for a tool."}


def compared(n: int, mode: ExperimentMode = ExperimentMode.SHADOW, **llm: Any) -> Experiment:
    """An experiment of `local/default` against a model that the stand-in plays, with `n` leads to be judged."""
    settings = {"max_judge_latency_ms": 30_000, **llm}
    chosen = document(llm=settings, experiments={"enabled": True}, review={"blind_share": 0, "missed_share": 0})
    project = ProjectFactory.create(slug="tidewater", document=chosen)
    for number in range(n):
        post = PostFactory.create(text=f"Which tool for invoices, number {number}?")
        LeadFactory.create(project=project, post=post, stage=LeadStage.NORMALIZED, label="", confidence=0)
    return experiment_in(project, canary_model=CANARY, mode=mode, canary_pct=0.9)


def judge_all(project: Project, *, times: int = 1) -> None:
    """Each run an hour after the one before it."""
    for _ in range(times):
        run_pipeline(project, stages=["judge"])
        AbResult.objects.update(created_at=timezone.now() - timedelta(hours=1))
        Lead.objects.filter(attempts__gt=0).update(retry_at=timezone.now() - timedelta(minutes=1))


def only_the_helper(asked: Asked) -> Reply:
    return says(YES if asked.model == "gpt-4o" else "I would rather not say.")


def failed_canaries() -> set[tuple[str, int]]:
    rows = AbResult.objects.filter(variant=Variant.CANARY)
    return {(failure.partition(":")[0], attempts) for failure, attempts in rows.values_list("failure", "attempts")}


@pytest.mark.parametrize("llm", [{"fallback_models": [HELPER]}, {"judge_fallback_model": "local/keyword"}])
def test_nobody_steps_in_for_a_shadowing_canary_and_it_is_given_up_after_five_tries(
    provider: StandIn, llm: dict[str, Any]
) -> None:
    provider.script = only_the_helper
    experiment = compared(20, **llm)
    judge_all(experiment.project, times=7)
    assert set(provider.models()) == {"gpt-4.1-mini"}
    assert provider.count == 5 * 20
    assert failed_canaries() == {(CANARY, 5)}
    found = results_of(experiment)
    assert (found.arms.canary.failures, found.verdict) == (20, Verdict.BROKEN)


@pytest.mark.parametrize("llm", [{"fallback_models": [HELPER]}, {"judge_fallback_model": "local/keyword"}])
def test_a_deciding_canary_has_failed_whoever_steps_in_for_it(provider: StandIn, llm: dict[str, object]) -> None:
    provider.script = only_the_helper
    experiment = compared(20, ExperimentMode.CANARY, **llm)
    judge_all(experiment.project)
    failed = AbResult.objects.filter(variant=Variant.CANARY)
    assert results_of(experiment, despite_warning=True).arms.canary.failures == failed.count() > 10
    instead = llm.get("judge_fallback_model", HELPER)
    assert all(row.failure.endswith(f"{instead} answered instead.") for row in failed)
    assert all(row.failure.startswith(f"{CANARY}: ") for row in failed)
    assert not Lead.objects.exclude(stage=LeadStage.JUDGED).exists()


def test_a_canary_whose_calls_are_cut_is_too_slow(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES, seconds=5)
    experiment = compared(20, max_judge_latency_ms=300, judge_fallback_model="local/keyword")
    judge_all(experiment.project)
    sentence = results_of(experiment).verdict_detail.sentence
    assert "The canary is too slow" in sentence
    assert "The canary failed on 20 of 20" in sentence


def test_a_canary_that_nobody_finds_is_not_to_blame_and_the_verdict_says_that_it_is_silent(
    provider: StandIn,
) -> None:
    provider.script = lambda _asked: fails(404)
    experiment = compared(20)
    judge_all(experiment.project)
    found = results_of(experiment)
    assert (found.verdict, found.arms.canary.failures) == (Verdict.KEEP_GOING, 0)
    assert found.verdict_detail.sentence.startswith("The canary has answered none of the 20 subjects")


def refuses_odd_ones(asked: Asked) -> Reply:
    """As a filter of contents does, and of nothing else."""
    return fails(400, "content_filter") if "number 1" in asked.text else says(YES)


def test_a_post_that_a_provider_refuses_is_given_up_by_the_canary(provider: StandIn) -> None:
    provider.script = refuses_odd_ones
    experiment = compared(5)
    judge_all(experiment.project, times=7)
    assert provider.count == 4 + 5
    assert AbResult.objects.get(variant=Variant.CANARY, label="").attempts == 5


def test_a_lead_whose_post_the_judges_provider_refuses_is_given_up(provider: StandIn) -> None:
    provider.script = refuses_odd_ones
    experiment = compared(5, judge_model=CANARY)
    experiment.delete()
    judge_all(experiment.project, times=7)
    assert provider.count == 4 + MAX_ATTEMPTS
    assert Lead.objects.get(attempts__gt=0).attempts == MAX_ATTEMPTS


def test_failures_that_were_paid_for_are_in_the_costs_of_an_arm(provider: StandIn) -> None:
    """Of three posts the canary answers two, one of them at the second try."""
    tries: dict[str, int] = {}

    def script(asked: Asked) -> Reply:
        tries[asked.text] = tries.get(asked.text, 0) + 1
        is_bad = "number 2" in asked.text or ("number 1" in asked.text and tries[asked.text] == 1)
        return says("No." if is_bad else YES, tokens_in=1000, tokens_out=50)

    provider.script = script
    experiment = compared(3)
    judge_all(experiment.project, times=2)
    costs = list(LlmCall.objects.filter(attempts__gt=0).values_list("cost", flat=True))
    assert (len(costs), min(costs) > 0) == (5, True)
    shown = results_of(experiment).arms.canary.cost_per_1000_usd
    assert shown == pytest.approx(float(sum(costs)) * 1000 / 2, rel=1e-3)


def test_who_is_erased_while_the_canary_is_asked_leaves_nothing(
    provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.script = lambda _asked: says(YES)
    experiment = compared(2)
    erased = Lead.objects.order_by("pk")[0]
    subject = f"lead:{erased.pk}"

    def watched(judge: Judge, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        answers = list(as_they_come(judge, posts))
        if judge.model_id == CANARY:
            erased.post.delete()
            forget_subjects([subject])
        yield from answers

    monkeypatch.setattr(stage, "as_they_come", watched)
    run_pipeline(experiment.project, stages=["judge"])
    assert provider.count == 2
    assert not LlmCall.objects.exclude(answer="").filter(subject=subject).exists()
    assert not AbResult.objects.filter(subject=subject).exists()
    assert AbResult.objects.filter(variant=Variant.CANARY).exclude(label="").count() == 1
