"""Putting off, assigning, holding, many at once, and taking all of it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from leads.hooks import decision_made, decision_undone
from leads.identities import identity_of
from leads.models import Decision, DecisionKind, Draft, DraftStatus, Hold, Lead, LeadStage
from leads.selectors import leads_of, queue_items
from leads.selectors_desk import asleep, awake, awake_drafts
from leads.services.bulk import DraftAct, LeadAct, Wish, decide_on_drafts, decide_on_leads
from leads.services.desk import assign_lead, reviewer_called, reviewers_of, snooze_lead, wake_lead
from leads.services.holds import LEASE, hold_draft, release_hold
from leads.services.labels import label_lead
from leads.services.lead_exports import export_leads
from leads.services.review import approve_draft, reject_draft
from leads.services.suppressions import suppress
from leads.services.undoing import NEWEST, undo_decision, undo_latest, undo_one, undoable
from signalops_site.core.access.members import change_role, remove_member
from signalops_site.core.errors import Conflict, DomainError, NotAllowed, NotFound
from signalops_site.core.hooks import Hook
from signalops_site.core.models import AuditEntry, Project, Role, RunEvent

from ...factories import DraftFactory, LeadFactory, LeadQueryFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project)


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def test_a_snoozed_lead_is_in_no_list_and_comes_back_by_itself(
    draft: Draft, project: Project, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = snooze_lead(draft, until=in_days(2), by=reviewer, seconds_spent=5)

    assert decision is not None
    assert (decision.kind, decision.draft, decision.seconds_spent) == ("snooze", draft, 5)
    assert not awake(leads_of(project)).exists()
    assert not awake_drafts(queue_items(project)).exists()
    assert asleep(leads_of(project)).get() == draft.lead

    later = in_days(2.1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert awake(leads_of(project)).get() == draft.lead
    assert awake_drafts(queue_items(project)).get() == draft
    assert wake_lead(draft, by=reviewer) is None


def test_what_is_decided_is_awake_and_undo_puts_it_off_again(
    draft: Draft, project: Project, reviewer: User
) -> None:
    until = in_days(2)
    snooze_lead(draft.lead, until=until, by=reviewer)
    approve_draft(draft, by=reviewer)

    assert fresh(draft.lead).snoozed_until is None
    assert awake_drafts(queue_items(project, status=DraftStatus.APPROVED)).get() == draft

    undo_decision(draft, by=reviewer)
    assert fresh(draft.lead).snoozed_until == until


def test_undo_restores_snooze_and_assignment_as_they_were(
    draft: Draft, project: Project, reviewer: User, operator: User
) -> None:
    first, second = in_days(1), in_days(3)
    snooze_lead(draft.lead, until=first, by=reviewer)
    assign_lead(draft.lead, to=operator, by=reviewer)
    snooze_lead(draft.lead, until=second, by=reviewer)
    wake_lead(draft.lead, by=reviewer)
    assign_lead(draft.lead, to=None, by=reviewer)

    def standing() -> tuple[Any, Any]:
        lead = fresh(draft.lead)
        return lead.snoozed_until, lead.assignee

    seen = [standing()]
    taken_back = []
    for _ in range(5):
        taken_back.append(undo_latest(project, by=reviewer).kind)
        seen.append(standing())

    assert taken_back == ["assign", "wake", "snooze", "assign", "snooze"]
    assert seen == [
        (None, None),
        (None, operator),
        (second, operator),
        (first, operator),
        (first, None),
        (None, None),
    ]
    with pytest.raises(Conflict, match="no decision left"):
        undo_latest(project, by=reviewer)


def test_undo_leaves_what_somebody_else_has_changed_since(
    draft: Draft, project: Project, reviewer: User, operator: User
) -> None:
    assign_lead(draft, to=reviewer, by=reviewer)
    assign_lead(draft, to=operator, by=operator)
    snooze_lead(draft, until=in_days(1), by=reviewer)
    snooze_lead(draft, until=in_days(2), by=operator)

    with pytest.raises(Conflict, match="put off or woken since"):
        undo_latest(project, by=reviewer)
    mine = undoable(project, by=reviewer)
    with pytest.raises(Conflict, match="given to somebody else since"):
        undo_one(mine[1].pk, project=project, by=reviewer)
    with pytest.raises(NotFound):
        undo_one(undoable(project, by=operator)[0].pk, project=project, by=reviewer)
    assert fresh(draft.lead).assignee == operator


def test_an_assignee_whose_account_is_gone_is_nobody_after_undo(draft: Draft, reviewer: User) -> None:
    leaver = member(draft.lead.project, Role.REVIEWER, username="lena")
    assign_lead(draft, to=leaver, by=reviewer)
    assign_lead(draft, to=reviewer, by=reviewer)
    leaver.delete()

    undo_decision(draft, by=reviewer)

    assert fresh(draft.lead).assignee is None


def test_a_label_is_taken_back_in_its_turn(draft: Draft, project: Project, reviewer: User) -> None:
    filtered = LeadFactory.create(project=project, stage=LeadStage.FILTERED, filter_reason="language")
    label_lead(draft.lead, label="irrelevant", by=reviewer)

    undo_latest(project, by=reviewer)

    lead = fresh(draft.lead)
    assert (lead.label, lead.labelled_by_human, lead.human_labels.count()) == ("relevant", False, 0)
    label_lead(filtered, label="relevant", by=reviewer)
    with pytest.raises(Conflict, match="label it anew"):
        undo_latest(project, by=reviewer)


@pytest.mark.parametrize("order", [("approve", "label"), ("label", "approve")])
def test_labels_that_are_taken_back_out_of_turn_leave_none(
    draft: Draft, project: Project, reviewer: User, order: tuple[str, str]
) -> None:
    before = fresh(draft.lead)
    for act in order:
        if act == "approve":
            approve_draft(draft, by=reviewer)
        else:
            label_lead(draft.lead, label="maybe", by=reviewer)
    for decision in reversed(undoable(project, by=reviewer)):  # the first one first
        undo_one(decision.pk, project=project, by=reviewer)
    after = fresh(draft.lead)
    assert not after.human_labels.exists()
    assert (after.label, after.labelled_by_human) == (before.label, False)


def test_undo_gives_nothing_to_who_may_not_review_any_more(draft: Draft, project: Project, reviewer: User) -> None:
    left = member(project, Role.REVIEWER, username="lena")
    assign_lead(draft, to=left, by=reviewer)
    assign_lead(draft, to=None, by=reviewer)
    left.memberships.all().delete()
    undo_latest(project, by=reviewer)
    assert fresh(draft.lead).assignee is None


@pytest.mark.parametrize(("becomes", "stay"), [(None, False), (Role.VIEWER, False), (Role.OPERATOR, True)])
def test_leads_of_who_may_not_review_any_more_are_nobodys(
    draft: Draft, reviewer: User, operator: User, becomes: Role | None, stay: bool
) -> None:
    leaver = member(draft.lead.project, Role.REVIEWER, username="lena")
    elsewhere = LeadFactory.create(assignee=leaver)
    others = LeadFactory.create(project=draft.lead.project, assignee=reviewer)
    assign_lead(draft, to=leaver, by=reviewer)
    membership = leaver.memberships.get(project=draft.lead.project)
    if becomes is None:
        remove_member(membership, by=operator)
    else:
        change_role(membership, role=becomes, by=operator)
    assert fresh(draft.lead).assignee == (leaver if stay else None)
    assert (fresh(elsewhere).assignee, fresh(others).assignee) == (leaver, reviewer)


def test_only_the_newest_twenty_can_be_taken_back(draft: Draft, project: Project, reviewer: User) -> None:
    first = approve_draft(draft, by=reviewer)
    others = [LeadFactory.create(project=project) for _ in range(NEWEST)]
    for lead in others:
        assign_lead(lead, to=reviewer, by=reviewer)

    assert len(undoable(project, by=reviewer)) == NEWEST
    with pytest.raises(Conflict, match="newest 20 decisions"):
        undo_decision(first, by=reviewer)
    for lead in reversed(others):
        assert undo_latest(project, by=reviewer).lead == lead
    with pytest.raises(Conflict, match="no decision left"):
        undo_latest(project, by=reviewer)
    assert Draft.objects.get().status == DraftStatus.APPROVED


def test_a_decision_is_taken_back_once(draft: Draft, project: Project, reviewer: User) -> None:
    decision = assign_lead(draft, to=reviewer, by=reviewer)
    assert decision is not None
    undo_one(decision.pk, project=project, by=reviewer)

    with pytest.raises(Conflict, match="already"):
        undo_one(decision.pk, project=project, by=reviewer)


def test_the_second_is_told_whatever_they_wanted_to_do(draft: Draft, reviewer: User, operator: User) -> None:
    approve_draft(draft, by=operator)

    for act in (
        lambda: snooze_lead(draft, until=in_days(1), by=reviewer),
        lambda: assign_lead(draft, to=reviewer, by=reviewer),
        lambda: hold_draft(draft, by=reviewer),
        lambda: reject_draft(draft, by=reviewer),
    ):
        draft.refresh_from_db()
        with pytest.raises(Conflict, match="otto approved it"):
            act()
    lead = fresh(draft.lead)
    assert (lead.snoozed_until, lead.assignee, Hold.objects.count()) == (None, None, 0)


def test_who_may_and_what_makes_no_sense(
    draft: Draft, viewer: User, reviewer: User, superuser: User, outsider: User
) -> None:
    project = draft.lead.project
    with pytest.raises(NotAllowed):
        snooze_lead(draft.lead, until=in_days(1), by=viewer)
    with pytest.raises(NotFound):
        assign_lead(draft, to=None, by=outsider)
    for nobody in (viewer, outsider):
        with pytest.raises(DomainError, match="nobody who reviews in 'tidewater'"):
            assign_lead(draft, to=nobody, by=reviewer)
        with pytest.raises(DomainError, match="nobody who reviews"):
            reviewer_called(nobody.username, project)
    assert [user.username for user in reviewers_of(project)] == ["remy", "suri"]
    with pytest.raises(DomainError, match="is over"):
        snooze_lead(draft, until=in_days(-0.1), by=reviewer)
    with pytest.raises(DomainError, match="366 days at most"):
        snooze_lead(draft, until=in_days(400), by=reviewer)
    Lead.objects.update(stage=LeadStage.GONE)
    for subject in (draft, draft.lead):
        with pytest.raises(Conflict, match="gone at sample"):
            assign_lead(subject, to=reviewer, by=reviewer)
    assert not Decision.objects.exists()


def test_what_changes_nothing_is_no_decision(draft: Draft, reviewer: User) -> None:
    until = in_days(1)
    snooze_lead(draft, until=until, by=reviewer)
    assign_lead(draft, to=reviewer, by=reviewer)

    assert snooze_lead(draft, until=until, by=reviewer) is None
    assert assign_lead(draft, to=reviewer, by=reviewer) is None
    assert Decision.objects.count() == 2


def test_dashboards_hooks_and_the_audit_log_hear_of_it(
    draft: Draft, project: Project, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []

    def listen(hook: Hook[[Decision], None]) -> None:
        monkeypatch.setitem(hook._handlers, "test", lambda decision: heard.append((hook.name, decision.kind)))

    listen(decision_made)
    listen(decision_undone)
    until = in_days(1)
    assign_lead(draft.lead, to=reviewer, by=reviewer)
    snooze_lead(draft, until=until, by=reviewer)
    undo_latest(project, by=reviewer)

    about = {"lead": draft.lead_id, "draft": draft.pk, "status": "pending", "assignee": "remy"}
    assert [event.detail for event in RunEvent.objects.filter(type="queue_update").order_by("seq")] == [
        about | {"snoozed_until": None},
        about | {"snoozed_until": until.isoformat()},
        about | {"snoozed_until": None},
    ]
    assert heard == [("decision_made", "assign"), ("decision_made", "snooze"), ("decision_undone", "snooze")]
    entries = AuditEntry.objects.order_by("sequence")
    assert [entry.action for entry in entries] == ["lead.assign", "lead.snooze", "lead.undo"]
    assert [entry.fields["changed"] for entry in entries] == [
        ["lead.assignee_id"],
        ["lead.snoozed_until"],
        ["lead.snoozed_until"],
    ]


def test_a_hold_is_whose_it_is_until_its_lease_is_over(
    draft: Draft, reviewer: User, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()

    def at(seconds: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(seconds=seconds))

    at(0)
    assert hold_draft(draft, by=reviewer).user == reviewer
    at(60)
    assert hold_draft(draft, by=operator).user == reviewer
    renewed = hold_draft(draft, by=reviewer)
    assert (renewed.since, renewed.until) == (start, start + timedelta(seconds=60) + LEASE)
    at(149)
    release_hold(draft, by=operator)
    assert hold_draft(draft, by=operator).user == reviewer
    at(151)
    assert hold_draft(draft, by=operator).user == operator
    release_hold(draft, by=operator)
    assert hold_draft(draft, by=reviewer).user == reviewer

    told = [event.detail["hold"] for event in RunEvent.objects.order_by("seq")]
    assert [hold and hold["user"] for hold in told] == ["remy", "otto", None, "remy"]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("ending", ["decide", "snooze"])
def test_a_hold_blocks_nobody_and_ends_with_the_decision(
    draft: Draft, reviewer: User, operator: User, ending: str
) -> None:
    hold_draft(draft, by=reviewer)

    if ending == "decide":
        approve_draft(draft, by=operator)
    else:
        snooze_lead(draft, until=in_days(1), by=operator)

    assert not Hold.objects.exists()


def test_many_drafts_are_decided_each_by_itself(
    project: Project, other_project: Project, reviewer: User, operator: User
) -> None:
    drafts = [DraftFactory.create(lead__project=project) for _ in range(3)]
    foreign = DraftFactory.create(lead__project=other_project)
    approve_draft(drafts[1], by=operator)
    ids = [drafts[2].pk, drafts[1].pk, foreign.pk, drafts[0].pk, drafts[2].pk]

    wish = Wish(reason="not_relevant: adverts")
    done = decide_on_drafts(project, ids, act=DraftAct.REJECT, wish=wish, by=reviewer)

    assert [(each.id, each.done) for each in done] == [
        (drafts[2].pk, True),
        (drafts[1].pk, False),
        (foreign.pk, False),
        (drafts[0].pk, True),
    ]
    assert "otto approved it" in done[1].problem
    assert "no draft" in done[2].problem
    assert Decision.objects.filter(user=reviewer, kind=DecisionKind.REJECT).count() == 2
    assert AuditEntry.objects.filter(actor=reviewer, action="draft.reject").count() == 2
    assert undo_latest(project, by=reviewer).draft == drafts[0]
    assert undo_latest(project, by=reviewer).draft == drafts[2]


def test_many_leads_are_labelled_put_off_and_assigned(project: Project, reviewer: User) -> None:
    ids = [LeadFactory.create(project=project).pk for _ in range(3)]

    def change(act: LeadAct, **wish: Any) -> list[bool]:
        return [each.done for each in decide_on_leads(project, ids, act=act, wish=Wish(**wish), by=reviewer)]

    assert change(LeadAct.LABEL, label="maybe", reason="hm") == [True] * 3
    assert change(LeadAct.SNOOZE, until=in_days(1)) == [True] * 3
    assert change(LeadAct.ASSIGN, to="remy") == [True] * 3
    assert change(LeadAct.ASSIGN, to="remy") == [False] * 3
    assert set(Lead.objects.values_list("label", "assignee__username")) == {("maybe", "remy")}
    assert asleep(leads_of(project)).count() == 3
    assert change(LeadAct.SNOOZE, until=None) == [True] * 3
    assert awake(leads_of(project)).count() == 3
    assert change(LeadAct.SNOOZE, until=in_days(-1)) == [False] * 3
    with pytest.raises(DomainError, match="nobody who reviews"):
        change(LeadAct.ASSIGN, to="vera")
    with pytest.raises(DomainError, match="At most 200"):
        decide_on_leads(project, range(1, 202), act=LeadAct.ASSIGN, wish=Wish(), by=reviewer)


def test_a_file_of_leads_runs_nothing_and_leaves_out_who_is_not_to_be_contacted(
    project: Project, other_project: Project, reviewer: User, operator: User
) -> None:
    lead = LeadFactory.create(
        project=project, post__text='=cmd("x"), "quoted"', note="Monday", assignee=reviewer, score=71.26
    )
    LeadQueryFactory.create(lead=lead, label="asked")
    bare = LeadFactory.create(project=project, post__author=None)
    suppressed = LeadFactory.create(project=project, post__author__handle="ada")
    suppress(identity_of("handle", value="ada", platform="sample"), project=project, by=operator)
    gone = LeadFactory.create(project=project, stage=LeadStage.GONE)
    foreign = LeadFactory.create(project=other_project)

    made = export_leads(project, [bare.pk, suppressed.pk, gone.pk, foreign.pk, lead.pk], by=reviewer)

    head, first, second = made.content.splitlines()
    assert head.startswith('"id","project","platform","url"')
    assert first.startswith(f'"{bare.pk}","tidewater"')
    assert """"'=cmd(""x""), ""quoted""\"""" in second
    assert '"71.3","asked","remy","Monday"' in second
    assert made.left_out == 3
    assert AuditEntry.objects.get(action="lead.export").fields == {"leads": [bare.pk, lead.pk]}
