"""Claiming a delivery: the one transaction in which everything has to be so for a draft to leave.

It locks the account, then the project, then the author, then the delivery, always in that order; on SQLite the
transaction itself is the lock. Caps, spacing and the cool-down are counted behind these locks, so two processes
cannot both find the last place free. What it writes (who has it, since when) is committed before the platform is
asked, so that a worker that dies leaves a trace: such a delivery is looked for, and never blindly sent again.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from connectors.models import Account
from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.contention import atomically
from signalops_site.core.models import Project

from ..models import Author, Delivery, DeliveryStatus
from .enqueue import tell
from .gates import BY_API, Case, Refusal, first_refusal

BY = "job:sending"
DEAD_AFTER = timedelta(minutes=5)
"""A worker that has recorded nothing for so long is lost. It is longer than a worker waits before its call
(`worker.FRESH`) and a call takes together. Time alone counts: nobody sees the processes of another machine.
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery, and by which token its holder is known."""

    delivery_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process alone may hand to the platform, and what is to be handed over."""

    held: Held
    claimed_at: datetime
    key: UUID
    post_id: str
    text: str


def claim_delivery(delivery_id: int, *, account: Account | None) -> Claim | Refusal | None:
    """The claim, or the gate that is closed; None when it waits no more: another process had it, say."""
    return atomically(lambda: _claim(delivery_id, account=account))


def _claim(delivery_id: int, *, account: Account | None) -> Claim | Refusal | None:
    account = _locked_account(account)
    delivery, project = _locked(delivery_id)
    now = timezone.now()
    if delivery is None or delivery.status != DeliveryStatus.QUEUED or delivery.due_at > now:
        return None
    if delivery.draft is None:
        return _refuse(delivery, Refusal("Its draft is gone.", final=True))
    case = Case(delivery.draft, delivery, project, active_document(project), now, account)
    if refusal := first_refusal(case, BY_API):
        return _refuse(delivery, refusal)
    return _take(delivery, account=account, now=now)


def _locked_account(account: Account | None) -> Account | None:
    return None if account is None else Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def _locked(delivery_id: int) -> tuple[Delivery | None, Project]:
    """The project, the author, and then the delivery with all that is known of it."""
    of_it = Delivery.objects.filter(pk=delivery_id)
    project_id, author_id = of_it.values_list("project_id", "draft__lead__post__author_id").get()
    projects = Project.objects.select_related("active_config").select_for_update(of=("self",), no_key=True)
    project = projects.get(pk=project_id)
    Author.objects.select_for_update(no_key=True).filter(pk=author_id).first()
    whole = of_it.select_related("draft__lead__post__author", "draft__lead__project")
    return whole.select_for_update(of=("self",)).first(), project


def _take(delivery: Delivery, *, account: Account | None, now: datetime) -> Claim | None:
    draft = delivery.draft
    if draft is None:
        return None
    delivery.status = DeliveryStatus.CLAIMED
    delivery.claimed_by = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:12]}"
    delivery.claimed_at, delivery.account = now, account
    delivery.due_at = now + DEAD_AFTER
    delivery.attempts += 1
    delivery.error = ""
    delivery.save(update_fields=["status", "claimed_by", "claimed_at", "due_at", "account", "attempts", "error"])
    tell(delivery, draft)
    fields = {"draft": draft.pk, "attempt": delivery.attempts}
    audit.record("delivery.claim", by=BY, project=delivery.project, on=delivery, fields=fields)
    post_id = draft.lead.post.platform_post_id
    held = Held(delivery.pk, delivery.claimed_by)
    return Claim(held, now, delivery.key, post_id, draft.text_final)


def _refuse(delivery: Delivery, refusal: Refusal) -> Refusal:
    """What no waiting opens ends the delivery. Of the rest the sentence is kept: people see why it waits."""
    if refusal.final:
        delivery.status = DeliveryStatus.CANCELLED
        delivery.error = refusal.sentence
        delivery.save(update_fields=["status", "error"])
        if delivery.draft is not None:
            tell(delivery, delivery.draft)
        fields = {"draft": delivery.draft_id}
        audit.record("delivery.cancel", by=BY, project=delivery.project, on=delivery, fields=fields)
    elif delivery.error != refusal.sentence:
        Delivery.objects.filter(pk=delivery.pk).update(error=refusal.sentence)
    return refusal
