"""Who has which draft before them, so that two people do not read the same one without knowing.

A hold is a lease that a page renews. It is a sign on the door and no lock: whoever decides first wins, held or
not. Nor is it a decision: it is in no history and in no log, and nothing outlives it.
"""

from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..models import Draft, Hold
from .review import locked_pending

LEASE: Final = timedelta(seconds=90)


@transaction.atomic
def hold_draft(draft: Draft, *, by: User) -> Hold:
    """Take a draft, or renew one's hold on it, unless somebody else has it: the answer says who has it now.

    Conflict when it is decided, which a page that has just opened it wants to know.
    """
    draft = locked_pending(draft, by=by)
    now = timezone.now()
    held = Hold.objects.select_related("user").filter(draft=draft, until__gt=now).first()
    if held is None:
        values = {"user_id": by.pk, "since": now, "until": now + LEASE}
        held, _ = Hold.objects.update_or_create(draft=draft, defaults=values)
        _tell(draft, held)
    elif held.user_id == by.pk:
        held.until = now + LEASE
        held.save(update_fields=["until"])
    return held


@transaction.atomic
def release_hold(draft: Draft, *, by: User) -> None:
    """Let go of a draft. Somebody else's hold stays theirs."""
    require_role(by, draft.lead.project, Role.REVIEWER)
    deleted, _ = Hold.objects.filter(draft=draft, user=by.pk).delete()
    if deleted:
        _tell(draft, None)


def _tell(draft: Draft, hold: Hold | None) -> None:
    told = {"user": hold.user.get_username(), "until": hold.until.isoformat()} if hold else None
    detail = {"draft": draft.pk, "lead": draft.lead_id, "status": draft.status, "hold": told}
    publish(draft.lead.project, "queue_update", detail=detail)
