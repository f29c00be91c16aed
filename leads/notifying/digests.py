"""Digests: what did not reach the threshold, summed up at the times that project.yaml names.

A lead is told of once for each target, in a digest or alone. A digest holds what was scored before it was due,
since the last one; so one that nobody could write in time holds the same when it is late.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from ..judges.base import Label
from ..models import Lead, LeadStage, Notification, NotificationKind, NotificationLog, NotificationTarget
from .outbox import enqueue_sending, write_message
from .targets import targets_of
from .times import DigestTimes

log = logging.getLogger(__name__)

ANNOUNCED = [LeadStage.SCORED, LeadStage.DRAFTED]
FURTHEST_BACK = timedelta(days=8)
"""A digest that was paused for longer begins anew."""
MOST_LEADS = 10_000


def write_due_digests() -> int:
    """Write the digests that are due, of all projects; how many messages that made."""
    with_digest = Project.objects.filter(is_active=True, active_config__document__notifications__enabled=True)
    made = 0
    for project in with_digest.select_related("active_config").order_by("pk"):
        try:
            made += write_digests(project)
        except DomainError as error:  # its configuration no longer holds: the others' do
            log.warning("no digest of %s: %s", project.slug, error.detail)
    return made


def write_digests(project: Project, *, now: datetime | None = None) -> int:
    """The project's digests that are due. Called again, or by two workers at once, it makes no second one."""
    document = active_document(project)
    due = digest_due(project, document, now=now or timezone.now())
    if due is None:
        return 0
    made = sum(_write(project, document, target, due=due) for target in _without(project, document, due))
    if made:
        enqueue_sending(project)
    return made


def digest_due(project: Project, document: ProjectDocument, *, now: datetime) -> datetime | None:
    """The last time at which one was due; None where there are none, or that was before they were asked for."""
    notifications = document.notifications
    if not (notifications.enabled and notifications.digest and project.active_config):
        return None
    due = DigestTimes.parse(notifications.digest).last_before(now)
    return due if due >= project.active_config.created_at else None


def _without(project: Project, document: ProjectDocument, due: datetime) -> Iterator[NotificationTarget]:
    written = set(Notification.objects.filter(project=project, slot=due).values_list("target", flat=True))
    return (target for target in targets_of(document.notifications) if target not in written)


def _write(project: Project, document: ProjectDocument, target: NotificationTarget, *, due: datetime) -> bool:
    lead_ids = list(_untold(project, document, target, due=due).values_list("pk", flat=True)[:MOST_LEADS])
    if not lead_ids:
        return False
    try:
        with transaction.atomic():
            kind = NotificationKind.DIGEST
            return write_message(project, target, lead_ids, kind=kind, slot=due) is not None
    except IntegrityError:
        return False  # another worker has written it


def _untold(
    project: Project, document: ProjectDocument, target: NotificationTarget, *, due: datetime
) -> QuerySet[Lead]:
    told = NotificationLog.objects.filter(lead=OuterRef("pk"), target=target.value)
    return (
        Lead.objects.filter(
            project=project,
            stage__in=ANNOUNCED,
            scored_at__gt=_since(project, document, target, due=due),
            scored_at__lte=due,
            score__lt=document.notifications.min_score_to_notify,
        )
        .exclude(label=Label.IRRELEVANT)
        .filter(~Exists(told))
        .order_by("-score", "pk")
    )


def _since(project: Project, document: ProjectDocument, target: NotificationTarget, *, due: datetime) -> datetime:
    """The digest before it, unless that was long ago; the first one goes back by one period."""
    earlier = Notification.objects.filter(project=project, target=target, slot__lt=due).order_by("-slot").first()
    if earlier and earlier.slot and due - earlier.slot <= FURTHEST_BACK:
        return earlier.slot
    return due - DigestTimes.parse(document.notifications.digest or "").period
