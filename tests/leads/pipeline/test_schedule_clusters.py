"""Schedules at work: real clusters in processes of their own, on a file or on the tests' PostgreSQL server."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from .test_worker_kill import Trial, drop_database, new_database

DOWN_FOR_TEN_PERIODS = """
from datetime import timedelta
from django.core.management import call_command
from django_q.models import Schedule
from leads.models import RunSchedule
call_command("migrate", verbosity=0)
call_command("importproject", "projects/demo.yaml")
call_command("schedules", "set", "--every=60", "--stages=collect", "--limit=20")
back = timedelta(hours=10, minutes=30)
row = RunSchedule.objects.get()
Schedule.objects.filter(pk=row.clock_id).update(next_run=row.clock.next_run - back)
RunSchedule.objects.update(covered_until=row.covered_until - back)
"""

LOOK_AND_WORK = """
import django; django.setup()
import sys, time
from datetime import timedelta
from django_q.scheduler import scheduler
from leads.models import RunSchedule
from leads.services.schedules import start_due
from signalops_site.core.broker import DatabaseBroker
row = RunSchedule.objects.get()
due = row.created_at - timedelta(hours=9, minutes=30)
time.sleep(max(0, float(sys.argv[1]) - time.time()))
scheduler(broker=DatabaseBroker("short"))
print(start_due(row.pk, due=due))
"""

WAITING = "select count(*) from django_q_ormq where key = 'short'"


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    folder = tmp_path / "data"
    folder.mkdir()
    trial = Trial(folder, new_database(folder))
    try:
        trial.manage("shell", "-v0", "-c", DOWN_FOR_TEN_PERIODS)
        yield trial
    finally:
        trial.end()
        drop_database(trial)


def test_after_a_downtime_of_ten_periods_two_clusters_start_one_run(trial: Trial) -> None:
    began = time.monotonic()
    for name in ("short", "short", "runs"):
        trial.start(name)
    trial.wait("a run", lambda: trial.ask("select id from core_run") != [])
    trial.wait_for_end()
    assert time.monotonic() - began < 120
    assert trial.status() == "succeeded", trial.said()

    assert trial.ask("select name from core_workercluster order by name") == [("runs",), ("short",), ("short",)]
    time.sleep(32)  # each cluster looks at the clocks every 30 s
    trial.wait("an empty queue", lambda: trial.one(WAITING) == 0)
    assert trial.ask("select status, trigger from core_run") == [("succeeded", "schedule")]
    assert trial.ask("select last_outcome, last_problem from leads_runschedule") == [("started", "")]
    assert trial.one("select last_run_id from leads_runschedule") == trial.one("select id from core_run")
    assert trial.one("select count(*) from core_auditentry where action = 'schedule.due'") == 1
    assert trial.one("select count(*) from leads_lead") > 0


def test_of_processes_that_take_the_same_turn_at_once_one_starts_the_run(trial: Trial) -> None:
    start = str(time.time() + 6)

    def take_turn(_number: int) -> str:
        done = subprocess.run(
            [sys.executable, "-c", LOOK_AND_WORK, start],
            env=trial.environment(Q_CLUSTER_NAME="short"),
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout.strip()

    with ThreadPoolExecutor(3) as pool:
        said = sorted(pool.map(take_turn, range(3)))
    run = trial.one("select id from core_run")
    assert said == ["nothing was due", "nothing was due", f"run {run}"]
    assert trial.one("select count(*) from core_run") == 1
    assert trial.one(WAITING) == 1, "three looked at the clock, and one of them put a job in the queue"
