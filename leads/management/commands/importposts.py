from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.progress import track

from leads.services.imports import (
    BATCH,
    CheckedFile,
    ImportResult,
    check_file,
    import_posts,
    left_out_words,
)
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project


class Command(OperatorCommand):
    help = (
        "Take posts from a file into a project: JSON lines, CSV, X's JSON, or what was exported from LinkedIn. "
        "Importing the same file again adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=["auto", "jsonl", "csv", "x", "linkedin"], default="auto")
        parser.add_argument("--query", metavar="LABEL", default="", help="the query label that the leads carry")
        parser.add_argument("--shift-dates", action="store_true", help="move all dates so that the newest is now")
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        chosen = None if options["format"] == "auto" else options["format"]
        file = check_file(options["file"], file_format=chosen, project=project)
        result = self._import(project, file, options)
        if options["json"]:
            left_out = {"left_out": dict(file.left_out)} if file.left_out else {}
            self.print_json({"read": result.read, "added": result.added, **left_out})
        else:
            self.stdout.write(f"Read {result.read:,} posts; {result.added:,} are new leads of {project.slug}.")
            if file.left_out:
                self.stdout.write(left_out_words(file.left_out))

    def _import(self, project: Project, file: CheckedFile, options: dict[str, Any]) -> ImportResult:
        label = options["query"] or f"file {file.path.name}"
        shift = options["shift_dates"]
        results = import_posts(project, file, by="command:importposts", query_label=label, shift_dates=shift)
        quiet = options["json"] or not self.stdout.isatty()
        told = track(results, description="Importing", total=-(-file.posts // BATCH), disable=quiet)
        return list(told)[-1]
