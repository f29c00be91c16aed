"""Taking decisions back: everything is as it was before them.

Each person takes back their own, one at a time, out of the newest 20 that they made in a project (those that they
took back already count). Older ones are final, and so is an approval whose reply has left.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from signalops_site.core.errors import Conflict, NotFound
from signalops_site.core.llm.tracing import record_score
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from ..hooks import decision_undone
from ..judges.ab_test import subject_of
from ..models import Decision, DecisionKind, Draft, DraftStatus, Lead, LeadStage
from ..sending.enqueue import locked_draft, withdraw_delivery
from .desk import announce_lead, reviewers_of
from .labels import LABEL_FIELDS, locked_lead, pass_label_on, refresh_label, take_label_back
from .observing import tell_label
from .review import record_decision, require_post, tell_queue
from .snapshots import Snapshot, label_state, restore_draft, restore_label

NEWEST: Final = 20


def undoable(project: Project, *, by: User) -> list[Decision]:
    """Of a person's newest 20 decisions those that they have not taken back, the latest first.

    An answer in the blind review is none of these: it has an undo of its own, where nothing else is shown.
    """
    require_role(by, project, Role.REVIEWER)
    newest = _decisions_of(by, project).select_related("user").defer("before", "after")[:NEWEST]
    return [decision for decision in newest if decision.undone_at is None]


def undo_latest(project: Project, *, by: User) -> Decision:
    """Take back the latest decision that this person made in the project."""
    decision = next(iter(undoable(project, by=by)), None)
    if decision is None:
        raise Conflict(f"{by.get_username()} has no decision left to undo in {project.slug!r}.")
    return undo_one(decision.pk, project=project, by=by)


@transaction.atomic
def undo_one(decision_id: int, *, project: Project, by: User) -> Decision:
    """Take back one of one's own decisions, out of turn."""
    require_role(by, project, Role.REVIEWER)
    asked = _decisions_of(by, project).filter(pk=decision_id).values_list("draft", "lead").first()
    if asked is None:
        raise NotFound(f"You have made no decision {decision_id} in {project.slug!r}.")
    draft_id, lead_id = asked
    draft = locked_draft(draft_id) if draft_id else None
    return _take_back(decision_id, draft, draft.lead if draft else locked_lead(lead_id), by=by)


@transaction.atomic
def undo_decision(draft: Draft, *, by: User) -> Draft:
    """Take back one's own latest decision on a draft."""
    draft = locked_draft(draft.pk)
    require_role(by, draft.lead.project, Role.REVIEWER)
    decision = _own_decision_on(draft, by=by)
    _take_back(decision.pk, draft, draft.lead, by=by)
    return draft


def _decisions_of(by: User, project: Project) -> QuerySet[Decision]:
    made = Decision.objects.filter(user=by.pk, lead__project=project)
    return made.exclude(kind=DecisionKind.BLIND).order_by("-pk")


def _own_decision_on(draft: Draft, *, by: User) -> Decision:
    open_ones = draft.decisions.filter(undone_at__isnull=True).select_related("user").order_by("-pk")
    decision = open_ones.filter(user=by.pk).first()
    if decision is not None:
        return decision
    theirs = open_ones.first()
    if theirs is None:
        raise Conflict(f"There is nothing to undo on draft {draft.pk}.")
    raise Conflict(f"{theirs.user.get_username()} decided on draft {draft.pk}: only they can take it back.")


def _take_back(decision_id: int, draft: Draft | None, lead: Lead, *, by: User) -> Decision:
    """The caller has locked the draft and its lead, or the lead alone."""
    decision = Decision.objects.select_for_update(of=("self",)).select_related("user").get(pk=decision_id)
    if decision.undone_at is not None:
        raise Conflict("That decision has been taken back already.")
    _require_recent(decision, lead.project, by=by)
    require_post(lead)
    # The draft and the lead that are locked and changed here, not copies that the hooks would read afresh.
    decision.draft, decision.lead = draft, lead
    _RESTORE[DecisionKind(decision.kind)](decision)
    decision.undone_at = timezone.now()
    decision.save(update_fields=["undone_at"])
    decision_undone.call(decision)
    _announce_undo(decision, by=by)
    return decision


def _require_recent(decision: Decision, project: Project, *, by: User) -> None:
    newer = _decisions_of(by, project).filter(pk__gt=decision.pk)
    if len(newer.values_list("pk")[:NEWEST]) == NEWEST:
        raise Conflict(f"Only your newest {NEWEST} decisions in {project.slug!r} can be taken back.")


def _restore_review(decision: Decision) -> None:
    """Walk an approval, an edit or a rejection back. What has changed since by other means (a correction, a new
    judgment) stays.
    """
    draft, lead = decision.draft, decision.lead
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    if draft is None or before.draft is None or after.draft is None:
        raise Conflict("The draft of that decision is not there any more.")
    _require_unmoved(draft, after)
    restore_draft(draft, before.draft)
    if before.label != after.label and label_state(lead, by=decision.user) == after.label:
        restore_label(lead, by=decision.user, state=before.label)
        refresh_label(lead, remembered=before.lead, since=decision.created_at)
    elif before.label != after.label:
        pass_label_on(decision)
    if lead.stage == LeadStage.REVIEWED:
        lead.stage = before.lead.stage
    if lead.snoozed_until == after.lead.snoozed_until:
        lead.snoozed_until = before.lead.snoozed_until
    lead.save(update_fields=["stage", "snoozed_until", *LABEL_FIELDS])
    tell_label(lead)


def _require_unmoved(draft: Draft, after: Snapshot) -> None:
    if after.draft is None or draft.status != after.draft.status:
        raise Conflict(f"Draft {draft.pk} has moved on since ({draft.status}).")
    if draft.lead.drafts.filter(status=DraftStatus.PENDING).exclude(pk=draft.pk).exists():
        raise Conflict(f"Lead {draft.lead_id} has a newer draft waiting; decide on that one first.")


def _restore_label(decision: Decision) -> None:
    """Why a lead was filtered out is not kept, so it does not go back there."""
    lead = decision.lead
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    if before.lead.stage == LeadStage.FILTERED and after.lead.stage != LeadStage.FILTERED:
        raise Conflict(f"Lead {lead.pk} had been filtered out before it was labelled; label it anew instead.")
    take_label_back(lead, decision)
    tell_label(lead)


def _restore_snooze(decision: Decision) -> None:
    lead = decision.lead
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    if lead.snoozed_until != after.lead.snoozed_until:
        raise Conflict(f"Lead {lead.pk} has been put off or woken since.")
    lead.snoozed_until = before.lead.snoozed_until
    lead.save(update_fields=["snoozed_until"])


def _restore_assignee(decision: Decision) -> None:
    """Who may not review here any more is nobody."""
    lead = decision.lead
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    if lead.assignee_id != after.lead.assignee_id:
        raise Conflict(f"Lead {lead.pk} has been given to somebody else since.")
    was = before.lead.assignee_id
    lead.assignee = reviewers_of(lead.project).filter(pk=was).first() if was is not None else None
    lead.save(update_fields=["assignee"])


_RESTORE: Final[Mapping[DecisionKind, Callable[[Decision], None]]] = {
    DecisionKind.APPROVE: _restore_review,
    DecisionKind.EDIT: _restore_review,
    DecisionKind.REJECT: _restore_review,
    DecisionKind.LABEL: _restore_label,
    DecisionKind.SNOOZE: _restore_snooze,
    DecisionKind.WAKE: _restore_snooze,
    DecisionKind.ASSIGN: _restore_assignee,
}


def _announce_undo(decision: Decision, *, by: User) -> None:
    """The event comes before what is audited, the withdrawal of a reply included: all lock them in that order.
    A reply that has left ends everything with a Conflict.
    """
    if _RESTORE[DecisionKind(decision.kind)] is _restore_review and decision.draft is not None:
        record_score(subject_of(decision.lead_id), "review", None)
        tell_queue(decision.draft)
        withdraw_delivery(decision.draft, by=by)
        record_decision("draft.undo", decision.draft, decision, by=by)
    else:
        announce_lead("lead.undo", decision, by=by)
