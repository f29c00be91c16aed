"""Approve, edit, reject, undo: states, labels, events, and who wins."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.forms.models import model_to_dict

from leads.hooks import decision_made, decision_undone
from leads.judges.base import Label
from leads.models import Decision, Draft, DraftStatus, HumanLabel, Lead, LeadStage
from leads.services.labels import label_lead
from leads.services.review import RejectReason, approve_draft, edit_draft, reason_code, reject_draft
from leads.services.undoing import undo_decision, undo_latest
from signalops_site.core.errors import Conflict, DomainError, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project, Role, RunEvent

from ...factories import DraftFactory, HumanLabelFactory, JudgmentFactory, ProjectFactory, document, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project)


def state_of(draft: Draft) -> dict[str, Any]:
    """Every stored value that a decision may touch."""
    fresh = Draft.objects.get(pk=draft.pk)
    names = ("user", "label", "reason", "source", "role_rank", "updated_at")
    labels = list(HumanLabel.objects.filter(lead=fresh.lead).order_by("user").values(*names))
    return {"draft": model_to_dict(fresh), "lead": model_to_dict(fresh.lead), "labels": labels}


def test_approving_keeps_the_generated_text_and_labels_the_lead_relevant(draft: Draft, reviewer: User) -> None:
    approved = approve_draft(draft, by=reviewer, seconds_spent=7)

    assert (approved.status, approved.text_final) == (DraftStatus.APPROVED, draft.text_generated)
    assert (approved.reviewer, approved.seconds_spent) == (reviewer, 7)
    assert approved.decided_at is not None
    lead = Lead.objects.get(pk=draft.lead_id)
    assert (lead.stage, lead.label, lead.confidence) == (LeadStage.REVIEWED, Label.RELEVANT, 1.0)
    assert lead.labelled_by_human
    assert Decision.objects.get().seconds_spent == 7


def test_editing_keeps_the_new_text_without_outer_space(draft: Draft, reviewer: User) -> None:
    edited = edit_draft(draft, text="  A better answer.\n", by=reviewer)

    assert (edited.status, edited.text_final) == (DraftStatus.EDITED, "A better answer.")
    assert Lead.objects.get(pk=draft.lead_id).label == Label.RELEVANT


def test_an_edit_without_a_change_is_an_approval(draft: Draft, reviewer: User) -> None:
    assert edit_draft(draft, text=f"{draft.text_generated}\n", by=reviewer).status == DraftStatus.APPROVED
    assert Decision.objects.get().kind == "approve"


def test_a_better_text_is_plain_and_no_longer_than_a_pair_takes(draft: Draft, reviewer: User) -> None:
    for text, words in (("a\x07b", "control characters"), ("x" * 5001, "at most 5,000")):
        with pytest.raises(DomainError, match=words):
            reject_draft(draft, reason="wrong_tone", better_text=text, by=reviewer)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200e"])
def test_a_blank_reply_is_refused(draft: Draft, reviewer: User, text: str) -> None:
    with pytest.raises(DomainError, match="blank"):
        edit_draft(draft, text=text, by=reviewer)


def test_a_reply_over_the_limit_is_refused_by_the_number(draft: Draft, reviewer: User) -> None:
    with pytest.raises(DomainError, match=r"501 characters; the limit on sample is 500"):
        edit_draft(draft, text="a" * 501, by=reviewer)

    assert edit_draft(draft, text="a" * 500, by=reviewer).status == DraftStatus.EDITED


def test_the_projects_own_limit_counts() -> None:
    project = ProjectFactory.create(document=document(drafts={"max_length": {"sample": 20}}))
    reviewer = member(project, Role.REVIEWER)

    with pytest.raises(DomainError, match="the limit on sample is 20"):
        approve_draft(DraftFactory.create(lead__project=project), by=reviewer)


def test_a_reply_with_control_characters_is_refused(draft: Draft, reviewer: User) -> None:
    with pytest.raises(DomainError, match="control characters"):
        edit_draft(draft, text="bell\x07", by=reviewer)


def test_rejecting_as_not_relevant_labels_the_lead_irrelevant(draft: Draft, reviewer: User) -> None:
    rejected = reject_draft(draft, reason="not_relevant: a job advert", by=reviewer)

    assert (rejected.status, rejected.reject_reason) == (DraftStatus.REJECTED, "not_relevant: a job advert")
    assert rejected.text_final == ""
    assert Lead.objects.get(pk=draft.lead_id).label == Label.IRRELEVANT
    assert HumanLabel.objects.get().reason == "not_relevant: a job advert"


@pytest.mark.parametrize("reason", ["", "wrong_tone", "too_salesy: far too loud", "they are a competitor"])
def test_any_other_rejection_says_nothing_of_the_lead(draft: Draft, reviewer: User, reason: str) -> None:
    reject_draft(draft, reason=reason, better_text="Short and kind.", by=reviewer)

    lead = Lead.objects.get(pk=draft.lead_id)
    assert (lead.stage, lead.label, lead.labelled_by_human) == (LeadStage.REVIEWED, Label.RELEVANT, False)
    assert not HumanLabel.objects.exists()
    assert Draft.objects.get(pk=draft.pk).better_text == "Short and kind."


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", None),
        ("Not relevant", RejectReason.NOT_RELEVANT),
        ("already-answered: by us", RejectReason.ALREADY_ANSWERED),
        ("this is not relevant at all", RejectReason.OTHER),
    ],
)
def test_a_reasons_code_is_read_in_any_spelling(reason: str, code: RejectReason | None) -> None:
    assert reason_code(reason) == code


def test_a_reason_that_is_too_long_is_refused(draft: Draft, reviewer: User) -> None:
    with pytest.raises(DomainError, match="at most 500"):
        reject_draft(draft, reason="x" * 501, by=reviewer)


def test_the_second_to_decide_is_told_who_was_first(draft: Draft, reviewer: User, operator: User) -> None:
    approve_draft(draft, by=reviewer)

    with pytest.raises(Conflict, match="remy approved it"):
        reject_draft(draft, by=operator)


def test_a_superseded_draft_cannot_be_decided(draft: Draft, reviewer: User) -> None:
    Draft.objects.update(status=DraftStatus.SUPERSEDED)

    with pytest.raises(Conflict, match="replaced by a newer one"):
        approve_draft(draft, by=reviewer)


def test_a_draft_that_was_erased_meanwhile_is_not_found(draft: Draft, reviewer: User) -> None:
    Lead.objects.all().delete()

    with pytest.raises(NotFound):
        approve_draft(draft, by=reviewer)


def test_viewers_and_strangers_may_not_decide(draft: Draft, viewer: User, outsider: User) -> None:
    with pytest.raises(NotAllowed):
        approve_draft(draft, by=viewer)
    with pytest.raises(NotFound):
        approve_draft(draft, by=outsider)
    with pytest.raises(NotAllowed):
        undo_latest(draft.lead.project, by=viewer)


ACTS = {
    "approve": lambda draft, by: approve_draft(draft, by=by, seconds_spent=3),
    "edit": lambda draft, by: edit_draft(draft, text="Changed.", by=by),
    "reject": lambda draft, by: reject_draft(draft, reason="not_relevant", better_text="Nothing.", by=by),
    "reject for its tone": lambda draft, by: reject_draft(draft, reason="wrong_tone", by=by),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("labelled", [False, True], ids=["not labelled", "labelled by the same person before"])
def test_undo_restores_exactly_what_was_there(draft: Draft, reviewer: User, act: str, labelled: bool) -> None:
    JudgmentFactory.create(lead=draft.lead)
    if labelled:
        label_lead(draft.lead, label="maybe", reason="hm", by=reviewer)
    before = state_of(draft)
    ACTS[act](draft, reviewer)
    assert state_of(draft) != before

    undone = undo_decision(draft, by=reviewer)

    assert state_of(draft) == before
    assert undone.status == DraftStatus.PENDING
    assert Decision.objects.exclude(kind="label").get().undone_at is not None


def test_a_decision_can_be_made_undone_and_made_again(draft: Draft, reviewer: User) -> None:
    approve_draft(draft, by=reviewer)
    undo_decision(draft, by=reviewer)
    reject_draft(draft, reason="not_relevant", by=reviewer)

    assert Lead.objects.get(pk=draft.lead_id).label == Label.IRRELEVANT
    with pytest.raises(Conflict):
        approve_draft(draft, by=reviewer)


def test_nothing_and_other_peoples_decisions_cannot_be_undone(
    draft: Draft, reviewer: User, operator: User
) -> None:
    with pytest.raises(Conflict, match="nothing to undo"):
        undo_decision(draft, by=reviewer)
    approve_draft(draft, by=reviewer)
    with pytest.raises(Conflict, match="remy decided"):
        undo_decision(draft, by=operator)


def test_undo_leaves_a_later_correction_alone(draft: Draft, reviewer: User) -> None:
    approve_draft(draft, by=reviewer)
    label_lead(draft.lead, label="maybe", by=reviewer)

    undo_decision(draft, by=reviewer)

    lead = Lead.objects.get(pk=draft.lead_id)
    assert (lead.label, lead.labelled_by_human, lead.stage) == (Label.MAYBE, True, LeadStage.DRAFTED)


def test_undo_gives_way_to_a_newer_judgment(draft: Draft, reviewer: User) -> None:
    approve_draft(draft, by=reviewer)
    JudgmentFactory.create(lead=draft.lead, label=Label.MAYBE, confidence=0.4)

    undo_decision(draft, by=reviewer)

    lead = Lead.objects.get(pk=draft.lead_id)
    assert (lead.label, lead.confidence, lead.labelled_by_human) == (Label.MAYBE, 0.4, False)


def test_undo_falls_back_on_what_another_person_said(draft: Draft, reviewer: User, operator: User) -> None:
    HumanLabelFactory.create(lead=draft.lead, user=operator, label=Label.MAYBE, role_rank=Role.OPERATOR.rank)
    approve_draft(draft, by=reviewer)
    assert Lead.objects.get(pk=draft.lead_id).label == Label.MAYBE

    undo_decision(draft, by=reviewer)

    assert HumanLabel.objects.get().user == operator
    assert Lead.objects.get(pk=draft.lead_id).label == Label.MAYBE


def test_undo_is_refused_while_a_newer_draft_waits(draft: Draft, reviewer: User) -> None:
    reject_draft(draft, by=reviewer)
    DraftFactory.create(lead=draft.lead)

    with pytest.raises(Conflict, match="newer draft"):
        undo_decision(draft, by=reviewer)


def test_undo_is_refused_when_the_draft_has_moved_on(draft: Draft, reviewer: User) -> None:
    approve_draft(draft, by=reviewer)
    Draft.objects.update(status=DraftStatus.SUPERSEDED)

    with pytest.raises(Conflict, match="moved on"):
        undo_decision(draft, by=reviewer)


def test_undo_latest_walks_back_one_decision_at_a_time(
    draft: Draft, project: Project, reviewer: User, operator: User
) -> None:
    second = DraftFactory.create(lead__project=project)
    theirs = DraftFactory.create(lead__project=project)
    approve_draft(draft, by=reviewer)
    approve_draft(second, by=reviewer)
    approve_draft(theirs, by=operator)

    assert undo_latest(project, by=reviewer).draft == second
    assert undo_latest(project, by=reviewer).draft == draft
    with pytest.raises(Conflict, match="no decision left"):
        undo_latest(project, by=reviewer)


def test_the_dashboard_and_the_audit_log_hear_of_it_without_any_text(draft: Draft, reviewer: User) -> None:
    edit_draft(draft, text="Secret words", by=reviewer)
    undo_decision(draft, by=reviewer)

    events = list(RunEvent.objects.values_list("type", "detail"))
    about = {"draft": draft.pk, "lead": draft.lead_id}
    assert events == [
        ("queue_update", {**about, "status": "edited"}),
        ("queue_update", {**about, "status": "pending"}),
    ]
    edit, undo = AuditEntry.objects.order_by("sequence")
    assert (edit.action, undo.action) == ("draft.edit", "draft.undo")
    assert edit.actor == reviewer
    assert "draft.text_final" in edit.fields["changed"]
    assert "Secret" not in str(edit.fields)


@pytest.mark.parametrize("hook", [decision_made, decision_undone], ids=lambda hook: hook.name)
def test_an_error_in_a_hook_takes_everything_back(
    draft: Draft, reviewer: User, hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hook is decision_undone:
        approve_draft(draft, by=reviewer)
    before, events, entries = state_of(draft), RunEvent.objects.count(), AuditEntry.objects.count()

    def break_down(decision: Decision) -> None:
        raise RuntimeError("the upper floor broke")

    monkeypatch.setitem(hook._handlers, "broken", break_down)
    act = undo_decision if hook is decision_undone else approve_draft
    with pytest.raises(RuntimeError):
        act(draft, by=reviewer)

    assert state_of(draft) == before
    assert (RunEvent.objects.count(), AuditEntry.objects.count()) == (events, entries)
    assert not Decision.objects.filter(undone_at__isnull=False).exists()
