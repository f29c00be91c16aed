"""The beat: once a minute, once however many clusters there are, and nobody's failure is another's."""

import logging
import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage
from django_q.status import Status

from signalops_site.core import jobs, tasks
from signalops_site.core.beat import TASK, Beat, start_beating
from signalops_site.core.broker import DatabaseBroker
from signalops_site.core.models import BeatJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def called() -> list[str]:
    return []


def note(called: list[str], name: str) -> Callable[[], None]:
    return lambda: called.append(name)


def fail() -> None:
    raise RuntimeError("the platform is down")


def test_the_reaper_hangs_on_the_beat() -> None:
    assert jobs.last_beat() is None
    assert tasks.beat()["reaper"] is True
    last = jobs.last_beat()
    assert last is not None
    assert timezone.now() - last < timedelta(seconds=10)


def test_everything_is_called_with_each_beat(called: list[str]) -> None:
    trial = Beat()
    trial.register("b", note(called, "b"))
    trial.register("a", note(called, "a"))
    trial.run()
    trial.run()
    assert sorted(called) == ["a", "a", "b", "b"]


def test_one_that_fails_stops_no_other_and_is_seen(called: list[str], caplog: pytest.LogCaptureFixture) -> None:
    trial = Beat()
    trial.register("a", fail)
    trial.register("b", note(called, "b"))
    with caplog.at_level(logging.ERROR):
        assert trial.run() == {"a": False, "b": True}
    assert called == ["b"]
    assert "the beat's 'a' failed" in caplog.text
    (row,) = jobs.failing_beat_jobs()
    assert (row.name, row.error) == ("a", "RuntimeError: the platform is down")
    since = row.failing_since

    trial.run()
    assert jobs.failing_beat_jobs()[0].failing_since == since, "since the first failure, not the last"


def test_one_that_goes_well_again_is_forgiven() -> None:
    trial = Beat()
    troubles = [RuntimeError("the platform is down")]

    def fail_once() -> None:
        if troubles:
            raise troubles.pop()

    trial.register("a", fail_once)
    trial.run()
    assert len(jobs.failing_beat_jobs()) == 1
    trial.run()
    assert jobs.failing_beat_jobs() == []
    assert BeatJob.objects.get(name="a").error == ""


def test_what_is_wanted_once_a_day_is_called_once_a_day(called: list[str]) -> None:
    trial = Beat()
    trial.register("a", note(called, "a"), every=timedelta(days=1))
    trial.run()
    trial.run()
    assert called == ["a"]
    BeatJob.objects.update(started_at=timezone.now() - timedelta(days=1))
    trial.run()
    assert called == ["a", "a"]


def test_of_two_beats_at_once_only_one_calls(called: list[str]) -> None:
    trial = Beat()

    def beats_too() -> None:
        called.append("a")
        BeatJob.objects.filter(name="b").update(started_at=timezone.now())  # as the other beat does at this moment

    trial.register("a", beats_too)
    trial.register("b", note(called, "b"))
    assert trial.run() == {"a": True}
    assert called == ["a"]


def test_what_hung_in_the_last_beat_does_not_starve_the_rest(called: list[str]) -> None:
    trial = Beat()
    for name in ("a", "b"):
        trial.register(name, note(called, name))
    BeatJob.objects.create(name="a", started_at=timezone.now())
    trial.run()
    assert called == ["b", "a"]


def test_a_name_is_taken_once(called: list[str]) -> None:
    trial, first = Beat(), note(called, "a")
    trial.register("a", first)
    trial.register("a", first)
    with pytest.raises(ValueError, match="already has a job called 'a'"):
        trial.register("a", note(called, "a"))


# ---------------------------------------------------------------- who beats


def test_starting_again_and_again_leaves_one_schedule() -> None:
    for _ in range(3):
        start_beating()
    row = Schedule.objects.get()
    assert (row.func, row.cluster, row.minutes, row.repeats) == (TASK, "short", 1, -1)


def test_a_schedule_that_was_doubled_or_switched_off_is_mended() -> None:
    for _ in range(2):
        Schedule.objects.create(func=TASK, schedule_type=Schedule.MINUTES, repeats=0, next_run=None)
    Schedule.objects.create(func="somebody.elses.task")
    start_beating()
    row = Schedule.objects.get(func=TASK)
    assert row.repeats == -1
    assert row.next_run is not None
    assert Schedule.objects.count() == 2


@pytest.mark.parametrize(("name", "beats"), [("short", 1), ("runs", 0)])
def test_a_cluster_for_short_jobs_beats_as_soon_as_it_is_up(name: str, beats: int) -> None:
    stat = Status(os.getpid(), "one")
    stat.status = Conf.STARTING
    broker = DatabaseBroker(name)
    for _ in range(2):
        broker.set_stat("django_q:runs:cluster:one", SignedPackage.dumps(stat, True), 3)
    assert Schedule.objects.filter(func=TASK).count() == beats
    assert [job.task["func"] for job in OrmQ.objects.filter(key="short")] == [TASK] * beats


def test_the_scheduler_sends_one_beat_a_minute_and_catches_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "CLUSTER_NAME", "short")
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)  # we are in a transaction
    start_beating()
    OrmQ.objects.all().delete()
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=5))
    for _ in range(3):
        scheduler(broker=DatabaseBroker("short"))
    job = OrmQ.objects.get()
    assert (job.key, job.task["func"], job.task["save"]) == ("short", TASK, False)
    assert Schedule.objects.get().next_run > timezone.now()


def test_the_job_of_the_first_beat_can_be_done() -> None:
    start_beating()
    job = OrmQ.objects.get()
    assert import_string(job.task["func"])(**job.task["kwargs"])["reaper"] is True
