"""Named reads of the review desk: what is put off, and whose leads are whose."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from .models import Draft, DraftStatus, Lead
from .selectors import RARE


def awake(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Without those that are put off. One whose time has come is there again: nothing has to wake it."""
    return leads.exclude(snoozed_until__gt=timezone.now())


def asleep(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    return leads.filter(snoozed_until__gt=timezone.now())


def assigned_to(leads: QuerySet[Lead], username: str | None) -> QuerySet[Lead]:
    """The leads that are somebody's; `username` None: nobody's. Few are looked up, many are met on the way."""
    if username is None:
        return leads.filter(assignee__isnull=True)
    who = _id_of(username)
    few = list(Lead.objects.filter(assignee=who).values_list("pk", flat=True)[: RARE + 1])
    return leads.filter(pk__in=few) if len(few) <= RARE else leads.filter(assignee=who)


def awake_drafts(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    """Without those that wait and are put off. What is decided is shown, whatever becomes of its lead."""
    return drafts.exclude(status=DraftStatus.PENDING, lead__snoozed_until__gt=timezone.now())


def asleep_drafts(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    return drafts.filter(status=DraftStatus.PENDING, lead__snoozed_until__gt=timezone.now())


def drafts_assigned_to(drafts: QuerySet[Draft], username: str | None) -> QuerySet[Draft]:
    if username is None:
        return drafts.filter(lead__assignee__isnull=True)
    return drafts.filter(lead__assignee=_id_of(username))


def _id_of(username: str) -> int:
    """0, which nobody has, for somebody who is not there."""
    return User.objects.filter(username=username).values_list("pk", flat=True).first() or 0
