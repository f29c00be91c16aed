"""What the beat does each minute: a job for each project that has something to send or to look for."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from signalops_site.core.jobs import Cluster
from signalops_site.core.models import Project

from ..models import Delivery, DeliveryKind, DeliveryMode, DeliveryStatus
from .enqueue import TASK, wake_senders
from .reconcile import reconcile
from .worker import due_deliveries, send_due

MATCHED_FOR = timedelta(days=2)
"""How long a reply of which a person says that it is there is looked for at its platform."""
UNDER_WAY = (DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.UNKNOWN)


def enqueue_sending() -> int:
    """Give each project that has something due a job, unless it has one; how many got one."""
    at_work = {(job.task.get("kwargs") or {}).get("project_id") for job in _jobs()}
    waiting = [project for project in projects_at_work() if project.pk not in at_work]
    for project in waiting:
        wake_senders(project)
    return len(waiting)


def projects_at_work() -> QuerySet[Project]:
    """Those with a delivery with which something is to be done by now."""
    due = Delivery.objects.filter(project=OuterRef("pk"), due_at__lte=timezone.now())
    return Project.objects.filter(Exists(due.filter(by_api() | by_hand()))).order_by("pk")


def by_api() -> Q:
    return Q(mode=DeliveryMode.API, status__in=UNDER_WAY)


def by_hand() -> Q:
    """Those that a person posts, or says to be there, not found at their platform yet. Messages are nowhere to be
    found.
    """
    lately = Q(platform_post_id="", draft__isnull=False, claimed_at__gt=timezone.now() - MATCHED_FOR)
    in_hand = Q(mode=DeliveryMode.ASSISTED, status=DeliveryStatus.CLAIMED)
    return (in_hand | Q(status=DeliveryStatus.SENT)) & lately & ~Q(kind=DeliveryKind.DM)


def take_turn(project: Project) -> str:
    """Look for what is unknown, and send what is due, for some seconds; what is left gets another turn."""
    found = reconcile(project, also=by_hand())
    turn = send_due(project)
    if not turn.held_by and turn.is_cut and due_deliveries(project).exists():
        wake_senders(project)
    told = ", ".join(f"{number} {name}" for name, number in sorted((found + turn.counts).items()))
    return ". ".join(part for part in (told or "nothing was due", turn.held_by.rstrip(".")) if part)


def _jobs() -> list[OrmQ]:
    """Those that wait, and those that a worker has taken."""
    return [job for job in OrmQ.objects.filter(key=Cluster.SHORT) if job.task.get("func") == TASK]
