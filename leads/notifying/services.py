"""What people do with notifications: look at them, send a test, and replay what failed."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.schema import Notifications
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from ..models import Notification, NotificationKind, NotificationLog, NotificationStatus, NotificationTarget
from .outbox import LEASE, enqueue_sending, send
from .targets import BadTarget, open_target, targets_of
from .times import BadTimes, DigestTimes


@dataclass(frozen=True, slots=True)
class TargetState:
    """`problem` says why a message cannot leave now, as far as that is seen without sending one."""

    name: NotificationTarget
    configured: bool
    problem: str
    waiting: int
    failed: int
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotificationState:
    enabled: bool
    min_score_to_notify: float
    digest: str
    next_digest_at: datetime | None
    targets: list[TargetState]


def state_of(project: Project) -> NotificationState:
    """What project.yaml says of notifications, without its secrets, and how each target does."""
    notifications = active_document(project).notifications
    return NotificationState(
        notifications.enabled,
        notifications.min_score_to_notify,
        notifications.digest or "",
        _next_digest(notifications),
        [_target_state(project, notifications, target) for target in NotificationTarget],
    )


def _next_digest(notifications: Notifications) -> datetime | None:
    if not (notifications.enabled and notifications.digest and targets_of(notifications)):
        return None
    try:
        return DigestTimes.parse(notifications.digest).next_after(timezone.now())
    except BadTimes:  # stored before times were checked
        return None


def _target_state(project: Project, notifications: Notifications, target: NotificationTarget) -> TargetState:
    rows = Notification.objects.filter(project=project, target=target)
    is_there = target in targets_of(notifications)
    return TargetState(
        name=target,
        configured=is_there,
        problem=_problem_with(notifications, target) if is_there else "",
        waiting=rows.filter(status=NotificationStatus.WAITING).count(),
        failed=rows.filter(status=NotificationStatus.FAILED).count(),
        last_sent_at=rows.aggregate(last=Max("sent_at"))["last"],
    )


def _problem_with(notifications: Notifications, target: NotificationTarget) -> str:
    try:
        open_target(notifications, target)
    except DomainError as error:
        return error.detail
    return ""


def with_leads() -> QuerySet[Notification]:
    """Messages with `lead_count`: of how many leads each tells."""
    told = NotificationLog.objects.filter(notification=OuterRef("pk")).order_by().values("notification")
    count = Subquery(told.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return Notification.objects.select_related("project").annotate(lead_count=Coalesce(count, 0))


def send_test(project: Project, *, target: str, by: audit.Actor) -> Notification:
    """Send a test message now, also where notifications are not enabled yet; what came of it is in the row.

    It is tried once. BadTarget when project.yaml names no such target.
    """
    _require_operator(project, by)
    notifications = active_document(project).notifications
    if target not in targets_of(notifications):
        named = ", ".join(targets_of(notifications)) or "none"
        raise BadTarget(f"The project's configuration names no target {target[:40]!r}. It names: {named}.")
    with transaction.atomic():
        message = Notification.objects.create(
            project=project,
            target=target,
            kind=NotificationKind.TEST,
            tries=1,
            next_try_at=timezone.now() + LEASE,  # ours: no worker takes it
        )
        audit.record("notification.test", by=by, project=project, on=message, fields={"target": target})
    send(message, notifications)
    message.refresh_from_db()
    return message


@transaction.atomic
def replay(message: Notification, *, by: audit.Actor) -> Notification:
    """Try a message that failed anew, from the first try on; its event keeps its id. Conflict when it did not
    fail.
    """
    _require_operator(message.project, by)
    if not _replay(message.project, pk=message.pk):
        message.refresh_from_db()
        raise Conflict(f"Only what failed is replayed; this message is {message.get_status_display().lower()}.")
    audit.record("notification.replay", by=by, project=message.project, on=message, fields={"messages": 1})
    message.refresh_from_db()
    return message


@transaction.atomic
def replay_failed(project: Project, *, by: audit.Actor) -> int:
    """Try everything that failed anew; how many messages that were."""
    _require_operator(project, by)
    replayed = _replay(project)
    if replayed:
        audit.record("notification.replay", by=by, project=project, fields={"messages": replayed})
    return replayed


def _replay(project: Project, **which: int) -> int:
    now = timezone.now()
    failed = Notification.objects.filter(project=project, status=NotificationStatus.FAILED, **which)
    fresh = {"tries": 0, "error": "", "next_try_at": now, "waiting_since": now}
    replayed = failed.update(status=NotificationStatus.WAITING, **fresh)
    if replayed:
        enqueue_sending(project)
    return replayed


def _require_operator(project: Project, by: audit.Actor) -> None:
    """Commands act for whoever has the machine."""
    if isinstance(by, User):
        require_role(by, project, Role.OPERATOR)
