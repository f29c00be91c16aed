"""Ending a sequence: by a person, or because something happened after which nobody should be followed up.

Its draft that has not left is superseded with it, approved or not, and a delivery that waits is cancelled. What is
in a worker's or a person's hands already is not called back.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.errors import Conflict
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..models import (
    Decision,
    DecisionKind,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    Lead,
    LeadStage,
    Outcome,
    OutcomeType,
    Sequence,
    SequenceExit,
)
from ..sending.enqueue import locked_draft, withdraw_delivery
from ..suppression import suppression_of
from .writing_back import has_said_no

BY = "job:sequences"
ENDS_BY = {
    OutcomeType.REPLY_RECEIVED: SequenceExit.REPLIED,
    OutcomeType.NEGATIVE: SequenceExit.NEGATIVE,
    OutcomeType.BOOKING: SequenceExit.REPLIED,
}
"""Outcomes after which nobody is followed up. A like or a click ends nothing."""
NOT_LEFT = (DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.EDITED)
OUT_OF_HAND = (DeliveryStatus.CLAIMED, DeliveryStatus.SENT, DeliveryStatus.UNKNOWN)


@transaction.atomic
def stop_sequence(sequence: Sequence, *, by: User) -> Sequence:
    """Follow up no more. Conflict when it is over already."""
    require_role(by, sequence.lead.project, Role.REVIEWER)
    if not exit_sequences(sequence.lead, SequenceExit.STOPPED, by=by, only=sequence.pk):
        raise Conflict("The sequence is over already.")
    sequence.refresh_from_db()
    return sequence


@transaction.atomic
def exit_sequences(lead: Lead, reason: SequenceExit, *, by: audit.Actor = BY, only: int | None = None) -> int:
    """End what is under way on a lead, for that reason; how many ended: none or one. `only`: that sequence."""
    drafts = Draft.objects.filter(touch__step__sequence__lead=lead, status__in=NOT_LEFT)
    open_drafts = drafts.filter(touch__step__sequence__ended_at__isnull=True)
    waiting = [locked_draft(pk) for pk in open_drafts.order_by("pk").values_list("pk", flat=True)]
    under_way = Sequence.objects.select_for_update(of=("self",)).filter(lead=lead, ended_at__isnull=True)
    sequence = (under_way if only is None else under_way.filter(pk=only)).first()
    if sequence is None:
        return 0
    publish(lead.project, "queue_update", detail={"lead": lead.pk, "sequence": "ended"})
    _end(sequence, reason, by=by)
    superseded = [draft.pk for draft in waiting if _supersede(draft, by=by)]
    fields = {"lead": lead.pk, "reason": reason.value, "drafts": superseded}
    audit.record("sequence.exit", by=by, project=lead.project, on=sequence, fields=fields)
    return 1


def _end(sequence: Sequence, reason: SequenceExit, *, by: audit.Actor) -> None:
    sequence.ended_at, sequence.exit = timezone.now(), reason
    sequence.ended_by_id = by.pk if isinstance(by, User) else None
    sequence.save(update_fields=["ended_at", "exit", "ended_by"])


def _supersede(draft: Draft, *, by: audit.Actor) -> bool:
    """Under the draft's lock. False for one that has left, or may have."""
    if draft.status not in NOT_LEFT:
        return False
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(draft=draft).first()
    if delivery is not None and delivery.status in OUT_OF_HAND:
        return False
    withdraw_delivery(draft, by=by)
    draft.status = DraftStatus.SUPERSEDED
    draft.save(update_fields=["status"])
    detail = {"draft": draft.pk, "lead": draft.lead_id, "status": draft.status}
    publish(draft.lead.project, "queue_update", detail=detail)
    return True


def reason_to_end(sequence: Sequence) -> SequenceExit | None:
    """Asked with each turn. What people decide, and what comes of a reply, ends a sequence at once, by hooks."""
    lead = sequence.lead
    if not lead.project.is_active:
        return SequenceExit.INACTIVE
    if lead.stage == LeadStage.GONE:
        return SequenceExit.GONE
    if has_said_no(lead):
        return SequenceExit.NEGATIVE
    return SequenceExit.SUPPRESSED if suppression_of(lead) else None


# ------------------------------------------------------------ hooks


def end_after_outcome(outcome: Outcome) -> None:
    """They answered, or took it badly: whoever goes on is a person."""
    reason = ENDS_BY.get(OutcomeType(outcome.type))
    if reason is not None:
        exit_sequences(outcome.draft.lead, reason)


def end_after_rejection(decision: Decision) -> None:
    """Whoever rejects a step, or the reply itself, does not want the next one."""
    if decision.kind == DecisionKind.REJECT:
        exit_sequences(decision.lead, SequenceExit.REJECTED, by=decision.user)


def go_on_after_undo(decision: Decision) -> None:
    """A rejection that is taken back goes with what it ended, unless the lead is in another sequence by now."""
    if decision.kind != DecisionKind.REJECT:
        return
    of_lead = Sequence.objects.select_for_update(of=("self",)).filter(lead=decision.lead)
    ended = of_lead.filter(exit=SequenceExit.REJECTED, ended_at__gte=decision.created_at).first()
    if ended is None or of_lead.filter(ended_at__isnull=True).exists():
        return
    publish(decision.lead.project, "queue_update", detail={"lead": decision.lead_id, "sequence": "open"})
    ended.ended_at, ended.ended_by, ended.exit = None, None, ""
    ended.save(update_fields=["ended_at", "ended_by", "exit"])
    fields = {"lead": decision.lead_id, "plan": ended.plan}
    audit.record("sequence.go_on", by=decision.user, project=decision.lead.project, on=ended, fields=fields)
