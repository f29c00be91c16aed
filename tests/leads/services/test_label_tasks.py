"""The blind lane: who is drawn, who is asked, what an answer does, and how it is taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from experiments.models import AbResult, Experiment, ExperimentMode, ExperimentStatus
from experiments.results import record_observations
from leads.judges.base import Label
from leads.models import Decision, Draft, HumanLabel, LabelTask, LabelTaskKind, Lead
from leads.services.emptying import empty_post
from leads.services.erasing import erase_author
from leads.services.label_tasks import answer_task, count_tasks, next_task, skip_task, undo_answer
from leads.services.labels import label_lead
from leads.services.observing import tell_labels
from leads.services.review import approve_draft, edit_draft, reject_draft
from leads.services.sampling import draw, draw_discordant, withdraw_discordant
from leads.services.undoing import undo_decision
from signalops_site.core.config.schema import Review
from signalops_site.core.erasing import ErasureRequest
from signalops_site.core.errors import Conflict, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project, Role
from tests.experiments.builders import CANARY, PRIMARY, experiment_in, pair, said
from tests.factories import DraftFactory, JudgmentFactory, LabelTaskFactory, LeadFactory, member

pytestmark = pytest.mark.django_db

SHARES = Review(blind_share=0.05, missed_share=0.01)


@pytest.fixture
def other_reviewer(project: Project) -> User:
    return member(project, Role.REVIEWER, username="rosa")


def task_for(project: Project, **values: object) -> LabelTask:
    return LabelTaskFactory.create(lead=LeadFactory.create(project=project), **values)


def handed(project: Project, by: User) -> LabelTask:
    task = next_task(project, by=by)
    assert task is not None
    return task


def result_labels(lead: Lead) -> set[tuple[str, str]]:
    rows = AbResult.objects.filter(subject=f"lead:{lead.pk}")
    return set(rows.values_list("human_label", "blind_label"))


def in_experiment(lead: Lead) -> Experiment:
    experiment = experiment_in(lead.project)
    pair(experiment, f"lead:{lead.pk}", "relevant", "irrelevant")
    return experiment


# ---------------------------------------------------------------- drawing


def test_about_the_asked_share_is_drawn_and_each_knows_its_probability(project: Project) -> None:
    leads = [LeadFactory.create(project=project).pk for _ in range(400)]
    draw(project, dict.fromkeys(leads, "relevant"), review=Review(blind_share=0.25, missed_share=0.5))

    tasks = LabelTask.objects.all()
    assert 70 <= tasks.count() <= 130
    assert set(tasks.values_list("kind", "sampling_probability")) == {("random", 0.25)}


def test_drawing_again_adds_nobody_whatever_is_said_of_them(project: Project) -> None:
    leads = [LeadFactory.create(project=project).pk for _ in range(60)]
    draw(project, dict.fromkeys(leads, "relevant"), review=Review(blind_share=0.3, missed_share=0))
    before = set(LabelTask.objects.values_list("pk", "lead"))

    draw(project, dict.fromkeys(leads, "irrelevant"), review=Review(blind_share=0.3, missed_share=0))

    assert set(LabelTask.objects.values_list("pk", "lead")) == before


def test_a_bigger_share_holds_the_smaller_one(project: Project) -> None:
    leads = dict.fromkeys([LeadFactory.create(project=project).pk for _ in range(60)], "relevant")
    draw(project, leads, review=Review(blind_share=0.2, missed_share=0))
    few = set(LabelTask.objects.values_list("lead", flat=True))
    LabelTask.objects.all().delete()

    draw(project, leads, review=Review(blind_share=0.6, missed_share=0))

    assert few < set(LabelTask.objects.values_list("lead", flat=True))


def test_only_irrelevant_leads_are_in_the_missed_sample_and_one_that_no_longer_is_leaves(project: Project) -> None:
    one, other = (LeadFactory.create(project=project).pk for _ in range(2))
    everyone = Review(blind_share=0, missed_share=1)
    draw(project, {one: "irrelevant", other: "maybe"}, review=everyone)
    assert [task.lead_id for task in LabelTask.objects.all()] == [one]

    draw(project, {one: "relevant"}, review=everyone)

    assert LabelTask.objects.count() == 0


def test_a_share_of_nothing_draws_nobody(project: Project) -> None:
    lead = LeadFactory.create(project=project)
    draw(project, {lead.pk: "irrelevant"}, review=Review(blind_share=0, missed_share=0))
    assert LabelTask.objects.count() == 0


def test_a_subject_with_a_blind_answer_is_not_asked_about_again(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    experiment = in_experiment(lead)
    LabelTaskFactory.create(lead=lead)
    answer_task(handed(project, reviewer), label="relevant", by=reviewer)

    draw_discordant(experiment, {f"lead:{lead.pk}": "irrelevant"})

    assert LabelTask.objects.filter(kind=LabelTaskKind.DISCORDANT).count() == 0


def test_tasks_of_an_experiment_that_is_over_are_not_handed_out_and_go(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    experiment = in_experiment(lead)
    draw_discordant(experiment, {f"lead:{lead.pk}": "irrelevant"})
    assert count_tasks(project, by=reviewer) == 1
    Experiment.objects.update(status=ExperimentStatus.COMPLETED, ended_at=timezone.now())

    assert next_task(project, by=reviewer) is None
    withdraw_discordant(project)
    assert LabelTask.objects.count() == 0


# ---------------------------------------------------------------- handing out


def test_two_reviewers_never_hold_the_same_post(project: Project, reviewer: User, other_reviewer: User) -> None:
    for _ in range(2):
        task_for(project)
    mine, theirs = handed(project, reviewer), handed(project, other_reviewer)

    assert mine.lead_id != theirs.lead_id
    assert next_task(project, by=member(project, Role.OPERATOR)) is None


def test_a_lead_that_was_drawn_twice_is_handed_to_one_person(
    project: Project, reviewer: User, other_reviewer: User
) -> None:
    lead = LeadFactory.create(project=project)
    for kind in LabelTaskKind:
        LabelTaskFactory.create(lead=lead, kind=kind)
    handed(project, reviewer)

    assert next_task(project, by=other_reviewer) is None
    assert count_tasks(project, by=reviewer) == 1
    assert count_tasks(project, by=other_reviewer) == 0


def test_asked_again_the_same_comes_and_beside_it_another(project: Project, reviewer: User) -> None:
    for _ in range(2):
        task_for(project)
    first = handed(project, reviewer)

    assert handed(project, reviewer) == first
    second = next_task(project, by=reviewer, held=[first.pk])
    assert second is not None
    assert second.lead_id != first.lead_id


def test_a_lease_that_has_run_out_goes_to_the_next_who_asks(
    project: Project, reviewer: User, other_reviewer: User
) -> None:
    task = task_for(project)
    handed(project, reviewer)
    LabelTask.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    assert handed(project, other_reviewer).pk == task.pk
    with pytest.raises(Conflict, match="rosa has this one"):
        answer_task(task, label="relevant", by=reviewer)


def test_one_whose_time_is_up_may_still_be_answered_while_nobody_else_has_it(
    project: Project, reviewer: User
) -> None:
    task_for(project)
    task = handed(project, reviewer)
    LabelTask.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    assert answer_task(task, label="maybe", by=reviewer).label == Label.MAYBE


def test_the_kinds_take_turns(project: Project, reviewer: User) -> None:
    experiment = experiment_in(project)
    for _ in range(5):
        task_for(project, kind=LabelTaskKind.RANDOM)
    for _ in range(2):
        task_for(project, kind=LabelTaskKind.DISCORDANT, experiment=experiment)
    seen = []
    for _ in range(4):
        task = handed(project, reviewer)
        seen.append(task.kind)
        answer_task(task, label="relevant", by=reviewer)

    assert sorted(seen) == ["discordant", "discordant", "random", "random"]


def test_whoever_decided_on_a_lead_openly_is_not_asked_about_it(
    project: Project, reviewer: User, other_reviewer: User
) -> None:
    draft = DraftFactory.create(lead__project=project)
    LabelTaskFactory.create(lead=draft.lead)
    reject_draft(draft, reason="wrong_tone", by=reviewer)

    assert next_task(project, by=reviewer) is None
    assert count_tasks(project, by=other_reviewer) == 1
    undo_decision(draft, by=reviewer)
    assert next_task(project, by=reviewer) is not None


def test_a_skipped_post_is_left_to_others(project: Project, reviewer: User, other_reviewer: User) -> None:
    task_for(project)
    task = handed(project, reviewer)
    skip_task(task, by=reviewer)

    assert next_task(project, by=reviewer) is None
    assert count_tasks(project, by=reviewer) == 0
    assert handed(project, other_reviewer).pk == task.pk


@pytest.mark.parametrize("act", ["next", "answer", "skip", "undo", "count"])
def test_it_takes_a_reviewer(project: Project, viewer: User, act: str) -> None:
    task = task_for(project)
    acts: dict[str, Callable[[], object]] = {
        "next": lambda: next_task(project, by=viewer),
        "answer": lambda: answer_task(task, label="relevant", by=viewer),
        "skip": lambda: skip_task(task, by=viewer),
        "undo": lambda: undo_answer(project, by=viewer),
        "count": lambda: count_tasks(project, by=viewer),
    }
    with pytest.raises(NotAllowed):
        acts[act]()


# ---------------------------------------------------------------- answering


@pytest.mark.parametrize(
    ("kind", "source"), [("random", "blind_audit"), ("discordant", "blind_audit"), ("missed", "missed_sample")]
)
def test_an_answer_labels_the_lead_and_says_how_it_was_drawn(
    project: Project, reviewer: User, kind: str, source: str
) -> None:
    task_for(project, kind=kind, sampling_probability=0.02)
    task = answer_task(handed(project, reviewer), label="irrelevant", by=reviewer, seconds_spent=7)

    label = HumanLabel.objects.get()
    assert (label.label, label.source, label.sampling_probability) == ("irrelevant", source, 0.02)
    lead = Lead.objects.get()
    assert (lead.label, lead.labelled_by_human, lead.stage) == ("irrelevant", True, "judged")
    decision = Decision.objects.get()
    assert (decision.kind, decision.seconds_spent, decision.draft) == ("blind", 7, None)
    assert (task.label, task.answered_by, task.decision) == ("irrelevant", reviewer, decision)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.fields) == ("label.answer", {"decision": decision.pk})


def test_a_blind_answer_reaches_the_experiments_figures_at_once_and_undo_takes_it_back(
    project: Project, reviewer: User
) -> None:
    task = task_for(project)
    in_experiment(task.lead)
    before = Lead.objects.get()

    answer_task(handed(project, reviewer), label="relevant", by=reviewer)
    assert result_labels(task.lead) == {("relevant", "relevant")}

    undo_answer(project, by=reviewer)
    assert result_labels(task.lead) == {("", "")}
    after = Lead.objects.get()
    assert (after.label, after.confidence, after.stage, after.labelled_by_human) == (
        before.label,
        before.confidence,
        before.stage,
        before.labelled_by_human,
    )
    assert HumanLabel.objects.count() == 0
    assert handed(project, reviewer).pk == task.pk


def test_the_missed_sample_labels_and_is_no_blind_label(project: Project, reviewer: User) -> None:
    task = task_for(project, kind=LabelTaskKind.MISSED)
    in_experiment(task.lead)

    answer_task(handed(project, reviewer), label="relevant", by=reviewer)

    assert result_labels(task.lead) == {("relevant", "")}


@pytest.mark.parametrize("is_random", [True, False])
def test_a_canary_experiment_counts_the_random_share_alone(
    project: Project, reviewer: User, is_random: bool
) -> None:
    lead = LeadFactory.create(project=project)
    earlier = in_experiment(lead)
    LabelTaskFactory.create(lead=lead, kind=LabelTaskKind.DISCORDANT, experiment=earlier)
    if is_random:
        LabelTaskFactory.create(lead=lead, kind=LabelTaskKind.RANDOM)
    Experiment.objects.update(status=ExperimentStatus.PAUSED)
    later = experiment_in(project, mode=ExperimentMode.CANARY)
    record_observations(later, [said(f"lead:{lead.pk}", CANARY, "relevant")])

    answer_task(handed(project, reviewer), label="relevant", by=reviewer)
    tell_labels(project, [lead.pk])

    assert set(earlier.results.values_list("blind_label", flat=True)) == {"relevant"}
    assert later.results.get().blind_label == ("relevant" if is_random else "")
    undo_answer(project, by=reviewer)
    assert result_labels(lead) == {("", "")}


def test_one_answer_settles_every_task_of_its_lead(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    in_experiment(lead)
    for kind in (LabelTaskKind.MISSED, LabelTaskKind.RANDOM):
        LabelTaskFactory.create(lead=lead, kind=kind)

    answer_task(handed(project, reviewer), label="maybe", by=reviewer)

    assert set(LabelTask.objects.values_list("label", flat=True)) == {"maybe"}
    assert result_labels(lead) == {("maybe", "maybe")}
    undo_answer(project, by=reviewer)
    assert LabelTask.objects.filter(answered_at=None, label="", decision=None).count() == 2


def test_the_same_answer_again_changes_nothing_and_another_is_refused(project: Project, reviewer: User) -> None:
    task_for(project)
    task = handed(project, reviewer)
    for _ in range(2):
        assert answer_task(task, label="relevant", by=reviewer).label == "relevant"
    with pytest.raises(Conflict, match="take that back first"):
        answer_task(task, label="maybe", by=reviewer)
    assert Decision.objects.count() == 1


def test_what_somebody_else_answered_is_not_answered_again(
    project: Project, reviewer: User, other_reviewer: User
) -> None:
    task_for(project)
    task = handed(project, reviewer)
    answer_task(task, label="relevant", by=reviewer)
    for act in (
        lambda: answer_task(task, label="relevant", by=other_reviewer),
        lambda: skip_task(task, by=reviewer),
    ):
        with pytest.raises(Conflict, match="remy has answered"):
            act()


def test_what_was_not_handed_out_is_not_answered(project: Project, reviewer: User) -> None:
    task = task_for(project)
    with pytest.raises(Conflict, match="not handed to you"):
        answer_task(task, label="relevant", by=reviewer)


def test_a_later_correction_by_the_same_person_leaves_the_blind_label_alone(
    project: Project, reviewer: User
) -> None:
    task = task_for(project)
    in_experiment(task.lead)
    answer_task(handed(project, reviewer), label="relevant", by=reviewer)

    label_lead(task.lead, label="irrelevant", by=reviewer)

    assert result_labels(task.lead) == {("irrelevant", "relevant")}
    undo_answer(project, by=reviewer)
    assert result_labels(task.lead) == {("irrelevant", "")}
    assert HumanLabel.objects.get().source == "correction"


def test_undo_takes_back_the_last_answers_one_by_one_and_nobody_elses(
    project: Project, reviewer: User, other_reviewer: User
) -> None:
    for _ in range(3):
        task_for(project)
    first, second = (answer_task(handed(project, reviewer), label="maybe", by=reviewer) for _ in range(2))
    answer_task(handed(project, other_reviewer), label="maybe", by=other_reviewer)

    assert undo_answer(project, by=reviewer).pk == second.pk
    assert undo_answer(project, by=reviewer).pk == first.pk
    with pytest.raises(Conflict, match="no answer left"):
        undo_answer(project, by=reviewer)
    assert LabelTask.objects.exclude(label="").count() == 1


def test_a_score_that_stood_on_the_answer_is_made_again_after_undo(project: Project, reviewer: User) -> None:
    task = task_for(project)
    JudgmentFactory.create(lead=task.lead, label="relevant", confidence=0.8)
    answer_task(handed(project, reviewer), label="irrelevant", by=reviewer)
    Lead.objects.update(stage="scored", score=3)

    undo_answer(project, by=reviewer)

    assert Lead.objects.values_list("stage", "label", "confidence").get() == ("judged", "relevant", 0.8)


# ---------------------------------------------------------------- labels that were given openly


def test_a_correction_reaches_results_and_the_highest_role_counts(
    project: Project, reviewer: User, operator: User
) -> None:
    lead = LeadFactory.create(project=project)
    in_experiment(lead)
    label_lead(lead, label="maybe", by=operator)
    label_lead(lead, label="irrelevant", by=reviewer)

    assert result_labels(lead) == {("maybe", "")}


@pytest.mark.parametrize("act", ["approve", "edit", "reject"])
def test_a_decision_on_a_draft_reaches_results_and_undo_takes_it_back(
    project: Project, reviewer: User, act: str
) -> None:
    draft = DraftFactory.create(lead__project=project)
    in_experiment(draft.lead)
    _decide(draft, act, by=reviewer)
    assert result_labels(draft.lead) == {("irrelevant" if act == "reject" else "relevant", "")}

    undo_decision(draft, by=reviewer)
    assert result_labels(draft.lead) == {("", "")}


def _decide(draft: Draft, act: str, *, by: User) -> None:
    match act:
        case "approve":
            approve_draft(draft, by=by)
        case "edit":
            edit_draft(draft, text="Glad to help.", by=by)
        case _:
            reject_draft(draft, reason="not_relevant", by=by)


def test_a_label_that_was_there_before_the_result_is_known_to_it(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    label_lead(lead, label="relevant", by=reviewer)
    in_experiment(lead)
    assert result_labels(lead) == {("", "")}

    tell_labels(project, [lead.pk])

    assert result_labels(lead) == {("relevant", "")}


# ---------------------------------------------------------------- posts that go


def test_tasks_of_a_post_that_is_gone_go_and_answers_stay(project: Project, reviewer: User) -> None:
    open_task, answered = task_for(project), task_for(project)
    answered_task = next_task(project, by=reviewer, held=[open_task.pk])
    assert answered_task is not None
    answer_task(answered_task, label="relevant", by=reviewer)
    for task in (open_task, answered):
        empty_post(task.lead.post)

    assert [task.pk for task in LabelTask.objects.all()] == [answered.pk]
    assert next_task(project, by=reviewer) is None
    with pytest.raises(NotFound):
        answer_task(open_task, label="relevant", by=reviewer)
    with pytest.raises(Conflict, match="cannot be taken back"):
        undo_answer(project, by=reviewer)


def test_erasing_a_person_removes_tasks_and_results(project: Project) -> None:
    task, other = task_for(project), task_for(project)
    experiment = in_experiment(task.lead)
    record_observations(
        experiment,
        [said(f"lead:{other.lead_id}", PRIMARY, "maybe"), said(f"lead:{other.lead_id}", CANARY, "maybe")],
    )
    author = task.lead.post.author
    assert author is not None

    counts = erase_author(ErasureRequest("sample", platform_user_id=author.platform_user_id))

    assert (counts["experiments.AbResult"], counts["leads.LabelTask"]) == (2, 1)
    assert set(AbResult.objects.values_list("subject", flat=True)) == {f"lead:{other.lead_id}"}
    assert LabelTask.objects.get() == other
