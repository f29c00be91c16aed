from typing import Any, cast

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signalops_site.core.management.base import OperatorCommand
from signalops_site.doctor.examination import AREAS, examine_everything
from signalops_site.doctor.findings import Finding, as_json

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


class Command(OperatorCommand):
    help = (
        "Look whether this install is well: settings, keys, database, queue, workers, projects, disk. "
        "Each finding comes with its mend; nothing is changed. Exit code 1 when something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        findings = examine_everything()
        if options["json"]:
            self.print_json(as_json(findings))
        else:
            self._print_findings(findings)
        errors = sum(finding.level == "error" for finding in findings)
        if errors:
            raise CommandError(f"{errors} {'thing is' if errors == 1 else 'things are'} wrong.")

    def _print_findings(self, findings: list[Finding]) -> None:
        table = Table("level", "check", "finding, and its mend", title="Doctor", title_justify="left")
        for checks in AREAS.values():
            names = {check.name for check in checks}
            for finding in findings:
                if finding.check in names:
                    table.add_row(*_row(finding))
            table.add_section()
        Console(file=cast("Any", self.stdout), markup=False, highlight=False).print(table)


def _row(finding: Finding) -> tuple[Text, ...]:
    told = Text(finding.message, overflow="fold")
    if finding.mend:
        told.append(f"\n-> {finding.mend}", style="bold")
    return Text(finding.level, style=COLOURS[finding.level]), Text(finding.check), told
