"""Runs are handed on, taken over when their process is lost, and given up when that goes on and on."""

import os
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings as SettingsWrapper

from signalops_site.core.models import AuditEntry, Project, Run, RunEvent, RunStatus
from signalops_site.core.run_queue import RunTasks, enqueue_run, hand_on, run_tasks, take_over_runs
from signalops_site.core.runs import Lease, create_run, finish_run, held, publish, request_cancel

pytestmark = pytest.mark.django_db
BY = "command:test"
UNUSED_PID = 2**22 - 1
"""Above the largest process id that Linux gives out by default."""


@pytest.fixture(autouse=True)
def _no_second_look(settings: SettingsWrapper) -> None:
    settings.RUN_HEARTBEAT_SECONDS = 0.01


@pytest.fixture
def run(project: Project) -> Run:
    run = create_run(project, trigger="api", by=BY)
    enqueue_run(run)
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    return run


def lose(run: Run, *, silent_for: float = 1, host: str = "", **changes: Any) -> Run:
    """Its process has been killed in the middle of the work; the job lies with it."""
    holder = f"{host or socket.gethostname()}:{UNUSED_PID}:token"
    heartbeat = timezone.now() - timedelta(seconds=silent_for)
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.RUNNING, lease_holder=holder, heartbeat_at=heartbeat, **changes
    )
    take_job(ago=5)
    run.refresh_from_db()
    return run


def take_job(*, ago: float) -> None:
    """What django-q does when a worker takes a job: lock it until it would be delivered again."""
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=configured.Q_CLUSTER["retry"] - ago))


def waiting_jobs() -> list[int]:
    """The runs that a worker would be given now."""
    return [job.task["kwargs"]["run_id"] for job in OrmQ.objects.filter(key="runs", lock__lte=timezone.now())]


# ---------------------------------------------------------------- handing on


def test_a_run_that_is_handed_on_can_be_taken_at_once(run: Run) -> None:
    OrmQ.objects.all().delete()
    with held(run) as lease:
        assert lease.was_queued
        hand_on(run, holder=lease.holder)
    run.refresh_from_db()
    assert (run.status, run.lease_holder, run.heartbeat_at) == (RunStatus.QUEUED, "", None)
    assert run.started_at is not None
    assert waiting_jobs() == [run.pk]
    with held(run) as lease:
        assert lease.was_queued


def test_handing_on_forgives_earlier_losses(run: Run) -> None:
    Run.objects.update(takeovers=2)
    with held(run) as lease:
        hand_on(run, holder=lease.holder)
    assert Run.objects.get().takeovers == 0


def test_what_another_process_holds_cannot_be_handed_on(run: Run) -> None:
    with held(run):
        hand_on(run, holder="elsewhere:1:token")
    assert Run.objects.get().status == RunStatus.RUNNING
    assert len(waiting_jobs()) == 1


def test_a_run_that_is_to_stop_is_not_handed_on(run: Run) -> None:
    with held(run) as lease:
        request_cancel(run, by=BY)
        hand_on(run, holder=lease.holder)
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert AuditEntry.objects.filter(action="run.finish", actor_name="job:pipeline").count() == 1


# ---------------------------------------------------------------- taking over


def test_a_run_whose_process_is_gone_is_queued_again(run: Run) -> None:
    lose(run)
    assert waiting_jobs() == []
    take_over_runs()
    run.refresh_from_db()
    assert (run.status, run.takeovers, run.lease_holder) == (RunStatus.QUEUED, 1, "")
    assert waiting_jobs() == [run.pk]
    assert OrmQ.objects.count() == 1, "the job of the lost process is not delivered on top"
    event = RunEvent.objects.order_by("seq").last()
    assert event is not None
    assert event.detail == {"status": "queued"}


def test_looking_twice_takes_over_once(run: Run) -> None:
    lose(run)
    take_over_runs()
    take_over_runs()
    assert Run.objects.get().takeovers == 1
    assert waiting_jobs() == [run.pk]


def test_a_run_from_a_terminal_is_taken_over_as_well(project: Project) -> None:
    run = lose(create_run(project, trigger="command", by=BY))
    take_over_runs()
    assert waiting_jobs() == [run.pk]


def test_a_run_on_another_host_is_taken_over_when_its_lease_is_over(run: Run) -> None:
    lose(run, host="elsewhere", silent_for=configured.RUN_LEASE_SECONDS - 5)
    take_over_runs()
    assert Run.objects.get().status == RunStatus.RUNNING
    lose(run, host="elsewhere", silent_for=configured.RUN_LEASE_SECONDS + 1)
    take_over_runs()
    assert Run.objects.get().status == RunStatus.QUEUED


def test_one_that_beats_again_while_we_look_is_left_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lose(run, silent_for=60)
    monkeypatch.setattr("time.sleep", lambda _: Run.objects.update(heartbeat_at=timezone.now()))
    take_over_runs()
    assert Run.objects.get().status == RunStatus.RUNNING


def test_a_run_that_is_worked_on_is_left_alone(run: Run) -> None:
    with held(run) as lease:
        take_over_runs()
        lease.check()
    assert Run.objects.get().takeovers == 0


def test_an_ended_run_is_left_alone(run: Run) -> None:
    finish_run(run, RunStatus.SUCCEEDED)
    OrmQ.objects.all().delete()
    take_over_runs()
    assert OrmQ.objects.count() == 0


def test_a_lost_run_that_was_to_stop_is_cancelled(run: Run) -> None:
    lose(run, cancel_requested_at=timezone.now())
    take_over_runs()
    assert Run.objects.get().status == RunStatus.CANCELLED


def test_a_run_that_loses_process_after_process_is_given_up(run: Run, settings: SettingsWrapper) -> None:
    settings.RUN_MAX_TAKEOVERS = 2
    publish(run.project, "pipeline_progress", run=run, stage="collect")
    publish(run.project, "pipeline_progress", run=run, stage="judge")
    for takeovers in (1, 2):
        lose(run)
        take_over_runs()
        assert Run.objects.get().takeovers == takeovers
    lose(run)
    take_over_runs()
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert "its process ended 3 times in a row without a word, the last time at the stage judge" in run.error
    assert RunEvent.objects.filter(type="run_finished").count() == 1
    entry = AuditEntry.objects.get(action="run.finish")
    assert (entry.actor_name, entry.fields) == ("job:reaper", {"status": "failed"})


def test_a_lost_run_that_no_task_continues_is_closed(project: Project) -> None:
    run = lose(create_run(project, trigger="command", by=BY, kind="survey"))
    take_over_runs()
    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.FAILED, "Its process ended.")


# ---------------------------------------------------------------- queued, and nobody knows


def test_a_queued_run_without_a_job_gets_one(run: Run) -> None:
    OrmQ.objects.all().delete()
    take_over_runs()
    assert waiting_jobs() == [run.pk]
    take_over_runs()
    assert waiting_jobs() == [run.pk]
    assert Run.objects.get().takeovers == 0


def test_a_job_that_lies_with_a_worker_for_too_long_is_offered_again(run: Run) -> None:
    take_job(ago=20)
    take_over_runs()
    assert waiting_jobs() == []
    take_job(ago=90)
    take_over_runs()
    assert waiting_jobs() == [run.pk]
    assert OrmQ.objects.count() == 1


def test_a_run_that_a_terminal_is_about_to_begin_is_left_alone(project: Project) -> None:
    create_run(project, trigger="command", by=BY)
    take_over_runs()
    assert not OrmQ.objects.exists()


def test_a_queued_run_that_no_task_continues_is_left_alone(project: Project) -> None:
    create_run(project, trigger="command", by=BY, kind="survey")
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    take_over_runs()
    assert Run.objects.get().status == RunStatus.QUEUED


def test_a_job_that_cannot_be_read_is_passed_over(run: Run) -> None:
    OrmQ.objects.create(key="runs", payload="nonsense", lock=timezone.now())
    lose(run)
    take_over_runs()
    assert Run.objects.get().status == RunStatus.QUEUED


# ---------------------------------------------------------------- kinds


def test_a_kind_that_nobody_registered_cannot_be_queued(project: Project) -> None:
    run = create_run(project, trigger="api", by=BY, kind="survey")
    with pytest.raises(ValueError, match="'survey'"):
        enqueue_run(run)


def test_a_kind_has_one_task() -> None:
    tasks = RunTasks()
    tasks.register("pipeline", "leads.tasks.run_pipeline")
    tasks.register("pipeline", "leads.tasks.run_pipeline")
    with pytest.raises(ValueError, match="already have the task"):
        tasks.register("pipeline", "leads.tasks.other")


def test_the_pipeline_is_registered(run: Run) -> None:
    assert run_tasks.of(run) == "leads.tasks.run_pipeline"


def test_a_lease_on_a_lost_run_knows_that_nobody_handed_it_on(run: Run) -> None:
    lease = Lease(lose(run))
    lease.take()
    assert not lease.was_queued
    assert str(os.getpid()) in Run.objects.get().lease_holder
