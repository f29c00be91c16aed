from typing import Any

from django.core.management.base import CommandParser

from leads.selectors import stats_counts
from signalops_site.core.management.base import OperatorCommand, choose_project


class Command(OperatorCommand):
    help = "Counts of a project: what was collected, judged, scored, drafted and decided."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        chosen = choose_project(options["project"])
        counts = stats_counts(chosen)
        if options["json"]:
            self.print_json(counts)
        else:
            self.print_table(["", chosen.slug], list(counts.items()))
