"""Recording what came of a reply, once, and what a person says of it. Others hear of it by `outcome_recorded`."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError, NotFound
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..hooks import outcome_recorded
from ..models import DeliveryStatus, Draft, Lead, Outcome, OutcomeSource, OutcomeType
from .negatives import react_to_negative

BY = "job:outcomes"
BY_HAND = "by hand"
"""What a person's record refers to, unless they say what."""
MOST_NOTE = 500


@transaction.atomic
def record_outcome(
    draft: Draft,
    *,
    kind: OutcomeType,
    reference: str,
    count: int = 1,
    author_digest: str = "",
    details: dict[str, Any] | None = None,
    observed_at: datetime | None = None,
    by: audit.Actor = BY,
) -> Outcome | None:
    """A new outcome of a draft that was sent; None: it is known. A negative one pauses its project's sending.

    The project is locked first, then the lead's drafts (see `hold`), and the audit log last.
    """
    project = hold(draft)
    person = by if isinstance(by, User) else None
    outcome, is_new = Outcome.objects.get_or_create(
        draft=draft,
        type=kind,
        reference=reference[:250],
        defaults={
            "project": project,
            "count": count,
            "source": OutcomeSource.PERSON if person else OutcomeSource.POLLED,
            "author_digest": author_digest,
            "details": details or {},
            "observed_at": observed_at or timezone.now(),
            "by_id": person.pk if person else None,
        },
    )
    if not is_new:
        return None
    _follow_up(outcome, draft, by=by)
    return outcome


@transaction.atomic
def record_by_hand(
    lead: Lead, *, kind: str, by: User, draft_id: int | None = None, reference: str = "", note: str = ""
) -> Outcome:
    """What a person knows to have come of a reply: a booking, a click, a no. Of the lead's latest reply that left,
    unless a draft is named. Conflict when the same is recorded already; one that was taken back stands again.
    """
    require_role(by, lead.project, Role.REVIEWER)
    draft = _sent_draft(lead, draft_id)
    of_kind, about = OutcomeType(kind), _checked(reference, 250) or BY_HAND
    details = {"note": note} if (note := _checked(note, MOST_NOTE)) else {}
    outcome = record_outcome(draft, kind=of_kind, reference=about, details=details, by=by)
    return outcome or _stand_again(draft, of_kind, about, by=by)


@transaction.atomic
def withdraw_outcome(outcome: Outcome, *, by: User) -> Outcome:
    """Say that an outcome is none: it counts no more, and is not found again. What it set off stays."""
    outcome = _locked(outcome.pk)
    require_role(by, outcome.project, Role.REVIEWER)
    if outcome.withdrawn_at is not None:
        raise Conflict(f"Outcome {outcome.pk} is taken back already.")
    outcome.withdrawn_at, outcome.withdrawn_by_id = timezone.now(), by.pk
    outcome.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _tell(outcome, outcome.draft)
    _audit("outcome.withdraw", outcome, by=by)
    return outcome


def hold(draft: Draft) -> Project:
    """Lock the project, as whoever pauses it does, and then the lead's drafts and the lead, as whoever decides
    does: what hears of an outcome may change these.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=draft.lead.project_id)
    list(Draft.objects.filter(lead=draft.lead_id).order_by("pk").select_for_update().values_list("pk"))
    list(Lead.objects.filter(pk=draft.lead_id).select_for_update().values_list("pk"))
    return project


def standing() -> QuerySet[Outcome]:
    """Those that nobody has taken back."""
    return Outcome.objects.filter(withdrawn_at__isnull=True)


def _stand_again(draft: Draft, kind: OutcomeType, reference: str, *, by: User) -> Outcome:
    known = Outcome.objects.get(draft=draft, type=kind, reference=reference)
    outcome = _locked(known.pk)
    if outcome.withdrawn_at is None:
        raise Conflict(f"This {kind.label.lower()} is recorded already; another one takes a reference of its own.")
    outcome.withdrawn_at = outcome.withdrawn_by = None
    outcome.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _follow_up(outcome, draft, by=by)
    return outcome


def _follow_up(outcome: Outcome, draft: Draft, *, by: audit.Actor) -> None:
    outcome_recorded.call(outcome)
    if outcome.type == OutcomeType.NEGATIVE:
        react_to_negative(outcome)
    _tell(outcome, draft)
    _audit("outcome.record", outcome, by=by)


def _sent_draft(lead: Lead, draft_id: int | None) -> Draft:
    chosen = Q() if draft_id is None else Q(pk=draft_id)
    drafts = lead.drafts.filter(chosen, delivery__status=DeliveryStatus.SENT).select_related("lead__project")
    draft = drafts.order_by(F("delivery__sent_at").desc(), "-pk").first()
    if draft is not None:
        return draft
    if draft_id is None:
        raise Conflict(f"Nothing was sent to the author of lead {lead.pk}, so nothing can have come of it.")
    raise NotFound(f"Lead {lead.pk} has no draft {draft_id} that was sent.")


def _locked(outcome_id: int) -> Outcome:
    whole = Outcome.objects.select_related("draft__lead", "project")
    return whole.select_for_update(of=("self",)).get(pk=outcome_id)


def _checked(text: str, longest: int) -> str:
    text = text.strip()
    if len(text) > longest:
        raise DomainError(f"This has at most {longest} characters; it has {len(text)}.")
    return text


def _tell(outcome: Outcome, draft: Draft) -> None:
    detail = {"draft": draft.pk, "lead": draft.lead_id, "outcome": outcome.pk, "type": outcome.type}
    publish(outcome.project, "queue_update", detail=detail)


def _audit(action: str, outcome: Outcome, *, by: audit.Actor) -> None:
    fields = {"draft": outcome.draft_id, "type": outcome.type, "count": outcome.count}
    audit.record(action, by=by, project=outcome.project, on=outcome, fields=fields)
