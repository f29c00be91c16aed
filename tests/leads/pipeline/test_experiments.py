"""Experiments in a run: who judges whom, what is kept of each arm, and what a lead gets of it."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import cast

import pytest

from experiments.models import AbResult, Experiment, ExperimentMode, ExperimentStatus, Variant
from experiments.models import Verdict as ExperimentVerdict
from experiments.reports import results_of
from experiments.routing import variant_of
from leads.facts import LEAD_COLUMNS, LeadRow
from leads.judges.ab_test import Arm
from leads.judges.base import Judge, JudgeFailure, Label, PostView, Verdict
from leads.models import Judgment, LabelTask, Lead, LeadStage
from leads.pipeline.stages import judge as judge_stage
from leads.services.emptying import empty_post, empty_posts
from leads.services.observing import record_arm
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import DomainError
from signalops_site.core.llm.requests import FailureKind
from signalops_site.core.models import Project, ProjectConfigVersion, Run, RunStatus
from tests.experiments.builders import experiment_in
from tests.factories import ProjectFactory, document

from .conftest import Platform, ScriptedJudge, post, run_pipeline

PRIMARY, CANARY = "local/default", "local/keyword"
STAGES = ["collect", "normalize", "judge"]
CHANGES = {
    "queries": [{"text": "*", "label": "all", "platform": "sample", "max_results_per_run": 1000}],
    "experiments": {"enabled": True},
    "review": {"blind_share": 0, "missed_share": 0},
}


@dataclass
class Judges:
    """One scripted judge per model id; an id in `broken` cannot be built."""

    by_model: dict[str, ScriptedJudge] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def __getitem__(self, model_id: str) -> ScriptedJudge:
        return self.by_model.setdefault(model_id, ScriptedJudge(model_id=model_id))

    def build(self, model_id: str, of: ProjectDocument, **_of_its_calls: object) -> ScriptedJudge:
        if model_id in self.broken:
            raise DomainError(f"There is no judge {model_id!r} here.")
        return self[model_id]


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    scripted = Judges()
    monkeypatch.setattr(judge_stage, "build_judge", scripted.build)
    return scripted


@pytest.fixture
def tidewater(platform: Platform, db: None) -> Project:
    return ProjectFactory.create(slug="tidewater", document=document(**CHANGES))


def judged(project: Project, **options: object) -> Run:
    return run_pipeline(project, stages=STAGES, **options)


def results(variant: Variant) -> dict[str, str]:
    return dict(AbResult.objects.filter(variant=variant).values_list("subject", "label"))


def says(judge: ScriptedJudge, word: str, label: Label) -> None:
    judge.answers[word] = judge.verdict(label, 0.6)


# ---------------------------------------------------------------- shadow


def test_in_shadow_mode_every_judgment_is_linked_to_its_result(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment = experiment_in(tidewater)
    platform.posts = [post(number) for number in range(1, 61)]

    run = judged(tidewater)

    assert run.status == RunStatus.SUCCEEDED
    assert Judgment.objects.count() == 60
    linked = Judgment.objects.filter(ab_result__experiment=experiment, ab_result__variant=Variant.PRIMARY)
    assert linked.count() == 60
    pairs = [(f"lead:{row.lead_id}", row.label) for row in linked]
    assert dict(pairs) == results(Variant.PRIMARY)
    assert results(Variant.CANARY).keys() == results(Variant.PRIMARY).keys()
    assert AbResult.objects.count() == 120


def test_in_shadow_mode_no_lead_changes_by_what_the_canary_says(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    says(judges[CANARY], "case", Label.IRRELEVANT)
    platform.posts = [post(number) for number in range(1, 6)]

    judged(tidewater)

    assert set(Lead.objects.values_list("label", "confidence", "stage")) == {(Label.RELEVANT, 0.9, "judged")}
    assert set(Judgment.objects.values_list("model_version__model_id", flat=True)) == {PRIMARY}
    assert set(results(Variant.CANARY).values()) == {Label.IRRELEVANT}


def test_both_arms_see_the_same_posts(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment_in(tidewater)
    platform.posts = [post(number) for number in range(1, 8)]

    judged(tidewater)

    assert sorted(judges[PRIMARY].judged) == sorted(judges[CANARY].judged)


def test_what_the_canary_failed_on_is_asked_again_by_the_next_run(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    judges[CANARY].answers["case 3"] = JudgeFailure(CANARY, "It timed out.")
    platform.posts = [post(number) for number in range(1, 6)]
    first = judged(tidewater)
    (failed,) = AbResult.objects.exclude(failure="")
    assert (failed.variant, failed.failure) == (Variant.CANARY, "It timed out.")
    assert first.status == RunStatus.SUCCEEDED
    assert first.stages["judge"]["figures"] == {"canary_answers": 4, "canary_failures": 1}

    judges[CANARY].answers.clear()
    judges[CANARY].judged.clear()
    judged(tidewater)

    assert len(judges[CANARY].judged) == 1
    failed.refresh_from_db()
    assert (failed.label, failed.failure, failed.attempts) == (Label.RELEVANT, "", 2)


@pytest.mark.parametrize(
    ("answer", "is_blameless"),
    [
        (JudgeFailure(CANARY, "No money is left.", kind=FailureKind.BUDGET), True),
        (JudgeFailure(CANARY, "It is down.", kind=FailureKind.UNAVAILABLE), True),
        (JudgeFailure(CANARY, "It has no key.", kind=FailureKind.REFUSED, is_of_the_model=True), True),
        (Verdict(Label.MAYBE, 0.5, "because", "local/helper", "v1", 1.0), True),
        (JudgeFailure(CANARY, "It took too long.", kind=FailureKind.TIMEOUT), False),
        (JudgeFailure(CANARY, "That is no JSON.", kind=FailureKind.MALFORMED), False),
    ],
)
def test_a_spent_budget_or_an_outage_is_no_failure_of_the_canary(
    tidewater: Project, platform: Platform, judges: Judges, answer: Verdict | JudgeFailure, is_blameless: bool
) -> None:
    experiment = experiment_in(tidewater)
    judges[CANARY].answers["case"] = answer
    platform.posts = [post(number) for number in range(1, 31)]

    judged(tidewater)

    found = results_of(experiment, despite_warning=True)
    assert found.arms.canary.failures == (0 if is_blameless else 30)
    assert (found.verdict == ExperimentVerdict.BROKEN) == (not is_blameless)


def test_within_one_run_a_failing_canary_is_asked_once_per_post(
    tidewater: Project, platform: Platform, judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment_in(tidewater)
    monkeypatch.setattr("leads.pipeline.base.BATCH", 2)
    judges[CANARY].answers["case"] = JudgeFailure(CANARY, "It is down.")
    platform.posts = [post(number) for number in range(1, 6)]

    judged(tidewater)

    assert len(judges[CANARY].judged) == 5
    assert set(AbResult.objects.filter(variant=Variant.CANARY).values_list("attempts", flat=True)) == {1}


def test_a_run_makes_up_for_no_more_than_it_may(
    tidewater: Project, platform: Platform, judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment_in(tidewater)
    judges.broken.add(CANARY)
    platform.posts = [post(number) for number in range(1, 10)]
    judged(tidewater)
    judges.broken.clear()
    monkeypatch.setattr(judge_stage, "MADE_UP_PER_RUN", 4)

    judged(tidewater)
    assert len(results(Variant.CANARY)) == 4
    judged(tidewater, limit=2)
    assert len(results(Variant.CANARY)) == 6


def test_a_canary_that_cannot_be_built_is_a_problem_of_the_run_and_leads_are_judged(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    judges.broken.add(CANARY)
    platform.posts = [post(1)]

    run = judged(tidewater)

    assert run.status == RunStatus.PARTIAL
    assert run.stages["judge"]["problems"] == [
        f"The canary could not be asked: There is no judge '{CANARY}' here."
    ]
    assert Lead.objects.get().stage == LeadStage.JUDGED
    assert list(results(Variant.PRIMARY).values()) == [Label.RELEVANT]


def test_a_post_that_is_gone_does_not_hold_up_the_line(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    judges.broken.add(CANARY)
    platform.posts = [post(1), post(2)]
    judged(tidewater)
    judges.broken.clear()
    gone, there = Lead.objects.order_by("pk")
    empty_post(gone.post)

    judged(tidewater)

    assert results(Variant.CANARY) == results(Variant.PRIMARY) == {f"lead:{there.pk}": Label.RELEVANT}
    assert len(judges[CANARY].judged) == 1


@pytest.mark.parametrize("why", ["gone", "excluded"])
def test_posts_of_which_nothing_is_asked_any_more_are_no_failures_of_the_canary(
    tidewater: Project, platform: Platform, judges: Judges, why: str
) -> None:
    experiment = experiment_in(tidewater)
    judges.broken.add(CANARY)
    platform.posts = [post(number) for number in range(1, 61)]
    judged(tidewater)
    judges.broken.clear()
    if why == "gone":
        empty_posts([lead.post_id for lead in Lead.objects.filter(post__platform_post_id__lte="00030")])
    else:
        relevance = {**document().relevance.model_dump(), "keywords_excluded": ["case 1", "case 2"]}
        changed = document(**CHANGES, relevance=relevance).model_dump(mode="json")
        version = ProjectConfigVersion.objects.create(
            project=tidewater, number=2, document=changed, sha256="1" * 64
        )
        Project.objects.filter(pk=tidewater.pk).update(active_config=version)
        tidewater.refresh_from_db()

    judged(tidewater)

    found = results_of(experiment, despite_warning=True)
    assert (found.arms.canary.failures, found.verdict == ExperimentVerdict.BROKEN) == (0, False)
    assert 0 < len(results(Variant.CANARY)) < 60
    assert results(Variant.CANARY).keys() == results(Variant.PRIMARY).keys()


# ---------------------------------------------------------------- canary


def arms_of(experiment: Experiment) -> dict[str, Variant]:
    """By lead, the arm of its author, worked out from the rule alone."""
    return {
        f"lead:{lead.pk}": variant_of(
            f"sample:{lead.post.author.platform_user_id if lead.post.author else ''}",
            experiment_id=experiment.experiment_id,
            salt=experiment.salt,
            canary_pct=experiment.canary_pct,
        )
        for lead in Lead.objects.select_related("post__author")
    }


def test_in_canary_mode_the_authors_arm_decides(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment = experiment_in(tidewater, mode=ExperimentMode.CANARY)
    says(judges[CANARY], "case", Label.IRRELEVANT)
    platform.posts = [post(number) for number in range(1, 41)]

    judged(tidewater)

    arms = arms_of(experiment)
    assert set(arms.values()) == set(Variant)
    expected = {Variant.PRIMARY: Label.RELEVANT, Variant.CANARY: Label.IRRELEVANT}
    assert {f"lead:{lead.pk}": lead.label for lead in Lead.objects.all()} == {
        subject: expected[arm] for subject, arm in arms.items()
    }
    for arm in Variant:
        assert results(arm).keys() == {subject for subject, of in arms.items() if of == arm}
    assert {
        f"lead:{row.lead_id}": row.ab_result.variant for row in Judgment.objects.all() if row.ab_result
    } == arms


def test_all_posts_of_an_author_have_the_same_arm(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment_in(tidewater, mode=ExperimentMode.CANARY)
    author = post(1).author
    platform.posts = [replace(post(number), author=author) for number in range(1, 21)]

    judged(tidewater)

    assert AbResult.objects.values("variant").distinct().count() == 1
    assert AbResult.objects.values("author_digest").distinct().count() == 1


def test_a_post_without_author_stands_for_itself(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment_in(tidewater, mode=ExperimentMode.CANARY)
    platform.posts = [replace(post(number), author=None) for number in range(1, 31)]

    judged(tidewater)

    assert AbResult.objects.values("author_digest").distinct().count() == 30
    assert AbResult.objects.values("variant").distinct().count() == 2


def test_a_failed_call_is_kept_as_a_failure_and_the_lead_waits(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    judges[PRIMARY].answers["case 1"] = JudgeFailure(PRIMARY, "It is overloaded.", latency_ms=12.0)
    platform.posts = [post(1)]

    judged(tidewater)

    assert Lead.objects.get().stage == LeadStage.NORMALIZED
    (result,) = AbResult.objects.all()
    assert (result.label, result.failure, result.latency_ms) == ("", "It is overloaded.", 12.0)


def test_what_a_fallback_says_counts_for_the_lead_and_not_for_the_arm(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    helper = Verdict(Label.MAYBE, 0.5, "because", "local/helper", "v1", 1.0)
    judges[PRIMARY].answers["case 1"] = helper
    platform.posts = [post(1)]

    judged(tidewater)

    assert Lead.objects.get().label == Label.MAYBE
    assert Judgment.objects.get().ab_result is None
    (result,) = AbResult.objects.filter(variant=Variant.PRIMARY)
    assert (result.label, result.model_used, result.failure) == ("", PRIMARY, "local/helper answered instead.")


# ---------------------------------------------------------------- both


def test_excluded_keywords_are_nobodys_answer(platform: Platform, judges: Judges, db: None) -> None:
    relevance = {**document().relevance.model_dump(), "keywords_excluded": ["hiring"]}
    project = ProjectFactory.create(slug="tidewater", document=document(**CHANGES, relevance=relevance))
    experiment_in(project)
    platform.posts = [post(1, text="We are hiring a clerk for our invoices, apply now."), post(2)]

    judged(project)

    (subject,) = results(Variant.PRIMARY)
    assert results(Variant.CANARY).keys() == {subject}
    excluded = Judgment.objects.get(model_version__model_id="keyword-exclude")
    assert (excluded.ab_result, f"lead:{excluded.lead_id}" == subject) == (None, False)


def test_an_earlier_verdict_is_not_asked_for_again_and_counts_for_the_arm(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    platform.posts = [post(number) for number in range(1, 4)]
    judged(tidewater)
    Judgment.objects.update(cost_usd="0.002")
    judges[PRIMARY].judged.clear()
    experiment = experiment_in(tidewater)

    judged(tidewater, refresh="judge", since="2026-01-01")

    assert judges[PRIMARY].judged == []
    assert len(results(Variant.PRIMARY)) == 3
    assert Judgment.objects.filter(ab_result__experiment=experiment).count() == 3
    primary = AbResult.objects.filter(variant=Variant.PRIMARY)
    assert {str(cost) for cost in primary.values_list("cost_usd", flat=True)} == {"0.002000"}


def test_a_canarys_answer_that_is_used_again_counts_what_it_had_cost(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment_in(tidewater)
    again = replace(judges[CANARY].verdict(Label.MAYBE, 0.6), worth_usd=Decimal("0.003"))
    judges[CANARY].answers["case"] = again
    platform.posts = [post(1)]

    judged(tidewater)

    assert AbResult.objects.get(variant=Variant.CANARY).cost_usd == Decimal("0.003")


def test_a_judgment_stays_linked_to_the_first_experiment_that_saw_it(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    first = experiment_in(tidewater)
    platform.posts = [post(number) for number in range(1, 4)]
    judged(tidewater)
    Experiment.objects.update(status=ExperimentStatus.PAUSED)
    second = experiment_in(tidewater)

    judged(tidewater, refresh="judge", since="2026-01-01")

    assert Judgment.objects.filter(ab_result__experiment=first).count() == 3
    assert AbResult.objects.filter(experiment=second, variant=Variant.PRIMARY).count() == 3


def test_a_shadowing_canary_takes_no_judgment_of_the_primarys(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    """As a cascade to the primary does, whose answers are the primary's own model's."""
    experiment = experiment_in(tidewater)
    platform.posts = [post(1)]
    judged(tidewater)
    Judgment.objects.update(ab_result=None)
    (row,) = (LeadRow(*values) for values in Lead.objects.values_list(*LEAD_COLUMNS))

    verdict = judges[PRIMARY].verdict(Label.RELEVANT, 0.9)
    record_arm(Arm(cast("Judge", judges[PRIMARY]), experiment, Variant.CANARY), [row], {row.pk: verdict})

    assert Judgment.objects.get().ab_result is None


def test_a_second_run_of_the_same_adds_nothing(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment_in(tidewater)
    platform.posts = [post(number) for number in range(1, 6)]
    judged(tidewater)
    before = list(AbResult.objects.order_by("pk").values())

    judged(tidewater, refresh="judge", since="2026-01-01")

    assert list(AbResult.objects.order_by("pk").values()) == before
    assert len(judges[CANARY].judged) == 5


def test_a_paused_experiment_takes_no_part(tidewater: Project, platform: Platform, judges: Judges) -> None:
    experiment_in(tidewater, status=ExperimentStatus.PAUSED)
    platform.posts = [post(1)]

    run = judged(tidewater)

    assert AbResult.objects.count() == 0
    assert "notes" not in run.stages["judge"]


def test_experiments_that_are_switched_off_take_no_part_and_the_run_says_so(
    platform: Platform, judges: Judges, db: None
) -> None:
    off = document(**{**CHANGES, "experiments": {"enabled": False}, "llm": {"judge_model": "local/default"}})
    project = ProjectFactory.create(slug="tidewater", document=off)
    experiment = experiment_in(project, mode=ExperimentMode.CANARY, canary_pct=0.99)
    platform.posts = [post(number) for number in range(1, 6)]

    run = judged(project)

    assert AbResult.objects.count() == 0
    assert judges[CANARY].judged == []
    (note,) = run.stages["judge"]["notes"]
    assert note.startswith(f"The experiment {experiment} is active, but experiments are switched off")
    assert run.status == RunStatus.SUCCEEDED


# ---------------------------------------------------------------- killed


class Killed(BaseException):
    pass


@dataclass
class Dying(ScriptedJudge):
    """Answers `lives` batches, and is killed at the next."""

    lives: int = 1

    def judge_batch(self, posts: list[PostView]) -> list[Verdict | JudgeFailure]:
        if self.lives == 0:
            raise Killed
        self.lives -= 1
        return super().judge_batch(posts)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.pipeline.base.BATCH", 3)
    monkeypatch.setattr(judge_stage, "MADE_UP_PER_RUN", 3)


@pytest.mark.parametrize("dying", [PRIMARY, CANARY])
@pytest.mark.usefixtures("small_batches")
def test_a_run_that_was_killed_loses_no_result_and_doubles_none(
    tidewater: Project, platform: Platform, judges: Judges, dying: str
) -> None:
    experiment_in(tidewater)
    judges.by_model[dying] = Dying(model_id=dying)
    platform.posts = [post(number) for number in range(1, 8)]
    with pytest.raises(Killed):
        judged(tidewater)
    assert 0 < AbResult.objects.count() < 14
    kept = {row.pk: row.label for row in AbResult.objects.all()}
    asked = {model: list(judge.judged) for model, judge in judges.by_model.items()}
    judges.by_model[dying] = ScriptedJudge(model_id=dying)
    Run.objects.update(status=RunStatus.FAILED, lease_holder="", finished_at=None)

    judged(tidewater)

    assert AbResult.objects.count() == 14
    assert {row.pk: row.label for row in AbResult.objects.filter(pk__in=kept)} == kept
    assert Judgment.objects.filter(ab_result=None).count() == 0
    for model, before in asked.items():
        again = judges[model].judged if model == dying else judges[model].judged[len(before) :]
        assert set(again).isdisjoint(before)


def test_the_local_judges_take_part_as_they_are(tidewater: Project, platform: Platform) -> None:
    experiment_in(tidewater)
    platform.posts = [
        post(1, text="Can anybody recommend an invoicing tool that sends reminders by itself?"),
        post(2, text="Here is a photo of my lunch, a soup with far too much coriander in it."),
    ]

    judged(tidewater)

    models = {(row.variant, row.model_used) for row in AbResult.objects.all()}
    assert models == {(Variant.PRIMARY, PRIMARY), (Variant.CANARY, CANARY)}
    assert Judgment.objects.filter(ab_result__isnull=False).count() == 2


# ---------------------------------------------------------------- what it makes worth asking people about


def test_subjects_on_which_the_arms_differ_enter_the_blind_lane_and_maybe_is_not_relevant(
    tidewater: Project, platform: Platform, judges: Judges
) -> None:
    experiment = experiment_in(tidewater)
    says(judges[PRIMARY], "case 3?", Label.IRRELEVANT)
    says(judges[PRIMARY], "case 4?", Label.IRRELEVANT)
    says(judges[CANARY], "case 2?", Label.MAYBE)
    says(judges[CANARY], "case 3?", Label.MAYBE)
    platform.posts = [post(number) for number in range(1, 5)]

    judged(tidewater)
    judged(tidewater, refresh="judge", since="2026-01-01")

    tasks = LabelTask.objects.select_related("lead__post")
    assert {(task.kind, task.lead.post.platform_post_id) for task in tasks} == {
        ("discordant", "00002"),
        ("discordant", "00004"),
    }
    assert {(task.experiment, task.sampling_probability) for task in tasks} == {(experiment, 1.0)}
