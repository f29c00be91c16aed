from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from leads.pipeline.base import Tally
from leads.pipeline.runner import RunOptions, plan_run
from leads.services.runs import queue_run, run_now
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project, Run, RunStatus

BY = "command:runpipeline"


class Command(OperatorCommand):
    help = "Collect, normalize, judge, score, notify and draft. Interrupted runs go on where they were."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--stages", default="", metavar="A,B", help="only these stages, in their usual order")
        parser.add_argument("--batch", action="store_true", help="collect several queries at once")
        parser.add_argument(
            "--concurrency", type=int, metavar="N", help="so many at once; with it, --batch is meant"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="at most N items in each stage")
        parser.add_argument("--refresh", choices=["judge", "score"], help="redo this for leads found --since")
        parser.add_argument("--since", metavar="DATE", help="such as 2026-01-31")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--background", action="store_true", help="leave it to a worker")
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        asked = RunOptions.parse(
            stages=[name.strip() for name in options["stages"].split(",") if name.strip()],
            limit=options["limit"],
            batch=options["batch"],
            concurrency=options["concurrency"],
            refresh=options["refresh"],
            since=options["since"],
        )
        if options["dry_run"]:
            self._print_plan(project, asked, as_json=options["json"])
        elif options["background"]:
            self._print_run(queue_run(project, asked, by=BY, trigger="command"), as_json=options["json"])
        else:
            self._run_here(project, asked, as_json=options["json"])

    def _run_here(self, project: Project, asked: RunOptions, *, as_json: bool) -> None:
        with _Bars(quiet=as_json or not self.stdout.isatty()) as bars:
            run = run_now(project, asked, by=BY, observer=bars.show)
        self._print_run(run, as_json=as_json)
        if run.status not in (RunStatus.SUCCEEDED, RunStatus.PARTIAL):
            raise CommandError(f"Run {run.pk} {run.status}. {run.error}".strip())

    def _print_plan(self, project: Project, asked: RunOptions, *, as_json: bool) -> None:
        plan = plan_run(project, asked)
        if as_json:
            waiting = {name: {"pending": count} for name, count in plan.stages.items()}
            self.print_json({"run": None, "status": "dry_run", "stages": waiting, "refreshed": plan.refreshed})
            return
        if asked.refresh:
            self.stdout.write(f"Would send {plan.refreshed} leads back to {asked.refresh}.")
        for name, count in plan.stages.items():
            unit = "queries" if name == "collect" else "leads"
            self.stdout.write(f"{name}: {count} {unit} waiting")
        self.stdout.write("Nothing was written. What one stage would leave to the next is not counted.")

    def _print_run(self, run: Run, *, as_json: bool) -> None:
        if as_json:
            self.print_json({"run": run.pk, "status": run.status, "stages": run.stages})
            return
        columns = ("stage", "done", "failed", "skipped", "seconds")
        rows = [(name, *(counts[column] for column in columns[1:])) for name, counts in run.stages.items()]
        if rows:
            self.print_table(columns, rows, title=f"Run {run.pk} of {run.project.slug}: {run.status}")
        else:
            self.stdout.write(f"Run {run.pk} of {run.project.slug} is {run.status}.")
        for name, counts in run.stages.items():
            for note in counts.get("notes", []):
                self.stdout.write(f"{name}: {note}")
            for problem in counts.get("problems", []):
                self.stderr.write(f"{name}: {problem}")


class _Bars:
    """A progress bar per stage on a terminal; nothing elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=quiet,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, stage: str, tally: Tally) -> None:
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(stage)
        handled = tally.done + tally.failed + tally.skipped
        self._progress.update(self._bars[stage], completed=handled, total=max(tally.total, handled, 1))
