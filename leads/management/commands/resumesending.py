from typing import Any

from django.core.management.base import CommandError, CommandParser

from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.pauses import pause_of, resume_sending

BY = "command:resumesending"


class Command(OperatorCommand):
    help = "End the pauses of a project's sending, or those of all. What was queued meanwhile leaves then."

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("--all", action="store_true", help="the pauses of all projects at once")

    def run(self, **options: Any) -> None:
        if options["all"] and options["project"]:
            raise CommandError("Say either --all or one --project.")
        project = None if options["all"] else choose_project(options["project"])
        resume_sending(project, by=BY)
        whose = project.slug if project else "all projects"
        still = pause_of(project) if project else None
        hint = " All projects are paused still (`--all`)." if still else ""
        self.stdout.write(f"Sending of {whose} goes on.{hint}")
