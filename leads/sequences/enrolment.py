"""Putting a lead into a sequence: by a person's choice, or as the project does with every lead that it answers."""

from django.contrib.auth.models import User
from django.db import transaction

from connectors.rules import Mode
from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, NotFound
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..models import (
    DeliveryKind,
    DraftStatus,
    Lead,
    LeadStage,
    Outcome,
    OutcomeType,
    Sequence,
    Step,
)
from ..replying import ReplyPolicies
from ..suppression import reason_against
from .plans import Plan, plan_of
from .writing_back import has_said_no, has_written

NO_SEQUENCE = ""
"""In the place of a plan's name: none, whatever the project does by itself."""
ANSWERED = {OutcomeType.REPLY_RECEIVED, OutcomeType.BOOKING}
WITH_REPLY = (DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.EDITED)


@transaction.atomic
def enrol_lead(lead: Lead, *, plan: str, by: User) -> Sequence:
    """Follow a lead up by that plan. Conflict when it cannot be, DomainError for a plan that does not exist.

    Nothing is written now: the first step waits until the reply has left.
    """
    chosen = plan_of(plan)
    require_role(by, lead.project, Role.REVIEWER)
    locked = _locked(lead.pk)
    if problem := why_not(locked, chosen):
        raise Conflict(problem)
    return _enrol(locked, chosen, by=by)


def enrol_at_send(lead: Lead, *, plan: str | None, by: User) -> Sequence | None:
    """What a send of the lead's reply brings with it: the plan that was chosen, or (None) the project's own.

    The project's own is passed over in silence where it does not fit: nobody has asked for it here.
    """
    if plan == NO_SEQUENCE:
        return None
    if plan is not None:
        return enrol_lead(lead, plan=plan, by=by)
    name = active_document(lead.project).sending.follow_up
    if name is None or lead.sequences.exists() or why_not(lead, chosen := plan_of(name)):
        return None
    return _enrol(lead, chosen, by=by)


def why_not(lead: Lead, plan: Plan) -> str:
    """The sentence that says why a lead is not followed up by that plan; "" when it can be."""
    if lead.stage == LeadStage.GONE:
        return f"The post is gone at {lead.post.platform}."
    if not lead.project.is_active:
        return f"Project {lead.project.slug!r} is not active."
    if under_way := lead.sequences.filter(ended_at__isnull=True).first():
        return f"The lead is in the sequence {under_way.plan!r} already: stop that first."
    if not lead.drafts.filter(status__in=WITH_REPLY).exists():
        return "There is no reply to follow up on."
    return reason_against(lead) or _why_not_now(lead, plan) or _why_not_there(lead, plan)


def _why_not_now(lead: Lead, plan: Plan) -> str:
    told = set(Outcome.objects.filter(draft__lead=lead, withdrawn_at__isnull=True).values_list("type", flat=True))
    if has_said_no(lead):
        return "They reacted badly: they are left alone."
    if plan.is_message:
        return "" if has_written(lead) else "They have not written to us: a direct message would be cold."
    return "They have answered: follow-ups end there." if ANSWERED & told else ""


def _why_not_there(lead: Lead, plan: Plan) -> str:
    policy = ReplyPolicies().of(lead, kind=DeliveryKind(plan.steps[0].kind))
    return f"Not at all: {policy.rule}" if policy.mode == Mode.BLOCKED else ""


def _locked(lead_id: int) -> Lead:
    leads = Lead.objects.select_related("project__active_config", "post__author")
    lead = leads.select_for_update(of=("self",)).filter(pk=lead_id).first()
    if lead is None:
        raise NotFound(f"There is no lead {lead_id} any more.")
    return lead


def _enrol(lead: Lead, plan: Plan, *, by: User) -> Sequence:
    sequence = Sequence.objects.create(lead=lead, plan=plan.name, started_by_id=by.pk)
    Step.objects.bulk_create(
        Step(
            sequence=sequence,
            number=number,
            kind=step.kind,
            wait_days=step.wait_days,
            instruction=step.instruction,
            wording=step.wording,
        )
        for number, step in enumerate(plan.steps, start=1)
    )
    publish(lead.project, "queue_update", detail={"lead": lead.pk, "sequence": "open"})
    fields = {"lead": lead.pk, "plan": plan.name}
    audit.record("sequence.enrol", by=by, project=lead.project, on=sequence, fields=fields)
    return sequence
