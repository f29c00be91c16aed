"""Who has which draft before them, so that two people do not read the same one without knowing.

A hold is a lease that a page renews. It is a sign on the door and no lock: whoever decides first wins, held or
not. Nor is it a decision: it is in no history and in no log, and nothing outlives it.
"""

from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..models import Draft, Hold
from .review import require_pending

LEASE: Final = timedelta(seconds=90)


@transaction.atomic
def hold_draft(draft: Draft, *, by: User) -> Hold:
    """Take a draft, or renew one's hold on it, unless somebody else has it: the answer says who has it now.

    Conflict when it is decided, which a page that has just opened it wants to know.
    """
    require_role(by, draft.lead.project, Role.REVIEWER)
    require_pending(draft)
    now = timezone.now()
    end = now + LEASE
    if Hold.objects.filter(draft=draft, user=by.pk, until__gt=now).update(until=end):
        return _hold_of(draft)
    free = Hold.objects.filter(Q(user=by.pk) | Q(until__lte=now), draft=draft)
    taken = bool(free.update(user=by.pk, since=now, until=end))
    if not taken:
        first = {"user_id": by.pk, "since": now, "until": end}
        _, taken = Hold.objects.get_or_create(draft=draft, defaults=first)
    hold = _hold_of(draft)
    if taken:
        _tell(draft, hold)
    return hold


@transaction.atomic
def release_hold(draft: Draft, *, by: User) -> None:
    """Let go of a draft. Somebody else's hold stays theirs."""
    require_role(by, draft.lead.project, Role.REVIEWER)
    deleted, _ = Hold.objects.filter(draft=draft, user=by.pk).delete()
    if deleted:
        _tell(draft, None)


def _hold_of(draft: Draft) -> Hold:
    return Hold.objects.select_related("user").get(draft=draft)


def _tell(draft: Draft, hold: Hold | None) -> None:
    told = {"user": hold.user.get_username(), "until": hold.until.isoformat()} if hold else None
    detail = {"draft": draft.pk, "lead": draft.lead_id, "status": draft.status, "hold": told}
    publish(draft.lead.project, "queue_update", detail=detail)
