from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from leads.models import RunSchedule
from leads.models.schedules import MOST_MINUTES
from leads.services import schedules
from leads.services.schedules import DEFAULT_LABEL, Times
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

BY = "command:schedules"


class Command(OperatorCommand):
    help = "When a project's pipeline runs by itself: list, set, pause, resume, remove. All times are UTC."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="schedules, with their next run and what came of the last")
        setting = acts.add_parser("set", help="make a schedule, or change the one of that label")
        _add_times(setting)
        _add_options(setting)
        pausing = acts.add_parser("pause", help="start no run from now on")
        resuming = acts.add_parser("resume", help="go on from now; nothing is caught up")
        removing = acts.add_parser("remove", help="forget a schedule; its runs stay")
        for act in (setting, pausing, resuming, removing):
            act.add_argument(
                "--label", metavar="NAME", help=f"which one (set: {DEFAULT_LABEL}, else the only one)"
            )
        for act in (listing, setting, pausing, resuming, removing):
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        done = ACTS[options["act"]](project, options)
        if options["json"]:
            self.print_json({"results": [_as_json(schedule) for schedule in done]})
        elif done:
            columns = ["id", "label", "runs", "next run (UTC)", "last time", "options"]
            self.print_table(columns, [_row(schedule) for schedule in done])
            self._tell_problems(done)
        else:
            self.stdout.write("No schedule." if options["act"] == "list" else "The schedule is removed.")

    def _tell_problems(self, done: list[RunSchedule]) -> None:
        for schedule in done:
            if schedule.last_problem:
                self.stdout.write(f"{schedule.label}: {schedule.last_problem}")


def _add_times(parser: CommandParser) -> None:
    times = parser.add_mutually_exclusive_group(required=True)
    times.add_argument("--every", type=int, metavar="N", help=f"every N minutes, 1 to {MOST_MINUTES}")
    times.add_argument("--cron", metavar="TEXT", help='five fields in UTC, such as "0 7 * * 1-5"')


def _add_options(parser: CommandParser) -> None:
    parser.add_argument("--stages", default="", metavar="A,B", help="only these stages, in their usual order")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N items in each stage")
    parser.add_argument("--batch", action="store_true", help="collect several queries at once")
    parser.add_argument("--concurrency", type=int, metavar="N", help="so many at once; with it, --batch is meant")


def _list(project: Project, _options: dict[str, Any]) -> list[RunSchedule]:
    rows = RunSchedule.objects.filter(project=project).order_by("label")
    return list(rows.select_related("project", "clock", "last_run", "paused_by"))


def _set(project: Project, options: dict[str, Any]) -> list[RunSchedule]:
    stages = [name.strip() for name in options["stages"].split(",") if name.strip()]
    scope = {name: options[name] for name in ("limit", "batch", "concurrency")}
    schedule, _ = schedules.set_schedule(
        project,
        label=DEFAULT_LABEL if options["label"] is None else options["label"],
        times=Times.parse(every_minutes=options["every"], cron=options["cron"] or ""),
        options=schedules.parse_options({"stages": stages, **scope}),
        by=BY,
    )
    return [schedule]


def _remove(project: Project, options: dict[str, Any]) -> list[RunSchedule]:
    schedules.remove(_chosen(project, options), by=BY)
    return []


ACTS: dict[str, Callable[[Project, dict[str, Any]], list[RunSchedule]]] = {
    "list": _list,
    "set": _set,
    "pause": lambda project, options: [schedules.pause(_chosen(project, options), by=BY)],
    "resume": lambda project, options: [schedules.resume(_chosen(project, options), by=BY)],
    "remove": _remove,
}


def _chosen(project: Project, options: dict[str, Any]) -> RunSchedule:
    """The one of that label, or the only one that the project has."""
    known = _list(project, options)
    if options["label"] is None and len(known) == 1:
        return known[0]
    found = next((schedule for schedule in known if schedule.label == options["label"]), None)
    if found is None:
        labels = ", ".join(schedule.label for schedule in known)
        hint = f"Say which one with --label: {labels}." if labels else "`schedules set` makes one."
        what = "several schedules" if options["label"] is None and known else "no such schedule"
        raise NotFound(f"The project {project.slug!r} has {what}. {hint}")
    return found


def _row(schedule: RunSchedule) -> list[object]:
    at = schedule.next_run_at
    options = ", ".join(f"{name} {value}" for name, value in schedule.options.items())
    return [
        schedule.pk,
        schedule.label,
        schedule.times,
        at.strftime("%Y-%m-%d %H:%M") if at else "paused",
        _last_time(schedule),
        options or "-",
    ]


def _last_time(schedule: RunSchedule) -> str:
    if not schedule.last_outcome:
        return "-"
    if schedule.last_problem:
        return schedule.get_last_outcome_display().lower()
    return f"run {schedule.last_run.pk} {schedule.last_run.status}" if schedule.last_run else "started a run"


def _as_json(schedule: RunSchedule) -> dict[str, object]:
    run, by = schedule.last_run, schedule.paused_by
    return {
        "id": schedule.pk,
        "project": schedule.project.slug,
        "label": schedule.label,
        "every_minutes": schedule.every_minutes,
        "cron": schedule.cron,
        "options": schedule.options,
        "next_run_at": schedule.next_run_at and schedule.next_run_at.isoformat(),
        "paused_at": schedule.paused_at and schedule.paused_at.isoformat(),
        "paused_by": by and by.get_username(),
        "last_due_at": schedule.last_due_at and schedule.last_due_at.isoformat(),
        "last_outcome": schedule.last_outcome,
        "last_problem": schedule.last_problem,
        "last_run": run and {"id": run.pk, "status": run.status},
    }
