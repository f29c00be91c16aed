"""`backfillpairs`: the preference pairs of decisions that have none yet."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from signalops_site.core.management.base import OperatorCommand, choose_project
from training.preferences import backfill_pairs

BY = "command:backfillpairs"


class Command(OperatorCommand):
    help = (
        "Make the preference pairs that decisions ask for and that are not there, and bring licence tags up to "
        "date. Safe to repeat; what a person removed stays removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        done = backfill_pairs(choose_project(options["project"]), by=BY)
        if options["json"]:
            self.print_json(asdict(done))
        else:
            self.stdout.write(f"{done.made} pairs made, {done.tagged} licence tags changed.")
