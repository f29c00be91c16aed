"""The review desk: putting a lead off, waking it, giving it to somebody.

Each is a decision as those on drafts are: made under the lock, kept with the state before and after it, told to
the dashboard, and taken back by whoever made it. One that would change nothing is none. Nothing wakes a lead whose
time has come: lists ask for the time (`selectors_desk.awake`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, role_in
from signalops_site.core.runs import publish

from ..hooks import decision_made
from ..models import Decision, DecisionKind, Draft, DraftStatus, Hold, Lead
from .labels import locked_lead
from .review import locked_pending, require_post
from .snapshots import LeadState, Snapshot, changed_by

LONGEST_SNOOZE: Final = timedelta(days=366)

Subject = Lead | Draft
"""A lead, or the lead of a draft that still waits: then the decision belongs to the draft as well, and is refused
when somebody has decided on it meanwhile.
"""


@transaction.atomic
def snooze_lead(
    subject: Subject, *, until: datetime, by: User, seconds_spent: int | None = None
) -> Decision | None:
    """Hide a lead and its waiting draft from lists until then. None when it is put off until just then already."""
    lead, draft = _locked(subject, by=by)
    _require_future(until)
    values = {"snoozed_until": until}
    return _decide(DecisionKind.SNOOZE, lead, draft, values, by=by, seconds_spent=seconds_spent)


@transaction.atomic
def wake_lead(subject: Subject, *, by: User, seconds_spent: int | None = None) -> Decision | None:
    """Show a lead again before its time. None when it is not put off."""
    lead, draft = _locked(subject, by=by)
    if not is_snoozed(lead):
        return None
    return _decide(DecisionKind.WAKE, lead, draft, {"snoozed_until": None}, by=by, seconds_spent=seconds_spent)


@transaction.atomic
def assign_lead(
    subject: Subject, *, to: User | None, by: User, seconds_spent: int | None = None
) -> Decision | None:
    """Give a lead to somebody who may review in its project; `to` None: to nobody. None when it is so already."""
    lead, draft = _locked(subject, by=by)
    if to is not None:
        _require_reviewer(to, lead.project)
    values = {"assignee_id": to.pk if to else None}
    return _decide(DecisionKind.ASSIGN, lead, draft, values, by=by, seconds_spent=seconds_spent)


def release_leads(user: User, project: Project) -> None:
    """Leads of somebody who may not review in the project any more are nobody's."""
    role = role_in(user, project)
    if role is None or role.rank < Role.REVIEWER.rank:
        Lead.objects.filter(project=project, assignee=user).update(assignee=None)


def is_snoozed(lead: Lead) -> bool:
    return lead.snoozed_until is not None and lead.snoozed_until > timezone.now()


def reviewers_of(project: Project) -> QuerySet[User]:
    """Whom leads of the project can be given to, by name."""
    able = [role for role in Role if role.rank >= Role.REVIEWER.rank]
    people = User.objects.filter(is_active=True)
    return (
        people.filter(Q(is_superuser=True) | Q(memberships__project=project, memberships__role__in=able))
        .distinct()
        .order_by("username")
    )


def reviewer_called(username: str, project: Project) -> User:
    """A DomainError when nobody of that name may review here, whether or not there is such a person."""
    found = reviewers_of(project).filter(username=username).first()
    if found is None:
        raise DomainError(f"{username!r} is nobody who reviews in {project.slug!r}.")
    return found


def announce_lead(action: str, decision: Decision, *, by: User) -> None:
    """Tell dashboards how a lead stands with its people, and with it its waiting draft; then the audit log."""
    lead = decision.lead
    detail: dict[str, object] = {
        "lead": lead.pk,
        "assignee": lead.assignee.get_username() if lead.assignee else None,
        "snoozed_until": lead.snoozed_until.isoformat() if lead.snoozed_until and is_snoozed(lead) else None,
    }
    if waiting := lead.drafts.filter(status=DraftStatus.PENDING).only("pk", "status").first():
        detail |= {"draft": waiting.pk, "status": waiting.status}
    publish(lead.project, "queue_update", detail=detail)
    fields = {"decision": decision.pk, "draft": decision.draft_id, "changed": changed_by(decision)}
    audit.record(action, by=by, project=lead.project, on=lead, fields=fields)


def _locked(subject: Subject, *, by: User) -> tuple[Lead, Draft | None]:
    if isinstance(subject, Draft):
        draft = locked_pending(subject, by=by)
        return draft.lead, draft
    lead = locked_lead(subject.pk)
    require_role(by, lead.project, Role.REVIEWER)
    require_post(lead)
    return lead, None


def _require_future(until: datetime) -> None:
    now = timezone.now()
    if until <= now:
        raise DomainError(f"{until:%Y-%m-%d %H:%M} UTC is over: name a time to come.")
    if until > now + LONGEST_SNOOZE:
        raise DomainError(f"A lead can be put off for {LONGEST_SNOOZE.days} days at most.")


def _require_reviewer(user: User, project: Project) -> None:
    role = role_in(user, project) if user.is_active else None
    if role is None or role.rank < Role.REVIEWER.rank:
        raise DomainError(f"{user.get_username()!r} is nobody who reviews in {project.slug!r}.")


def _decide(
    kind: DecisionKind,
    lead: Lead,
    draft: Draft | None,
    values: Mapping[str, object],
    *,
    by: User,
    seconds_spent: int | None,
) -> Decision | None:
    before = _state_of(lead)
    for name, value in values.items():
        setattr(lead, name, value)
    after = _state_of(lead)
    if after == before:
        return None
    lead.save(update_fields=["assignee", "snoozed_until"])
    if kind == DecisionKind.SNOOZE:
        Hold.objects.filter(draft__lead=lead).delete()
    decision = Decision.objects.create(
        lead=lead,
        draft=draft,
        user=by,
        kind=kind,
        before=before.as_json(),
        after=after.as_json(),
        seconds_spent=seconds_spent,
    )
    decision_made.call(decision)
    announce_lead(f"lead.{kind.value}", decision, by=by)
    return decision


def _state_of(lead: Lead) -> Snapshot:
    return Snapshot(lead=LeadState.model_validate(lead))
