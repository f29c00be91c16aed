"""When what is looked at and read: jobs of the beat, and what `trackoutcomes` does at once."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from connectors.base import connector_for
from connectors.models import Account
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project

from ..models import Delivery, DeliveryStatus, Interaction, NegativeShare
from .looking import due_looks, look_at_replies
from .negatives import check_share
from .speaking import Heard, accounts_to_read, platforms_to_play, read_account, read_simulated

LOOK_TASK = "leads.tasks.look_at_outcomes"
READ_TASK = "leads.tasks.read_mentions"
LOOKED_FOR_EVERY = timedelta(minutes=5)
TURN = 20.0
"""Seconds after which a turn asks for nothing more. A job has 60, and one request may take 20."""
WATCHED_FOR = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=90)
"""Whoever spoke to an account that long ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be asked for by now: replies by platform, accounts, and platforms that are played here."""

    replies: dict[str, int]
    accounts: list[Account]
    played: list[str]


@dataclass(slots=True)
class Tracked:
    """What tracking brought: replies by what became of them, and of each account what was heard."""

    looks: Counter[str] = field(default_factory=Counter)
    heard: dict[str, Heard] = field(default_factory=dict)


def enqueue_tracking() -> int:
    """Give what is to be looked at or read a job, unless it has one; how many got one."""
    at_work = {str(job.task.get("kwargs") or {}) for job in _jobs()}
    wanted: list[tuple[str, dict[str, Any]]] = [(LOOK_TASK, {"project_id": pk}) for pk in _projects_to_look_at()]
    wanted += [(READ_TASK, {"account_id": account.pk}) for account in accounts_to_read()]
    wanted += [(READ_TASK, {"platform": platform}) for platform in platforms_to_play()]
    new = [(task, given) for task, given in wanted if str(given) not in at_work]
    for task, given in new:
        enqueue(task, cluster=Cluster.SHORT, keep_result=False, **given)
    return len(new)


def look_at_project(project: Project, *, seconds: float = TURN) -> Counter[str]:
    """How the project's replies stand, and whether too many of them were answered badly."""
    done = look_at_replies(project, until=time.monotonic() + seconds)
    check_share(project)
    return done


def due_of(projects: Iterable[Project]) -> Due:
    """What tracking would do now for these projects: nothing is asked."""
    ids = [project.pk for project in projects]
    counts = {platform: _due(platform).filter(project__in=ids).count() for platform in _platforms()}
    accounts = [each for each in accounts_to_read() if each.project_id is None or each.project_id in ids]
    return Due({name: count for name, count in counts.items() if count}, accounts, platforms_to_play())


def track(projects: Iterable[Project], *, seconds: float) -> Tracked:
    """Read who speaks to the projects' accounts, then look at their replies."""
    projects, ends, tracked = list(projects), time.monotonic() + seconds, Tracked()
    due = due_of(projects)
    for account in due.accounts:
        if (heard := read_account(account)) is not None:
            tracked.heard[str(account)] = heard
    for platform in due.played:
        if (heard := read_simulated(platform, connector_for(platform))) is not None:
            tracked.heard[platform] = heard
    for project in projects:
        tracked.looks += look_at_replies(project, until=ends)
        check_share(project)
    return tracked


def forget_interactions() -> int:
    old = Interaction.objects.filter(happened_at__lt=timezone.now() - FORGOTTEN_AFTER)
    return old.delete()[0]


def overdue_looks(*, late: timedelta) -> dict[str, int]:
    """By platform, replies that should have been looked at that long ago."""
    counts = {platform: due_looks(platform, late=late).count() for platform in _platforms()}
    return {platform: count for platform, count in counts.items() if count}


def _projects_to_look_at() -> list[int]:
    """Those with replies that are due; and those that are above the share, which falls by itself."""
    due = {pk for platform in _platforms() for pk in _due(platform).values_list("project", flat=True).distinct()}
    above = NegativeShare.objects.exclude(above_since=None).values_list("project", flat=True)
    active = Project.objects.filter(is_active=True, pk__in=due | set(above))
    return list(active.order_by("pk").values_list("pk", flat=True))


def _due(platform: str) -> QuerySet[Delivery]:
    return due_looks(platform).order_by()


def _platforms() -> list[str]:
    """At which something was sent within the time for which it is watched."""
    sent = Delivery.objects.filter(status=DeliveryStatus.SENT, sent_at__gt=timezone.now() - WATCHED_FOR)
    return sorted(sent.order_by().values_list("platform", flat=True).distinct())


def _jobs() -> list[OrmQ]:
    """Those that wait, and those that a worker has taken."""
    jobs = OrmQ.objects.filter(key=Cluster.SHORT)
    return [job for job in jobs if job.task.get("func") in (LOOK_TASK, READ_TASK)]
