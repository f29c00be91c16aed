from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...audit_chains import ChainCheck, check_chains
from ...audit_verification import Finding
from ...models import Project
from ..base import OperatorCommand, choose_project


class Command(OperatorCommand):
    help = (
        "Check that no entry of the audit log was changed, removed, inserted or reordered. Prints the digest at "
        "the end of each chain: kept elsewhere and given to --expect later, it shows that nothing was replaced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--project", metavar="SLUG", help="only this project's chain; all chains when left out"
        )
        parser.add_argument(
            "--expect",
            metavar="DIGEST",
            action="append",
            default=[],
            help="a digest that an earlier check printed and that must still be there; may be repeated",
        )
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        only: Project | None = choose_project(options["project"]) if options["project"] else None
        expected: Sequence[str] = options["expect"]
        checks = list(check_chains(only=only, expected=expected))
        lost = sorted(set(expected).difference(*(check.report.expected_found for check in checks)))
        if options["json"]:
            self.print_json(_as_json(checks, lost))
        else:
            self._print(checks, lost)
        broken = [check.name for check in checks if not check.report.is_intact]
        if broken or lost:
            raise CommandError(_verdict(broken, lost))

    def _print(self, checks: Sequence[ChainCheck], lost: Iterable[str]) -> None:
        for check in checks:
            report = check.report
            state = "intact" if report.is_intact else "NOT intact"
            self.stdout.write(f"{check.name}: {report.entries} entries, {state}, ends with {report.digest or '-'}")
            for finding in report.findings:
                self.stdout.write(f"  {finding.kind.value}: {finding.message}{_row(finding)}")
            if report.more_findings:
                self.stdout.write("  ... and more.")
        for digest in lost:
            self.stdout.write(
                f"The digest {digest} is in none of these chains: what it ended was replaced or removed."
            )
        if not checks:
            self.stdout.write("The audit log is empty.")


def _row(finding: Finding) -> str:
    return "" if finding.entry is None else f" (row {finding.entry})"


def _as_json(checks: Sequence[ChainCheck], lost: Sequence[str]) -> dict[str, Any]:
    return {
        "intact": not lost and all(check.report.is_intact for check in checks),
        "entries": sum(check.report.entries for check in checks),
        "expected_missing": list(lost),
        "chains": [
            {
                "chain": check.name,
                "project": check.slug,
                "intact": check.report.is_intact,
                "entries": check.report.entries,
                "digest": check.report.digest,
                "keyed_from": check.report.keyed_from,
                "findings": [asdict(finding) for finding in check.report.findings],
                "more_findings": check.report.more_findings,
            }
            for check in checks
        ],
    }


def _verdict(broken: Sequence[str], lost: Sequence[str]) -> str:
    said = [f"The audit log is not intact: {', '.join(broken)}."] if broken else []
    return " ".join([*said, *(["A digest that was expected is missing."] if lost else [])])
