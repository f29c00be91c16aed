"""Leases and cancelling: one live run per project, dead ones continued, nobody waits for ever."""

import os
import socket
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from signalops_site.core.errors import Conflict, RunIsLive
from signalops_site.core.models import EventSequence, Project, Run, RunEvent, RunStatus
from signalops_site.core.runs import (
    Lease,
    LeaseLost,
    RunCancelled,
    create_run,
    finish_run,
    held,
    publish,
    request_cancel,
    wait_for_lease,
)

pytestmark = pytest.mark.django_db
BY = "command:test"
UNUSED_PID = 2**22 - 1
"""Above the largest process id that Linux gives out by default."""


def new_run(project: Project, **options: object) -> Run:
    return create_run(project, trigger="command", by=BY, options=options)


def abandon(run: Run, *, host: str, pid: int, silent_for: float) -> None:
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.RUNNING,
        lease_holder=f"{host}:{pid}:token",
        heartbeat_at=timezone.now() - timedelta(seconds=silent_for),
    )


def test_a_second_run_is_refused_while_one_is_queued(project: Project) -> None:
    run = new_run(project)
    with pytest.raises(RunIsLive, match=f"Run {run.pk} .* is queued and waits for a worker"):
        new_run(project)


def test_a_second_run_is_refused_while_one_is_worked_on(project: Project) -> None:
    run = new_run(project)
    with held(run), pytest.raises(RunIsLive, match=f"process {socket.gethostname()}:{os.getpid()}"):
        new_run(project)


def test_the_database_itself_keeps_it_to_one(project: Project) -> None:
    run = new_run(project)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(project=project, config_version=run.config_version, trigger="api")


def test_a_run_whose_process_is_gone_is_continued_at_once(project: Project) -> None:
    run = new_run(project, limit=5)
    abandon(run, host=socket.gethostname(), pid=UNUSED_PID, silent_for=1)
    wait_for_lease(project)
    assert new_run(project, limit=5).pk == run.pk


def test_other_options_close_the_dead_run_and_start_another(project: Project) -> None:
    run = new_run(project, limit=5)
    abandon(run, host=socket.gethostname(), pid=UNUSED_PID, silent_for=1)
    assert new_run(project).pk != run.pk
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED


def test_a_silent_holder_elsewhere_is_believed_until_its_lease_is_over(project: Project) -> None:
    run = new_run(project)
    abandon(run, host="elsewhere", pid=1, silent_for=10)
    with pytest.raises(RunIsLive):
        new_run(project)
    abandon(run, host="elsewhere", pid=1, silent_for=16)
    assert new_run(project).pk == run.pk


def test_taking_over_leaves_the_former_holder_without_its_lease(project: Project) -> None:
    run = new_run(project)
    first = Lease(run)
    first.take()
    abandon(run, host="elsewhere", pid=1, silent_for=60)
    second = Lease(Run.objects.get(pk=run.pk))
    second.take()
    with pytest.raises(LeaseLost):
        first.check()
    second.check()
    assert not finish_run(run, RunStatus.SUCCEEDED, holder=first.holder)
    assert finish_run(run, RunStatus.SUCCEEDED, holder=second.holder)


def test_a_live_run_cannot_be_taken(project: Project) -> None:
    run = new_run(project)
    with held(run), pytest.raises(RunIsLive):
        Lease(run).take()


def test_an_ended_run_cannot_be_taken(project: Project) -> None:
    run = new_run(project)
    finish_run(run, RunStatus.SUCCEEDED)
    with pytest.raises(Conflict, match="has ended already"):
        Lease(run).take()


def test_a_queued_run_is_cancelled_at_once(project: Project) -> None:
    run = request_cancel(new_run(project), by=BY)
    assert run.status == RunStatus.CANCELLED


def test_a_running_one_stops_at_its_next_batch(project: Project) -> None:
    run = new_run(project)
    with held(run) as lease:
        request_cancel(run, by=BY)
        with pytest.raises(RunCancelled):
            lease.check()


def test_what_has_ended_cannot_be_cancelled(project: Project) -> None:
    run = new_run(project)
    finish_run(run, RunStatus.SUCCEEDED)
    with pytest.raises(Conflict, match="has ended already"):
        request_cancel(run, by=BY)


def test_a_run_ends_once(project: Project) -> None:
    run = new_run(project)
    assert finish_run(run, RunStatus.SUCCEEDED)
    assert not finish_run(run, RunStatus.FAILED)
    assert RunEvent.objects.filter(type="run_finished").count() == 1


def test_events_are_numbered_per_project_without_gaps(project: Project, other_project: Project) -> None:
    seqs = [publish(project, "new_lead").seq for _ in range(3)]
    publish(other_project, "new_lead")
    with transaction.atomic():
        publish(project, "new_lead")
        transaction.set_rollback(True)
    assert [*seqs, publish(project, "new_lead").seq] == [1, 2, 3, 4]
    assert EventSequence.objects.get(project=project).last == 4
