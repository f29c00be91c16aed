"""Runs and their workers: put a run in the queue, hand it on, and take over one that nobody works on any more.

What continues a run of a kind is said by the floor that knows the kind (`AppConfig.ready`):

    run_tasks.register("pipeline", "leads.tasks.run_pipeline")
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from .jobs import Cluster, enqueue
from .models import Run, RunEvent, RunStatus
from .runs import finish_run, holder_is_gone, publish

log = logging.getLogger(__name__)

BY = "job:reaper"
WAITS_AT_MOST = timedelta(minutes=1)
"""How long a job may lie with a worker that has not begun it, before another one is offered it."""
BEGINS_WITHIN = timedelta(seconds=10)
"""A run that is started in a terminal is queued, without a job, for a moment."""


class RunTasks:
    """Kind of run -> the task that goes on with it; a kind without one only runs in the foreground."""

    def __init__(self) -> None:
        self._tasks: dict[str, str] = {}

    def register(self, kind: str, task: str) -> None:
        if self._tasks.setdefault(kind, task) != task:
            raise ValueError(f"Runs of the kind {kind!r} already have the task {self._tasks[kind]!r}.")

    def of(self, run: Run) -> str | None:
        return self._tasks.get(run.kind)


run_tasks = RunTasks()


def enqueue_run(run: Run) -> None:
    """Have a worker go on with a run: one job for all of it, however often it is handed on."""
    task = run_tasks.of(run)
    if task is None:
        raise ValueError(f"No task is registered for runs of the kind {run.kind!r}.")
    enqueue(task, cluster=Cluster.RUNS, run_id=run.pk)


def hand_on(run: Run, *, holder: str) -> None:
    """Put a run that this process holds back in the queue; whoever takes it next need not wait for the lease."""
    with transaction.atomic():
        mine = Run.objects.select_for_update().filter(pk=run.pk, lease_holder=holder, status=RunStatus.RUNNING)
        held = mine.first()
        if held is None:
            return
        if held.cancel_requested_at:
            finish_run(held, RunStatus.CANCELLED, by=f"job:{held.kind}")
        else:
            _put_back(held, takeovers=0)
            enqueue_run(held)


def take_over_runs() -> None:
    """The reaper: whatever is live and that nobody works on is queued again, or given up after several times.

    A run that somebody had started in a terminal is continued as well when its process is gone: whoever loses
    a connection wants the work done. Ctrl-C, which means stop, cancels the run instead.
    """
    jobs = _jobs_by_run()
    for run in [*_lost_runs(), *_forgotten_runs(jobs)]:
        with transaction.atomic():
            now = Run.objects.select_for_update().get(pk=run.pk)
            if _moved_on(run, now):
                continue
            if now.status == RunStatus.RUNNING:
                _take_over(now, jobs[run.pk])
            else:
                log.warning("run %s was queued and no worker knew of it", run.pk)
                _deliver_again(now, jobs[run.pk])


def _lost_runs() -> list[Run]:
    """Running runs whose process is gone. One that is only silent gets a second look: it may have slept."""
    lost = [run for run in Run.objects.filter(status=RunStatus.RUNNING) if holder_is_gone(run)]
    if lost:
        time.sleep(settings.RUN_HEARTBEAT_SECONDS * 1.5)
    return lost


def _forgotten_runs(jobs: dict[int, list[OrmQ]]) -> list[Run]:
    """Queued runs without a job, or whose job went to a worker that has long not begun it."""
    queued = Run.objects.filter(status=RunStatus.QUEUED, created_at__lt=timezone.now() - BEGINS_WITHIN)
    return [run for run in queued if run_tasks.of(run) and all(_is_stuck(job) for job in jobs[run.pk])]


def _is_stuck(job: OrmQ) -> bool:
    """A job that is taken is locked until it would be delivered again by itself, `retry` seconds later."""
    taken_at = job.lock - timedelta(seconds=settings.Q_CLUSTER["retry"])
    return bool(taken_at < timezone.now() - WAITS_AT_MOST)


def _moved_on(seen: Run, now: Run) -> bool:
    return (now.status, now.lease_holder, now.heartbeat_at) != (seen.status, seen.lease_holder, seen.heartbeat_at)


def _jobs_by_run() -> dict[int, list[OrmQ]]:
    """run id -> its jobs in the queue. There is about one for each live run, so reading all of them is cheap."""
    jobs: dict[int, list[OrmQ]] = defaultdict(list)
    for job in OrmQ.objects.filter(key=Cluster.RUNS):
        run_id = (job.task.get("kwargs") or {}).get("run_id")
        if run_id is not None:
            jobs[run_id].append(job)
    return jobs


def _take_over(run: Run, jobs: Iterable[OrmQ]) -> None:
    if run.cancel_requested_at:
        finish_run(run, RunStatus.CANCELLED, by=BY)
    elif run_tasks.of(run) is None:
        finish_run(run, RunStatus.FAILED, error=f"Its process ended{_where(run)}.", by=BY)
    elif run.takeovers >= settings.RUN_MAX_TAKEOVERS:
        error = (
            f"Given up: its process ended {run.takeovers + 1} times in a row without a word, the last time"
            f"{_where(run)}. The log of the workers may say why (often there was too little memory)."
        )
        finish_run(run, RunStatus.FAILED, error=error, by=BY)
    else:
        log.warning("run %s: its process %s is gone; a worker goes on with it", run.pk, run.lease_holder)
        _put_back(run, takeovers=run.takeovers + 1)
        _deliver_again(run, jobs)


def _where(run: Run) -> str:
    told = RunEvent.objects.filter(run=run).exclude(stage="").order_by("seq")
    stage = told.values_list("stage", flat=True).last()
    return f" at the stage {stage}" if stage else ""


def _put_back(run: Run, *, takeovers: int) -> None:
    run.status, run.lease_holder, run.heartbeat_at, run.takeovers = RunStatus.QUEUED, "", None, takeovers
    run.save(update_fields=["status", "lease_holder", "heartbeat_at", "takeovers"])
    publish(run.project, "pipeline_progress", run=run, detail={"status": run.status})


def _deliver_again(run: Run, jobs: Iterable[OrmQ]) -> None:
    """A job that lies with a lost worker would come back by itself, but only after `retry` seconds."""
    OrmQ.objects.filter(pk__in=[job.pk for job in jobs]).delete()
    enqueue_run(run)
