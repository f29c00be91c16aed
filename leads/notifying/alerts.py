"""Alerts: what operators should know now, told where the project's notifications go.

    alert(project, "account", "x: main is paused: ...")

Whoever alerts says what it is about (`kind`) in a word. The same sentence is told once in a while, however often
it is said: a run that meets a spent budget a thousand times has one thing to tell.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connectors.models import Account, AccountState
from connectors.opening import paused_message
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project

from ..models import Notification, NotificationKind
from .outbox import enqueue_sending
from .targets import targets_of

ONCE_IN = timedelta(hours=1)
A_MONTH = timedelta(days=31)
LONGEST = 1000


def alert(project: Project, kind: str, sentence: str, *, once_in: timedelta = ONCE_IN) -> int:
    """Tell the project's targets; how many messages that made. Only writes rows: a worker sends them.

    0 where notifications are off, or where the same was told within `once_in`.
    """
    if project.active_config is None or not project.is_active:
        return 0
    notifications = active_document(project).notifications
    targets = targets_of(notifications) if notifications.enabled else []
    if not targets:
        return 0
    told = {"kind": NotificationKind.ALERT, "subject": kind[:32], "sentence": sentence[:LONGEST]}
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # of two at once, one tells
        since = timezone.now() - once_in
        if Notification.objects.filter(project=project, created_at__gt=since, **told).exists():
            return 0
        for target in targets:
            Notification.objects.create(project=project, target=target, **told)
        enqueue_sending(project)
    return len(targets)


def alert_of_account(account: Account) -> None:
    """An account that its platform refused: told in the projects whose queries pause with it."""
    if account.state not in (AccountState.REFUSED, AccountState.EXPIRED):
        return
    for project in _users_of(account):
        alert(project, "account", paused_message(account))


def _users_of(account: Account) -> list[Project]:
    if account.project is not None:
        return [account.project]
    projects = Project.objects.filter(is_active=True, active_config__isnull=False).select_related("active_config")
    return [each for each in projects.order_by("pk") if _asks(each, account.platform)]


def _asks(project: Project, platform: str) -> bool:
    return any(query.enabled and query.platform == platform for query in active_document(project).queries)
