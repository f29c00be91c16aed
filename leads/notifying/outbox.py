"""The outbox: what is to be told is written with what it tells of, and sent afterwards, by a worker.

Who writes calls `tell_of_leads` (or `alert`) in its own transaction, which costs some rows; a job sends them once
it is committed. A worker takes a message by one conditional update that moves its next try ahead: no other has it
meanwhile, and if the worker is lost it comes up again. So a message leaves at least once, and the same event's id
tells a receiver when it came twice. A lead stands in one message for each target (`NotificationLog`).

What a target refuses has failed at once; what may pass is tried again, later each time, until it is given up.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from signalops_site.core import audit
from signalops_site.core.bulk import insert_rows
from signalops_site.core.config.schema import Notifications, ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import ConfigError
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project

from ..models import Notification, NotificationKind, NotificationLog
from ..models import NotificationStatus as Status
from ..models import NotificationTarget as Target
from .messages import message_of
from .payloads import body_for
from .posting import Posted, post
from .signing import signed_headers
from .targets import BadTarget, OpenTarget, open_target, targets_of

log = logging.getLogger(__name__)

TASK = "leads.tasks.send_notifications"
BY = "job:notifications"
TOLD_ALONE = 5
"""New leads of one batch that have a message each; of more than these, one message tells."""
MOST_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
"""Before the second try; twice as long before each one after that: two hours in all."""
GIVEN_UP_AFTER = timedelta(days=1)
"""However few tries it had: news that old is none."""
LEASE = timedelta(minutes=2)
"""How long a worker has a message; several times what one exchange may take."""
TURN = 20.0
"""Seconds after which a job begins no further message. A job has 60."""
KEPT_FOR = timedelta(days=30)


def tell_of_leads(project: Project, document: ProjectDocument, lead_ids: Sequence[int]) -> None:
    """Put new leads into the outbox, for each target. Call in the transaction that announces them."""
    if not (document.notifications.enabled and lead_ids):
        return
    targets = targets_of(document.notifications)
    groups = [[pk] for pk in lead_ids] if len(lead_ids) <= TOLD_ALONE else [list(lead_ids)]
    for target in targets:
        for group in groups:
            write_message(project, target, group, kind=NotificationKind.LEADS)
    if targets:
        enqueue_sending(project)


def write_message(
    project: Project, target: Target, lead_ids: Sequence[int], **fields: object
) -> Notification | None:
    """A message about those of the leads that no other one tells that target of; None when there is none."""
    message = Notification.objects.create(project=project, target=target, **fields)
    rows = ((pk, target.value, message.pk) for pk in sorted(lead_ids))
    insert_rows(NotificationLog, ("lead_id", "target", "notification_id"), rows, ignore_conflicts=True)
    if NotificationLog.objects.filter(notification=message).exists():
        return message
    message.delete()
    return None


def enqueue_sending(project: Project) -> None:
    enqueue(TASK, cluster=Cluster.SHORT, keep_result=False, project_id=project.pk)


def enqueue_due() -> int:
    """Give each project with messages that are due a job, unless it has one; how many got one."""
    at_work = {(job.task.get("kwargs") or {}).get("project_id") for job in _jobs()}
    due = Notification.objects.filter(
        project=OuterRef("pk"), status=Status.WAITING, next_try_at__lte=timezone.now()
    )
    waiting = [each for each in Project.objects.filter(Exists(due), is_active=True) if each.pk not in at_work]
    for project in waiting:
        enqueue_sending(project)
    return len(waiting)


def _jobs() -> Iterable[OrmQ]:
    return (job for job in OrmQ.objects.filter(key=Cluster.SHORT) if job.task.get("func") == TASK)


def send_due(project: Project, *, turn: float = TURN) -> dict[str, int]:
    """Send what is due, for some seconds: status -> how many messages have it now. Never inside a transaction.

    A target that does not take a message is left alone with the others until the next time.
    """
    notifications = active_document(project).notifications
    ends_at, shut, counts = time.monotonic() + turn, set[str](), dict[str, int]()
    while time.monotonic() < ends_at and (message := _take(project, except_for=shut)) is not None:
        status = send(message, notifications)
        counts[status] = counts.get(status, 0) + 1
        if status in (Status.WAITING, Status.FAILED):
            shut.add(message.target)
    if due_messages(project).exclude(target__in=shut).exists():
        enqueue_sending(project)
    return counts


def due_messages(project: Project) -> QuerySet[Notification]:
    due = Notification.objects.filter(project=project, status=Status.WAITING, next_try_at__lte=timezone.now())
    return due.order_by("next_try_at", "pk")


def _take(project: Project, *, except_for: Iterable[str]) -> Notification | None:
    """The next message, which no other worker has now."""
    for message in due_messages(project).exclude(target__in=list(except_for)).select_related("project")[:20]:
        if take(message):
            return message
    return None


def take(message: Notification) -> bool:
    """Have a waiting message for as long as a lease lasts; False when another was quicker."""
    until = timezone.now() + LEASE
    mine = Notification.objects.filter(pk=message.pk, status=Status.WAITING, next_try_at=message.next_try_at)
    if not mine.update(next_try_at=until, tries=F("tries") + 1):
        return False
    message.next_try_at, message.tries = until, message.tries + 1
    return True


def send(message: Notification, notifications: Notifications) -> Status:
    """Send a message that was taken, and record what came of it."""
    if message.kind != NotificationKind.TEST and (gone := _why_nobody(message, notifications)):
        return _record(message, Status.DROPPED, gone)
    try:
        posted = _post(message, notifications)
    except ConfigError as error:
        posted = Posted(False, f"{message.get_target_display()}: {error.detail}", may_pass=True)
    except BadTarget as error:
        posted = Posted(False, error.detail)
    if posted is None:
        return _record(message, Status.DROPPED, "The posts of all its leads are gone.")
    if posted.delivered:
        return _record(message, Status.SENT)
    if not posted.may_pass or message.kind == NotificationKind.TEST:
        return _record(message, Status.FAILED, posted.problem)
    return _put_off(message, posted)


def _why_nobody(message: Notification, notifications: Notifications) -> str:
    if not notifications.enabled:
        return "The project's notifications were switched off."
    gone = message.target not in targets_of(notifications)
    return f"The project's configuration names no {message.get_target_display()} any more." if gone else ""


def _post(message: Notification, notifications: Notifications) -> Posted | None:
    """None when there is nothing to tell any more."""
    content = message_of(message)
    if content is None:
        return None
    target = open_target(notifications, Target(message.target))
    body = body_for(target.name, content)
    return post(target, body=body, headers=_headers(target, body, event=content.event_id))


def _headers(target: OpenTarget, body: bytes, *, event: str) -> dict[str, str]:
    if target.name is not Target.WEBHOOK:
        return {}
    return signed_headers(target.secret, event=event, timestamp=int(time.time()), body=body)


def _put_off(message: Notification, posted: Posted) -> Status:
    waited = timezone.now() - message.waiting_since
    if message.tries >= MOST_TRIES or waited >= GIVEN_UP_AFTER:
        times = "once" if message.tries == 1 else f"{message.tries} times"
        return _record(message, Status.FAILED, f"Given up, having tried {times}: {posted.problem}")
    wait = max(FIRST_WAIT * 2 ** (message.tries - 1), timedelta(seconds=posted.retry_after or 0))
    log.info("%s of %s is put off: %s", message, message.project.slug, posted.problem)
    return _record(message, Status.WAITING, posted.problem, next_try_at=timezone.now() + wait)


@transaction.atomic
def _record(message: Notification, status: Status, error: str = "", **fields: object) -> Status:
    """A worker whose lease has run out records nothing, but for what has been sent."""
    rows = Notification.objects.filter(pk=message.pk).exclude(status=Status.SENT)
    if status is not Status.SENT:
        rows = rows.filter(status=Status.WAITING, next_try_at=message.next_try_at)
    sent_at = timezone.now() if status is Status.SENT else None
    changed = rows.update(status=status, error=error, sent_at=sent_at, **fields)
    if changed and status is Status.FAILED:
        log.warning("%s of %s has failed: %s", message, message.project.slug, error)
        told = {"target": message.target, "kind": message.kind, "tries": message.tries}
        audit.record("notification.fail", by=BY, project=message.project, on=message, fields=told)
    return status


def forget_old() -> int:
    """Remove messages that ended long ago; which leads were announced stays known. How many rows went."""
    old = Notification.objects.exclude(status=Status.WAITING).filter(created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]
