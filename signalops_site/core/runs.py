"""Runs: start, lease, progress, finish; and the events that the dashboard follows.

A process that works on a run holds its lease: it writes a heartbeat every 2 s, and the lease is lost
after 15 s without one, or at once when the process is gone and was on this host. Whoever comes next
goes on with the run when it asks for the same, or closes it as failed and starts its own; the stages
select what still lacks their output, so nothing is done twice.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from . import audit
from .config.versions import active_version
from .errors import Conflict, RunIsLive
from .jobs import is_stopping
from .log_context import bound
from .models import EventSequence, Project, Run, RunEvent, RunStatus

log = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = timedelta(minutes=1)
"""At most, between machines of one install: a heartbeat further in the future is that of a broken clock."""


class LeaseLost(Conflict):
    """Another process has taken the run over; this one must stop writing at once."""


class RunCancelled(Exception):
    """Somebody asked for the run to stop."""


class RunYields(Exception):
    """This worker has been at the run for long enough, or is to stop: another delivery goes on with it."""


def create_run(
    project: Project,
    *,
    trigger: str,
    by: audit.Actor,
    options: Mapping[str, Any] | None = None,
    kind: str = "pipeline",
) -> Run:
    """A run to work on: a new one, or one that asks for the same and whose process has gone.

    RunIsLive when one of that kind is queued, or running with its holder alive.
    """
    abandoned = _abandoned_run(project, kind)
    if abandoned is not None:
        if _asks_for_the_same(abandoned, project, dict(options or {})):
            return abandoned
        error = "Its process ended; a run with other options followed."
        finish_run(abandoned, RunStatus.FAILED, error=error, by=by)
    try:
        return _new_run(project, trigger=trigger, by=by, options=dict(options or {}), kind=kind)
    except IntegrityError as error:
        raise RunIsLive(_who_is_live(project, kind)) from error


def wait_for_lease(project: Project, *, kind: str = "pipeline") -> None:
    """Return when no process is at a run of that kind; RunIsLive as soon as one is seen to be.

    A holder that beats while we look is alive. One that does not for as long as a lease lasts has gone.
    """
    first = _live_run(project, kind)
    run = first
    while run is not None and not holder_is_gone(run):
        if run.status == RunStatus.QUEUED or first is None or run.heartbeat_at != first.heartbeat_at:
            raise RunIsLive(_who_is_live(project, kind))
        time.sleep(0.25)
        run = _live_run(project, kind)


@transaction.atomic
def _new_run(project: Project, *, trigger: str, by: audit.Actor, options: dict[str, Any], kind: str) -> Run:
    run = Run.objects.create(
        project=project,
        kind=kind,
        trigger=trigger,
        config_version=active_version(project),
        options=options,
        requested_by_id=getattr(by, "pk", None),
    )
    publish(project, "pipeline_progress", run=run, detail={"status": run.status})
    audit.record("run.create", by=by, project=project, on=run, fields={"trigger": trigger})
    return run


def _live_run(project: Project, kind: str) -> Run | None:
    return Run.objects.filter(project=project, kind=kind, status__in=RunStatus.live()).first()


def _abandoned_run(project: Project, kind: str) -> Run | None:
    """The running run whose process has gone, if there is one."""
    run = _live_run(project, kind)
    if run is None or run.status == RunStatus.QUEUED:
        return None
    if not holder_is_gone(run):
        raise RunIsLive(_who_is_live(project, kind))
    return run


def _asks_for_the_same(run: Run, project: Project, options: dict[str, Any]) -> bool:
    return run.options == options and run.config_version_id == project.active_config_id


def holder_is_gone(run: Run) -> bool:
    """Whether the process that works on a run has stopped: no heartbeat, or no such process on this host."""
    if run.heartbeat_at is None:
        return True
    age = timezone.now() - run.heartbeat_at
    if age > timedelta(seconds=settings.RUN_LEASE_SECONDS) or age < -CLOCKS_DIFFER_BY:
        return True
    host, _, rest = run.lease_holder.partition(":")
    pid = rest.partition(":")[0]
    return host == socket.gethostname() and pid.isdigit() and not _process_exists(int(pid))


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _who_is_live(project: Project, kind: str) -> str:
    run = _live_run(project, kind)
    if run is None:
        return f"Another {kind} run of {project.slug!r} has just ended; try again."
    if run.status == RunStatus.QUEUED:
        return f"Run {run.pk} of {project.slug!r} is queued and waits for a worker (`make run` starts one)."
    return f"Run {run.pk} of {project.slug!r} is live: process {run.lease_holder} holds it."


def request_cancel(run: Run, *, by: audit.Actor) -> Run:
    """Stop a queued run at once, a running one at its next batch; Conflict when it has ended."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if not run.is_live:
            raise Conflict(f"Run {run.pk} has ended already ({run.status}).")
        run.cancel_requested_at = timezone.now()
        run.save(update_fields=["cancel_requested_at"])
        audit.record("run.cancel", by=by, project=run.project, on=run)
    if run.status == RunStatus.QUEUED or holder_is_gone(run):
        finish_run(run, RunStatus.CANCELLED, by=by)
    return run


def finish_run(
    run: Run, status: RunStatus, *, error: str = "", holder: str | None = None, by: audit.Actor | None = None
) -> bool:
    """Close a live run and tell everyone; False when it was closed already (or is another's by now).

    Give `by` when nothing more follows in the transaction: the audit log comes last.
    """
    with transaction.atomic():
        live = Run.objects.filter(pk=run.pk, status__in=RunStatus.live())
        if holder is not None:
            live = live.filter(lease_holder=holder)
        now = timezone.now()
        if not live.update(status=status, error=error, finished_at=now, stages=run.stages):
            return False
        run.refresh_from_db()
        publish(run.project, "run_finished", run=run, detail={"status": run.status, "stages": run.stages})
        if by is not None:
            counts = {name: stage["done"] for name, stage in run.stages.items()}
            audit.record("run.finish", by=by, project=run.project, on=run, fields={"status": run.status, **counts})
    return True


class Lease:
    """This process's hold on a run: beats in the background while it works, and is checked between batches."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.was_queued = False
        """Whether the run comes from the queue, new or handed on; else its last process was lost."""
        self.worker_stops = threading.Event()
        """Set soon after the worker's cluster was asked to stop; see `jobs.is_stopping`."""
        self._stop = threading.Event()
        # The thread's log lines carry what this one's do.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._keep_beating,), name=f"run-{run.pk}-heartbeat", daemon=True
        )

    def take(self) -> None:
        """Become the holder of a queued run, or of one whose holder is gone; RunIsLive otherwise."""
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=self.run.pk)
            if run.status == RunStatus.RUNNING and not holder_is_gone(run):
                raise RunIsLive(f"Run {run.pk} is live: {run.lease_holder} holds it.")
            if not run.is_live:
                raise Conflict(f"Run {run.pk} has ended already ({run.status}).")
            now = timezone.now()
            self.was_queued = run.status == RunStatus.QUEUED
            run.status = RunStatus.RUNNING
            run.lease_holder = self.holder
            run.heartbeat_at = now
            run.started_at = run.started_at or now
            run.save(update_fields=["status", "lease_holder", "heartbeat_at", "started_at"])
            publish(run.project, "pipeline_progress", run=run, detail={"status": run.status})
        self.run.refresh_from_db()
        if not connection.in_atomic_block:  # inside a transaction nobody else could see the beats
            self._thread.start()

    def check(self) -> None:
        """Between batches: LeaseLost when another holds the run, RunCancelled when it is to stop."""
        row = Run.objects.filter(pk=self.run.pk).values("status", "lease_holder", "cancel_requested_at").first()
        if row is None or row["status"] != RunStatus.RUNNING or row["lease_holder"] != self.holder:
            raise LeaseLost(f"Run {self.run.pk} is no longer held by this process.")
        if row["cancel_requested_at"] is not None:
            raise RunCancelled

    def release(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _keep_beating(self) -> None:
        try:
            while not self._stop.wait(settings.RUN_HEARTBEAT_SECONDS):
                close_old_connections()
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            mine = Run.objects.filter(pk=self.run.pk, lease_holder=self.holder, status=RunStatus.RUNNING)
            mine.update(heartbeat_at=timezone.now())
            if is_stopping():
                self.worker_stops.set()
        except Exception:
            log.warning("run %s: a heartbeat could not be written", self.run.pk, exc_info=True)


@contextmanager
def held(run: Run) -> Iterator[Lease]:
    """Hold a run's lease for the time of a block; every line that is logged in it names the run."""
    with bound(run_id=run.pk, project=run.project.slug):
        lease = Lease(run)
        lease.take()
        try:
            yield lease
        finally:
            lease.release()


def publish(
    project: Project,
    type_: str,
    *,
    run: Run | None = None,
    stage: str = "",
    done: int = 0,
    total: int = 0,
    detail: Mapping[str, Any] | None = None,
) -> RunEvent:
    """Append an event inside the caller's transaction; sockets are woken when it commits.

    Numbers are given out under a lock on the project's sequence that is held until commit, so that a
    follower who has seen number n can never miss a smaller one.
    """
    with transaction.atomic():
        event = RunEvent.objects.create(
            project=project,
            seq=_next_seq(project),
            run=run,
            type=type_,
            stage=stage,
            done=done,
            total=total,
            detail=dict(detail or {}),
        )
        transaction.on_commit(lambda: _wake_followers(project.pk))
    return event


def _next_seq(project: Project) -> int:
    if not EventSequence.objects.filter(project=project).update(last=F("last") + 1):
        EventSequence.objects.get_or_create(project=project)
        EventSequence.objects.filter(project=project).update(last=F("last") + 1)
    return EventSequence.objects.values_list("last", flat=True).get(project=project)


def follower_group(project_id: int) -> str:
    return f"project-{project_id}-events"


def _wake_followers(project_id: int) -> None:
    """With Redis, tell sockets in other processes to look now; without, they poll the table."""
    layer = get_channel_layer() if settings.REDIS_URL else None
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(follower_group(project_id), {"type": "events.arrived"})
    except Exception:
        log.warning("followers of project %s could not be woken", project_id, exc_info=True)
