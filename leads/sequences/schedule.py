"""What the beat does every few minutes: sequences that are over end, and steps that are due become drafts."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from signalops_site.core.config.versions import active_document
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project

from ..models import Sequence, SequenceExit
from .drafting import Due, draft_steps
from .exits import exit_sequences, reason_to_end
from .standing import standing_of, whole

TASK = "leads.tasks.follow_up"
LOOKED_FOR_EVERY = timedelta(minutes=5)
BATCH = 100
AT_ONCE = 20
"""Drafts that are written at once."""
TURN = 300.0
"""Seconds after which a turn drafts nothing more. Its job is of the cluster for runs: models take their time."""


def enqueue_follow_ups() -> int:
    """Give each project with a sequence under way a job, unless it has one; how many got one."""
    at_work = {(job.task.get("kwargs") or {}).get("project_id") for job in _jobs()}
    under_way = Sequence.objects.filter(lead__project=OuterRef("pk"), ended_at__isnull=True)
    projects = Project.objects.filter(Exists(under_way)).order_by("pk").values_list("pk", flat=True)
    waiting = [pk for pk in projects if pk not in at_work]
    for pk in waiting:
        enqueue(TASK, cluster=Cluster.RUNS, keep_result=False, project_id=pk)
    return len(waiting)


def follow_up_leads(project: Project, *, seconds: float = TURN) -> Counter[str]:
    """End what is over, and draft what is due, for some seconds; how many were drafted, and ended, by why.

    May run twice at once. What is left another turn finds.
    """
    ends, done, last = time.monotonic() + seconds, Counter[str](), 0
    while batch := list(_after(project, last)):
        last = batch[-1].pk
        due = list(_due_among(batch, done))
        while due and time.monotonic() < ends:
            now, due = due[:AT_ONCE], due[AT_ONCE:]
            done["drafted"] += draft_steps(now, project=project, document=active_document(project))
    return done


def _after(project: Project, last: int) -> QuerySet[Sequence]:
    under_way = Sequence.objects.filter(lead__project=project, ended_at__isnull=True, pk__gt=last)
    return whole(under_way).prefetch_related("lead__queries").order_by("pk")[:BATCH]


def _due_among(sequences: list[Sequence], done: Counter[str]) -> Iterator[Due]:
    now = timezone.now()
    for sequence in sequences:
        standing = standing_of(sequence)
        reason = reason_to_end(sequence) or (SequenceExit.FINISHED if standing.step is None else None)
        if reason is not None:
            done[reason.value] += exit_sequences(sequence.lead, reason, only=sequence.pk)
        elif standing.step and standing.due_at and standing.due_at <= now:
            yield Due(sequence, standing.step)


def _jobs() -> list[OrmQ]:
    """Those that wait, and those that a worker has taken."""
    return [job for job in OrmQ.objects.filter(key=Cluster.RUNS) if job.task.get("func") == TASK]
