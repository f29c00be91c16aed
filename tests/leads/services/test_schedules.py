"""Schedules: set, paused, resumed, removed; and what happens when one is due, once, ten times, or long ago."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import ProtectedError
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from leads import tasks
from leads.models import RunSchedule
from leads.pipeline.runner import BadOptions, RunOptions
from leads.services.schedules import (
    BadSchedule,
    Times,
    change_schedule,
    create_schedule,
    mend_clocks,
    parse_options,
    pause,
    remove,
    resume,
    set_schedule,
    start_due,
)
from signalops_site.core.broker import DatabaseBroker
from signalops_site.core.errors import Conflict, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project, Run, RunStatus
from signalops_site.core.runs import finish_run

HOURLY = Times(60)
FULL = RunOptions()


@pytest.fixture
def hourly(project: Project) -> RunSchedule:
    return create_schedule(project, label="hourly", times=HOURLY, options=FULL, by="command:test")


@pytest.fixture(autouse=True)
def _as_the_short_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """django-q's scheduler sees to the clocks of its own cluster; here it looks within the test's transaction."""
    monkeypatch.setattr("django_q.conf.Conf.CLUSTER_NAME", "short")
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)


def clock_of(schedule: RunSchedule) -> Schedule:
    clock: Schedule = Schedule.objects.get(pk=schedule.clock_id)
    return clock


def let_pass(schedule: RunSchedule, **span: float) -> None:
    """Put the clock and the row back by so much: as if that time had gone by without a worker."""
    back = timedelta(**span)
    clock, row = clock_of(schedule), RunSchedule.objects.get(pk=schedule.pk)
    Schedule.objects.filter(pk=clock.pk).update(next_run=clock.next_run - back)
    RunSchedule.objects.filter(pk=row.pk).update(covered_until=row.covered_until - back)


def look() -> None:
    """What each cluster does twice a minute."""
    scheduler(broker=DatabaseBroker("short"))


def jobs() -> list[dict[str, Any]]:
    return [job.task["kwargs"] for job in OrmQ.objects.filter(key="short").order_by("pk")]


def work_off(*, twice: bool = False) -> list[str]:
    """Call what the jobs in the queue call, each as often as it may be delivered."""
    given = [job for job in jobs() for _ in range(2 if twice else 1)]
    OrmQ.objects.filter(key="short").delete()
    return [tasks.start_scheduled_run(**job) for job in given]


def end_runs() -> None:
    for run in Run.objects.filter(status__in=RunStatus.live()):
        finish_run(run, RunStatus.SUCCEEDED)


def test_a_new_one_waits_for_its_first_period(hourly: RunSchedule) -> None:
    assert hourly.next_run_at is not None
    assert timedelta(minutes=59) < hourly.next_run_at - timezone.now() <= timedelta(minutes=60)
    look()
    assert jobs() == []
    assert (hourly.last_outcome, hourly.last_run, hourly.paused_at) == ("", None, None)
    assert AuditEntry.objects.latest("pk").action == "schedule.create"


def test_a_cron_text_is_reckoned_in_utc(project: Project) -> None:
    schedule = create_schedule(
        project, label="days", times=Times.parse(cron=" 30  7 * * MON-fri "), options=FULL, by="t"
    )
    at = schedule.next_run_at
    assert schedule.cron == "30 7 * * mon-fri"
    assert at is not None
    assert (at.hour, at.minute, at.utcoffset()) == (7, 30, timedelta(0))
    assert at.weekday() < 5
    assert timezone.now() < at <= timezone.now() + timedelta(days=3)


def test_when_it_is_due_a_run_is_queued_with_its_options(project: Project) -> None:
    options = parse_options({"stages": ["score", "judge"], "limit": 20})
    schedule = create_schedule(project, label="quick", times=Times(5), options=options, by="command:test")
    due = schedule.next_run_at
    let_pass(schedule, minutes=5.1)
    look()
    work_off()

    run = Run.objects.get()
    assert (run.trigger, run.status, run.requested_by) == ("schedule", "queued", None)
    assert run.options == {"stages": ["judge", "score"], "limit": 20}
    assert [job.task["kwargs"] for job in OrmQ.objects.filter(key="runs")] == [{"run_id": run.pk}]
    schedule.refresh_from_db()
    assert (schedule.last_outcome, schedule.last_problem, schedule.last_run) == ("started", "", run)
    assert due is not None
    assert schedule.last_due_at == due - timedelta(minutes=5.1)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name) == ("schedule.due", "job:schedule")
    assert entry.fields == {"outcome": "started", "run": run.pk}


@pytest.mark.parametrize("times", [Times(60), Times(cron="0 * * * *")], ids=["minutes", "cron"])
def test_down_for_ten_periods_makes_one_run(project: Project, times: Times) -> None:
    schedule = create_schedule(project, label="hourly", times=times, options=FULL, by="command:test")
    let_pass(schedule, hours=10.5)
    for _ in range(12):
        look()
        work_off()
        end_runs()
    assert Run.objects.count() == 1
    at = clock_of(schedule).next_run
    assert timezone.now() < at <= timezone.now() + timedelta(hours=1)


def test_the_clock_keeps_its_minute_through_a_downtime(hourly: RunSchedule) -> None:
    due = clock_of(hourly).next_run
    let_pass(hourly, hours=10, minutes=30)
    look()
    assert clock_of(hourly).next_run == due - timedelta(minutes=30)


def test_a_job_left_in_the_queue_and_the_one_that_catches_up_make_one_run(hourly: RunSchedule) -> None:
    let_pass(hourly, hours=1.1)
    look()
    assert len(jobs()) == 1
    let_pass(hourly, hours=9)
    left = OrmQ.objects.get(key="short")
    left_due = datetime.fromisoformat(left.task["kwargs"]["due"]) - timedelta(hours=9)
    look()
    assert len(jobs()) == 2
    caught_up = datetime.fromisoformat(jobs()[1]["due"])
    assert left_due < caught_up

    start_due(hourly.pk, due=left_due)
    end_runs()
    assert start_due(hourly.pk, due=caught_up) == "nothing was due"
    assert Run.objects.count() == 1


def test_a_job_that_is_delivered_twice_makes_one_run(hourly: RunSchedule) -> None:
    let_pass(hourly, hours=1.1)
    look()
    job = jobs()[0]
    first = tasks.start_scheduled_run(**job)
    end_runs()
    assert first == f"run {Run.objects.get().pk}"
    assert tasks.start_scheduled_run(**job) == "nothing was due"
    assert Run.objects.count() == 1


def test_while_a_run_is_live_the_time_is_passed_over_and_told(hourly: RunSchedule) -> None:
    for _ in range(4):
        let_pass(hourly, hours=1.1)
        look()
        work_off()
    run = Run.objects.get()
    hourly.refresh_from_db()
    assert hourly.last_outcome == "passed_over"
    assert hourly.last_problem == (
        f"Run {run.pk} of 'tidewater' is queued and waits for a worker (`make run` starts one)."
    )
    assert hourly.last_run == run
    end_runs()
    look()
    assert work_off() == [], "what was passed over is not made up for"

    let_pass(hourly, hours=1.1)
    look()
    work_off()
    hourly.refresh_from_db()
    assert Run.objects.count() == 2
    assert (hourly.last_outcome, hourly.last_problem) == ("started", "")


def test_a_project_that_is_switched_off_or_has_no_configuration_is_told(
    project: Project, hourly: RunSchedule
) -> None:
    Project.objects.update(is_active=False)
    let_pass(hourly, hours=1.1)
    look()
    work_off()
    hourly.refresh_from_db()
    assert (hourly.last_outcome, hourly.last_problem) == ("refused", "The project 'tidewater' is switched off.")

    Project.objects.update(is_active=True, active_config=None)
    let_pass(hourly, hours=1.1)
    look()
    work_off()
    hourly.refresh_from_db()
    assert hourly.last_outcome == "refused"
    assert "no active configuration" in hourly.last_problem
    assert Run.objects.count() == 0


def test_a_stage_that_is_gone_is_told_and_stops_no_other(project: Project, hourly: RunSchedule) -> None:
    broken = create_schedule(project, label="broken", times=HOURLY, options=FULL, by="command:test")
    RunSchedule.objects.filter(pk=broken.pk).update(options={"stages": ["polish"]})
    for schedule in (broken, hourly):
        let_pass(schedule, hours=1.1)
    look()
    work_off()
    broken.refresh_from_db()
    assert broken.last_outcome == "refused"
    assert "There is no stage 'polish'" in broken.last_problem
    assert Run.objects.count() == 1


def test_a_paused_one_starts_nothing_and_goes_on_from_when_it_is_resumed(
    hourly: RunSchedule, reviewer: User
) -> None:
    paused = pause(hourly, by=reviewer)
    assert (paused.paused_by, paused.next_run_at) == (reviewer, None)
    assert paused.paused_at is not None
    let_pass(hourly, hours=10)
    look()
    assert jobs() == []

    resumed = resume(hourly, by=reviewer)
    assert (resumed.paused_at, resumed.paused_by) == (None, None)
    assert resumed.next_run_at is not None
    assert resumed.next_run_at > timezone.now() + timedelta(minutes=59)
    look()
    assert jobs() == []
    acts = AuditEntry.objects.filter(actor=reviewer).values_list("action", flat=True)
    assert list(acts.order_by("pk")) == ["schedule.pause", "schedule.resume"]


def test_pausing_twice_keeps_who_was_first(hourly: RunSchedule, reviewer: User, operator: User) -> None:
    first = pause(hourly, by=reviewer)
    assert pause(hourly, by=operator).paused_by == reviewer
    assert RunSchedule.objects.get().paused_at == first.paused_at
    assert AuditEntry.objects.filter(action="schedule.pause").count() == 1


def test_a_job_that_was_on_its_way_when_it_was_paused_or_changed_does_nothing(hourly: RunSchedule) -> None:
    let_pass(hourly, hours=1.1)
    look()
    job = jobs()[0]
    pause(hourly, by="command:test")
    assert tasks.start_scheduled_run(**job) == "nothing was due"
    resume(hourly, by="command:test")
    assert tasks.start_scheduled_run(**job) == "nothing was due"
    assert Run.objects.count() == 0


def test_new_times_count_from_now_and_other_changes_leave_the_clock_alone(hourly: RunSchedule) -> None:
    before = clock_of(hourly).next_run
    changed = change_schedule(hourly, label="all day", options=RunOptions(limit=5), by="command:test")
    assert (changed.label, changed.options, changed.next_run_at) == ("all day", {"limit": 5}, before)
    assert clock_of(hourly).name == "Runs of tidewater: all day"

    changed = change_schedule(hourly, times=Times(cron="0 0 1 1 *"), by="command:test")
    assert (changed.every_minutes, changed.cron) == (None, "0 0 1 1 *")
    assert changed.next_run_at == datetime(timezone.now().year + 1, 1, 1, tzinfo=UTC)
    entries = AuditEntry.objects.filter(action="schedule.change").order_by("pk").values_list("fields", flat=True)
    assert list(entries) == [{"fields": ["label", "options"]}, {"fields": ["every_minutes", "cron"]}]
    change_schedule(hourly, times=Times(cron="0 0 1 1 *"), by="command:test")
    assert AuditEntry.objects.filter(action="schedule.change").count() == 2


def test_new_times_leave_a_paused_one_paused(hourly: RunSchedule) -> None:
    pause(hourly, by="command:test")
    change_schedule(hourly, times=Times(5), by="command:test")
    let_pass(hourly, minutes=6)
    look()
    assert jobs() == []


def test_setting_makes_one_or_changes_the_one_of_that_label(project: Project) -> None:
    made, is_new = set_schedule(project, label="regular", times=Times(60), options=FULL, by="command:test")
    again, is_new_again = set_schedule(project, label="regular", times=Times(30), options=FULL, by="command:test")
    assert (is_new, is_new_again, made.pk) == (True, False, again.pk)
    assert again.every_minutes == 30


def test_a_label_is_taken_once_in_a_project(project: Project, other_project: Project, hourly: RunSchedule) -> None:
    with pytest.raises(Conflict, match="a schedule 'hourly' already"):
        create_schedule(project, label=" hourly ", times=HOURLY, options=FULL, by="command:test")
    create_schedule(other_project, label="hourly", times=HOURLY, options=FULL, by="command:test")
    other = create_schedule(project, label="other", times=HOURLY, options=FULL, by="command:test")
    with pytest.raises(Conflict, match="another schedule 'hourly'"):
        change_schedule(other, label="hourly", by="command:test")
    assert Schedule.objects.count() == 3, "a refused one leaves no clock"


def test_one_that_is_removed_takes_its_clock_along_and_leaves_its_runs(
    hourly: RunSchedule, reviewer: User
) -> None:
    let_pass(hourly, hours=1.1)
    look()
    work_off()
    remove(hourly, by=reviewer)
    assert (RunSchedule.objects.count(), Schedule.objects.count(), Run.objects.count()) == (0, 0, 1)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target_id) == ("schedule.remove", str(hourly.pk))
    with pytest.raises(NotFound):
        pause(hourly, by=reviewer)


def test_a_clock_is_not_deleted_under_its_schedule(hourly: RunSchedule) -> None:
    with pytest.raises(ProtectedError):
        clock_of(hourly).delete()


def test_a_clock_whose_project_is_gone_is_forgotten_when_it_strikes(hourly: RunSchedule) -> None:
    other = Schedule.objects.create(func="leads.tasks.start_scheduled_run", kwargs="{'schedule_id': 999}")
    let_pass(hourly, hours=1.1)
    RunSchedule.objects.all().delete()
    look()
    work_off()
    assert list(Schedule.objects.values_list("pk", flat=True)) == [other.pk]


def test_it_takes_a_reviewer(project: Project, hourly: RunSchedule, viewer: User, outsider: User) -> None:
    with pytest.raises(NotAllowed):
        create_schedule(project, label="mine", times=HOURLY, options=FULL, by=viewer)
    for act in (pause, resume, remove):
        with pytest.raises(NotAllowed):
            act(hourly, by=viewer)
        with pytest.raises(NotFound):
            act(hourly, by=outsider)
    with pytest.raises(NotAllowed):
        change_schedule(hourly, label="mine", by=viewer)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("* * * *", "has 4 fields, not five"),
        ("0 0 * * * *", "has 6 fields, not five"),
        ("@daily", "has 1 fields, not five"),
        ("60 * * * *", "out of range"),
        ("*/0 * * * *", "step '0'"),
        ("0 0 31 2 *", "failed to find next date"),
        ("r * * * *", "holds 'r'"),
        ("0 7 * * noday", "holds 'noday'"),
        ("0 7 * * $(x)", "holds '$(x)'"),
    ],
)
def test_a_cron_text_that_cannot_be_kept_is_refused_with_a_way_to_mend_it(text: str, wrong: str) -> None:
    with pytest.raises(BadSchedule) as refused:
        Times.parse(cron=text)
    assert wrong in refused.value.detail
    assert "Write five fields, such as `0 7 * * 1-5`" in refused.value.detail


@pytest.mark.parametrize("given", [{}, {"every_minutes": 5, "cron": "* * * * *"}, {"cron": "  "}])
def test_minutes_or_cron_but_not_both(given: dict[str, Any]) -> None:
    with pytest.raises(BadSchedule, match="either every how many minutes"):
        Times.parse(**given)


@pytest.mark.parametrize("minutes", [0, -5, 10_081])
def test_periods_are_of_a_minute_to_a_week(minutes: int) -> None:
    with pytest.raises(BadSchedule, match="from 1 to 10,080"):
        Times.parse(every_minutes=minutes)


def test_a_schedule_refreshes_nothing() -> None:
    with pytest.raises(BadOptions, match="refreshes nothing"):
        parse_options({"refresh": "judge", "since": "2026-01-31"})


def test_what_a_clock_that_was_ahead_has_covered_counts_until_now(hourly: RunSchedule) -> None:
    ahead = timezone.now() + timedelta(days=365)
    RunSchedule.objects.filter(pk=hourly.pk).update(covered_until=ahead)
    Schedule.objects.filter(pk=hourly.clock_id).update(next_run=ahead)

    assert mend_clocks() == 1
    assert mend_clocks() == 0
    assert clock_of(hourly).next_run <= timezone.now() + timedelta(hours=1)
    assert start_due(hourly.pk, due=timezone.now()).startswith("run ")
