from typing import Any

from django.core.management.base import CommandParser

from ...config.versions import active_version
from ..base import OperatorCommand, choose_project


class Command(OperatorCommand):
    help = "Print a project's active configuration as YAML, exactly as it was imported."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", metavar="SLUG")
        self.add_project_argument(parser)

    def run(self, **options: Any) -> None:
        project = choose_project(options["slug"] or options["project"])
        self.stdout.write(active_version(project).source, ending="")
