"""Background work through django-q2: `enqueue("app.tasks.name", run_id=1)`, seen by workers on commit.

The queue is a table of the same database, so a job and the rows that it is about are committed together:
none is ever delivered too early, or lost. Jobs take ids and may run twice. Names are strings so that a lower
floor never imports an upper one.

There are two clusters, each a `manage.py qcluster` of its own (settings.Q_CLUSTER):

    runs     takes one job at a time: a run holds its worker for minutes
    short    takes many at once: jobs of seconds, and the beat
"""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.tasks import async_task

from .models import BeatJob, WorkerCluster

SEEN_EVERY = 10.0
"""Seconds between two signs of life of a cluster."""
BELIEVED_FOR = timedelta(seconds=45)
"""A cluster that has been silent for longer is taken to be gone."""


class Cluster(StrEnum):
    RUNS = "runs"
    SHORT = "short"


def enqueue(task: str, *, cluster: Cluster = Cluster.SHORT, keep_result: bool = True, **ids: int) -> None:
    """Have a worker of that cluster call the function of that dotted name with these ids, after commit.

    A name that leads nowhere is an ImportError here and now. A short job that fails is tried again, up to
    `max_attempts` times; a job of the other cluster is a run, which keeps its own account of failures.
    """
    import_string(task)
    options = {"cluster": Cluster(cluster).value, "ack_failure": cluster == Cluster.RUNS, "save": keep_result}
    async_task(task, q_options=options, **ids)


@dataclass(frozen=True, slots=True)
class ClusterState:
    """How many clusters of a name are up, and the jobs before them: still waiting, and taken by a worker."""

    name: Cluster
    running: int
    last_seen: datetime | None
    waiting: int
    taken: int


def clusters() -> list[ClusterState]:
    """The state of each cluster, whichever processes and hosts its workers are on."""
    return list(_states(timezone.now()))


def _states(now: datetime) -> Iterator[ClusterState]:
    for name in Cluster:
        seen = WorkerCluster.objects.filter(name=name)
        jobs = OrmQ.objects.filter(key=name)
        yield ClusterState(
            name,
            running=seen.filter(seen_at__gte=now - BELIEVED_FOR).count(),
            last_seen=seen.aggregate(last=Max("seen_at"))["last"],
            waiting=jobs.filter(lock__lte=now).count(),
            taken=jobs.filter(lock__gt=now).count(),
        )


def last_beat() -> datetime | None:
    """When the once-a-minute beat last did something; None when it never has."""
    last: datetime | None = BeatJob.objects.aggregate(last=Max("started_at"))["last"]
    return last


def failing_beat_jobs() -> list[BeatJob]:
    """What the beat calls in vain, with the error and since when."""
    return list(BeatJob.objects.exclude(failing_since=None))


def is_stopping() -> bool:
    """Whether the cluster that this worker process belongs to was asked to stop."""
    mine = WorkerCluster.objects.filter(host=socket.gethostname(), pid=os.getppid(), stopping=True)
    return mine.exists()
