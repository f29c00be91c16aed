from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.pauses import pause_sending

BY = "command:pausesending"


class Command(OperatorCommand):
    help = "The kill switch: send nothing of a project, or of any, until it is resumed or some hours have passed."

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("--all", action="store_true", help="of all projects")
        parser.add_argument("--why", default="", metavar="TEXT", help="shown to whoever wants to send")
        parser.add_argument("--hours", type=float, metavar="N", help="left out: until `resumesending`")

    def run(self, **options: Any) -> None:
        if options["all"] and options["project"]:
            raise CommandError("Say either --all or one --project.")
        hours = options["hours"]
        if hours is not None and not 0 < hours <= 24 * 366:
            raise CommandError("--hours takes a number above 0, of a year at most.")
        project = None if options["all"] else choose_project(options["project"])
        until = timezone.now() + timedelta(hours=hours) if hours is not None else None
        pause_sending(project, by=BY, why=options["why"], until=until)
        whose = project.slug if project else "all projects"
        lasts = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until it is resumed"
        self.stdout.write(f"Sending of {whose} is paused {lasts}.")
