"""The beat: what happens once a minute, whoever is signed in and whatever runs.

A cluster for short jobs makes the schedule when it starts, and beats at once: whatever was left lying is
seen to then. Each app registers in `AppConfig.ready` what it wants done:

    beat.register("reaper", take_over_runs)
    beat.register("retention", forget_old_posts, every=timedelta(days=1))

The function takes nothing, may be called twice, and is done within seconds (else it enqueues a job). One that
fails stops no other: it is logged, and its row in `BeatJob` says since when.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from .jobs import Cluster, enqueue
from .models import BeatJob

log = logging.getLogger(__name__)

TASK = "signalops_site.core.tasks.beat"
JITTER = timedelta(seconds=30)
"""The scheduler of django-q looks twice a minute."""


@dataclass(frozen=True, slots=True)
class Registered:
    call: Callable[[], object]
    every: timedelta


class Beat:
    def __init__(self) -> None:
        self._jobs: dict[str, Registered] = {}

    def register(self, name: str, call: Callable[[], object], *, every: timedelta = timedelta(0)) -> None:
        """Have `call` called with each beat, or when `every` has passed. Registering it again is harmless."""
        job = Registered(call, every)
        if self._jobs.setdefault(name, job) != job:
            raise ValueError(f"The beat already has a job called {name!r}.")

    def run(self) -> dict[str, bool]:
        """Call what is due: name -> whether it went well. What waited longest comes first."""
        for name in self._jobs:
            BeatJob.objects.get_or_create(name=name)
        return {row.name: _call(row, self._jobs[row.name].call) for row in self._due(timezone.now())}

    def _due(self, now: datetime) -> Iterator[BeatJob]:
        """Rows of what is due, each claimed as it is yielded: of two beats at once only one gets it."""
        rows = BeatJob.objects.filter(name__in=self._jobs)
        for row in sorted(rows, key=lambda row: (row.started_at is not None, row.started_at, row.name)):
            every = self._jobs[row.name].every
            if every and row.started_at and now - row.started_at < every - JITTER:
                continue
            if BeatJob.objects.filter(pk=row.pk, started_at=row.started_at).update(started_at=timezone.now()):
                yield row


beat = Beat()


def _call(row: BeatJob, call: Callable[[], object]) -> bool:
    began = time.perf_counter()
    error = ""
    try:
        call()
    except Exception as failure:
        log.exception("the beat's %r failed", row.name)
        error = f"{type(failure).__name__}: {failure}"[:500]
    BeatJob.objects.filter(pk=row.pk).update(
        seconds=round(time.perf_counter() - began, 3),
        error=error,
        failing_since=(row.failing_since or timezone.now()) if error else None,
    )
    return not error


def start_beating() -> None:
    """Beat now, and see to it that there is exactly one schedule for what comes after."""
    with transaction.atomic():
        _lock()
        first = Schedule.objects.filter(func=TASK).order_by("pk").first()
        if first is None:
            Schedule.objects.create(**_schedule())
        else:
            Schedule.objects.filter(pk=first.pk).update(**_schedule())
            Schedule.objects.filter(func=TASK).exclude(pk=first.pk).delete()
        enqueue(TASK, cluster=Cluster.SHORT, keep_result=False)


def _schedule() -> dict[str, object]:
    return {
        "name": "The beat: every minute",
        "func": TASK,
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
        "next_run": timezone.now() + timedelta(minutes=1),
        "cluster": Cluster.SHORT.value,
        "kwargs": "{'q_options': {'save': False}}",
    }


def _lock() -> None:
    """Two clusters that start at once make one schedule: the second waits here until the first has."""
    BeatJob.objects.get_or_create(name="beat")
    BeatJob.objects.select_for_update().get(name="beat")
