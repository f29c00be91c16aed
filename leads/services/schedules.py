"""Schedules: a project's pipeline runs by itself, every so many minutes or at the times of a cron text (UTC).

Each `RunSchedule` has one schedule of django-q, its clock, which only the services here write, in the transaction
of the row's own change. django-q's scheduler alone would not keep the promise that a missed run is caught up once:

    it moves a clock past now in one step (`catch_up` False) and puts one job in the queue, under a row lock, so
    several clusters make one job and ten missed periods make one job as well; but jobs are delivered at least
    once, and one that lay in the queue when the workers stopped comes beside the one that is caught up.

So each job carries the time that it was due at (`intended_date_kwarg`), and the row says until when everything is
covered: one conditional update takes the job's turn and covers all that was due until now, in the transaction that
queues the run. Whatever else was due in that time finds itself covered. The scheduler walks all clocks in one
transaction, in which one text that croniter refuses would stop the others too, the beat among them: so a cron text
is tried with django-q's own reckoning before it is kept.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.models import Schedule

from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError, NotFound, RunIsLive
from signalops_site.core.jobs import Cluster
from signalops_site.core.models import Project, Role, Run
from signalops_site.core.permissions import require_role

from ..models import RunSchedule, ScheduleOutcome
from ..models.schedules import MOST_MINUTES
from ..pipeline.runner import BadOptions, RunOptions
from .runs import queue_run

log = logging.getLogger(__name__)

BY = "job:schedule"
TASK = "leads.tasks.start_scheduled_run"
MOST_LABEL = 64
DEFAULT_LABEL = "regular"
CLOCKS_DIFFER = timedelta(minutes=5)

CRON_WORD = re.compile(r"[^0-9*/,# -]+")
CRON_WORDS = {
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    *("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
    "l",  # the last day of a month
}
CRON_EXAMPLE = "such as `0 7 * * 1-5`: minute, hour, day of the month, month, day of the week, in UTC"


class BadSchedule(DomainError):
    title = "The schedule does not hold"


@dataclass(frozen=True, slots=True)
class Times:
    """When: every so many minutes, or at the times of a cron text. One of the two."""

    every_minutes: int | None = None
    cron: str = ""

    @classmethod
    def parse(cls, *, every_minutes: int | None = None, cron: str = "") -> "Times":
        """BadSchedule says what is wrong, and what would hold."""
        cron = " ".join(cron.split()).lower()
        if (every_minutes is None) == (not cron):
            raise BadSchedule(
                f"Say either every how many minutes (1 to {MOST_MINUTES:,}) or a cron text, not both."
            )
        if every_minutes is not None and not 1 <= every_minutes <= MOST_MINUTES:
            raise BadSchedule(f"Every how many minutes: a whole number from 1 to {MOST_MINUTES:,} (a week).")
        times = cls(every_minutes, cron)
        if cron:
            _check_fields(cron)
            times.next_run(timezone.now())
        return times

    def next_run(self, now: datetime) -> datetime:
        """The first time from now on, as the scheduler itself will reckon it."""
        if self.every_minutes is not None:
            return now + timedelta(minutes=self.every_minutes)
        clock = Schedule(schedule_type=Schedule.CRON, cron=self.cron)
        try:
            at: datetime = clock.calculate_next_run()
        except ValueError as error:
            raise BadSchedule(f"The cron text {self.cron!r} cannot be used ({error}). {_mend()}") from error
        return at


def _check_fields(cron: str) -> None:
    """croniter would also take seconds, years, and chance (`r`), which mean something else in other crons."""
    fields = cron.split()
    if len(fields) != 5 or len(cron) > 100:
        raise BadSchedule(f"The cron text {cron[:100]!r} has {len(fields)} fields, not five. {_mend()}")
    strange = [word for word in CRON_WORD.findall(cron) if word not in CRON_WORDS]
    if strange:
        raise BadSchedule(f"The cron text {cron!r} holds {strange[0]!r}, which means nothing there. {_mend()}")


def _mend() -> str:
    return f"Write five fields, {CRON_EXAMPLE}."


def parse_options(given: Mapping[str, Any]) -> RunOptions:
    """Options of each run; a schedule takes no `refresh`, which is an errand for once."""
    options = RunOptions.parse(**given)
    if options.refresh:
        raise BadOptions("A schedule refreshes nothing: start such a run by hand.")
    return options


def create_schedule(
    project: Project, *, label: str, times: Times, options: RunOptions, by: audit.Actor
) -> RunSchedule:
    """A new schedule, not paused. Conflict when the project has one of that label."""
    _require_reviewer(by, project)
    label = _checked_label(label)
    try:
        with transaction.atomic():
            schedule = RunSchedule.objects.create(
                project=project,
                label=label,
                every_minutes=times.every_minutes,
                cron=times.cron,
                options=options.as_json(),
                clock=Schedule.objects.create(func=TASK, repeats=0, cluster=Cluster.SHORT.value),
                covered_until=timezone.now(),
            )
            _begin_anew(schedule)
            _record("schedule.create", schedule, by=by, fields=["every_minutes", "cron", "options"])
    except IntegrityError as error:
        raise Conflict(
            f"The project has a schedule {label!r} already: change that one, or choose another label."
        ) from error
    return _read(schedule)


@transaction.atomic
def change_schedule(
    schedule: RunSchedule,
    *,
    by: audit.Actor,
    label: str | None = None,
    times: Times | None = None,
    options: RunOptions | None = None,
) -> RunSchedule:
    """Change what is given. New times count from now; what the old ones still had to bring is dropped."""
    schedule = _locked(schedule, by=by)
    before = _values(schedule)
    if label is not None:
        schedule.label = _checked_label(label)
    if times is not None:
        schedule.every_minutes, schedule.cron = times.every_minutes, times.cron
    if options is not None:
        schedule.options = options.as_json()
    after = _values(schedule)
    changed = [name for name, value in after.items() if value != before[name]]
    if changed:
        _save(schedule, changed)
        if {"every_minutes", "cron"} & set(changed):
            _begin_anew(schedule)
        _record("schedule.change", schedule, by=by, fields=changed)
    return _read(schedule)


def set_schedule(
    project: Project, *, label: str, times: Times, options: RunOptions, by: audit.Actor
) -> tuple[RunSchedule, bool]:
    """The project's schedule of that label as it is given here, and whether it is a new one."""
    known = RunSchedule.objects.filter(project=project, label=_checked_label(label)).first()
    if known is None:
        return create_schedule(project, label=label, times=times, options=options, by=by), True
    return change_schedule(known, times=times, options=options, by=by), False


@transaction.atomic
def pause(schedule: RunSchedule, *, by: audit.Actor) -> RunSchedule:
    """No run from now on. A run that it has started goes on."""
    schedule = _locked(schedule, by=by)
    if schedule.paused_at is None:
        schedule.paused_at = timezone.now()
        schedule.paused_by_id = getattr(by, "pk", None)
        schedule.save(update_fields=["paused_at", "paused_by"])
        _wind(schedule)
        _record("schedule.pause", schedule, by=by, fields=["paused_at"])
    return _read(schedule)


@transaction.atomic
def resume(schedule: RunSchedule, *, by: audit.Actor) -> RunSchedule:
    """Go on from now; what it would have run while it was paused is not caught up."""
    schedule = _locked(schedule, by=by)
    if schedule.paused_at is not None:
        schedule.paused_at = schedule.paused_by = None
        schedule.save(update_fields=["paused_at", "paused_by"])
        _begin_anew(schedule)
        _record("schedule.resume", schedule, by=by, fields=["paused_at"])
    return _read(schedule)


@transaction.atomic
def remove(schedule: RunSchedule, *, by: audit.Actor) -> None:
    """Its runs stay."""
    schedule = _locked(schedule, by=by)
    RunSchedule.objects.filter(pk=schedule.pk).delete()
    Schedule.objects.filter(pk=schedule.clock_id).delete()
    _record("schedule.remove", schedule, by=by, fields=["label"])


@transaction.atomic
def mend_clocks() -> int:
    """Set the hands that a clock of this machine which was ahead has moved too far; how many."""
    now = timezone.now()
    ahead = [
        row for row in RunSchedule.objects.filter(paused_at=None).select_related("clock") if _is_ahead(row, now)
    ]
    for schedule in ahead:
        log.warning("schedule %s was set by a clock that was ahead, and goes on from now", schedule.pk)
        _begin_anew(schedule)
    return len(ahead)


def _is_ahead(schedule: RunSchedule, now: datetime) -> bool:
    """Two machines' clocks differ a little, and that passes."""
    latest = Times(schedule.every_minutes, schedule.cron).next_run(now) + CLOCKS_DIFFER
    return schedule.clock.next_run > latest or schedule.covered_until > now + CLOCKS_DIFFER


@transaction.atomic
def start_due(schedule_id: int, *, due: datetime) -> str:
    """Start the run that was due then, unless that time is covered; answers what was done.

    A live run is no mistake: it does what this one would have done, so this time is passed over. Whatever else
    stands in the way is written on the row, and tried again when it is due the next time.
    """
    now = max(timezone.now(), due)
    mine = RunSchedule.objects.filter(pk=schedule_id, paused_at=None, covered_until__lt=due)
    if not mine.update(covered_until=now, last_due_at=due):
        _forget_clock_without_schedule(schedule_id)
        return "nothing was due"
    schedule = RunSchedule.objects.select_related("project__active_config").get(pk=schedule_id)
    run, schedule.last_outcome, schedule.last_problem = _start(schedule)
    schedule.last_run = run or schedule.last_run
    schedule.save(update_fields=["last_outcome", "last_problem", "last_run"])
    fields = {"outcome": schedule.last_outcome, "run": run.pk if run else None}
    audit.record("schedule.due", by=BY, project=schedule.project, on=schedule, fields=fields)
    return schedule.last_problem or f"run {schedule.last_run_id}"


def _start(schedule: RunSchedule) -> tuple[Run | None, ScheduleOutcome, str]:
    if not schedule.project.is_active:
        problem = f"The project {schedule.project.slug!r} is switched off."
        return None, ScheduleOutcome.REFUSED, problem
    try:
        options = parse_options(schedule.options)
        run = queue_run(schedule.project, options, by=BY, trigger="schedule")
    except RunIsLive as live:
        return None, ScheduleOutcome.PASSED_OVER, live.detail
    except DomainError as error:
        return None, ScheduleOutcome.REFUSED, error.detail
    return run, ScheduleOutcome.STARTED, ""


def _require_reviewer(by: audit.Actor, project: Project) -> None:
    if isinstance(by, User):
        require_role(by, project, Role.REVIEWER)


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not 1 <= len(label) <= MOST_LABEL:
        raise BadSchedule(f"A label has 1 to {MOST_LABEL} characters.")
    return label


def _locked(schedule: RunSchedule, *, by: audit.Actor) -> RunSchedule:
    found = RunSchedule.objects.select_for_update().filter(pk=schedule.pk).first()
    if found is None:
        raise NotFound("There is no such schedule any more.")
    _require_reviewer(by, found.project)
    return found


def _values(schedule: RunSchedule) -> dict[str, object]:
    return {name: getattr(schedule, name) for name in ("label", "every_minutes", "cron", "options")}


def _save(schedule: RunSchedule, fields: list[str]) -> None:
    try:
        with transaction.atomic():
            schedule.save(update_fields=fields)
    except IntegrityError as error:
        raise Conflict(f"The project has another schedule {schedule.label!r}: choose another label.") from error
    _wind(schedule)


def _begin_anew(schedule: RunSchedule) -> None:
    """Count from now: a job that is still on its way was for the time before."""
    schedule.covered_until = timezone.now()
    schedule.save(update_fields=["covered_until"])
    next_run = Times(schedule.every_minutes, schedule.cron).next_run(schedule.covered_until)
    Schedule.objects.filter(pk=schedule.clock_id).update(next_run=next_run)
    _wind(schedule)


def _wind(schedule: RunSchedule) -> None:
    """Bring the clock in step with its row, but for the hands. A paused one stands still (`repeats` 0)."""
    Schedule.objects.filter(pk=schedule.clock_id).update(
        name=f"Runs of {schedule.project.slug}: {schedule.label}"[:100],
        kwargs=repr({"schedule_id": schedule.pk, "q_options": {"save": False}}),
        intended_date_kwarg="due",
        schedule_type=Schedule.CRON if schedule.cron else Schedule.MINUTES,
        minutes=schedule.every_minutes,
        cron=schedule.cron or None,
        repeats=0 if schedule.paused_at else -1,
    )


def _forget_clock_without_schedule(schedule_id: int) -> None:
    """Rows go with their project; the clock of one is met here when it strikes the next time."""
    if RunSchedule.objects.filter(pk=schedule_id).exists():
        return
    Schedule.objects.filter(func=TASK, kwargs__startswith=f"{{'schedule_id': {schedule_id},").delete()


def _record(action: str, schedule: RunSchedule, *, by: audit.Actor, fields: list[str]) -> None:
    audit.record(action, by=by, project=schedule.project, on=schedule, fields={"fields": fields})


def _read(schedule: RunSchedule) -> RunSchedule:
    return RunSchedule.objects.select_related("project", "clock", "last_run", "paused_by").get(pk=schedule.pk)
