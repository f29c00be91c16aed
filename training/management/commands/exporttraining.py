"""`exporttraining`: files that trainers load as they are."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signalops_site.core.management.base import OperatorCommand, choose_project
from training.exports import ExportWish, export_to
from training.files import card_path
from training.models import Export, ExportFormat, ExportType

BY = "command:exporttraining"
LATER = ("judgments", "drafts", "outcomes")
TOLD = {
    "restricted": "left out: their platform's terms forbid training (--include-restricted takes them in)",
    "gone": "left out: their posts are gone at their platform",
    "do_not_contact": "left out: their authors are on the do-not-contact list",
    "without_prompt": "left out: no prompt is stored for their drafts",
}


class Command(OperatorCommand):
    help = (
        "Write what people decided as a file for trainers (JSON lines), with a dataset card beside it. The file "
        "is there when it is whole; one of that name is replaced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--type", required=True, metavar="TYPE", help="dpo: preference pairs")
        parser.add_argument(
            "--format",
            default=ExportFormat.TRL.value,
            metavar="FORMAT",
            help=f"{', '.join(ExportFormat.values)}; default: %(default)s",
        )
        parser.add_argument("--output", required=True, type=Path, metavar="PATH", help="the file to write")
        parser.add_argument("--since", metavar="DATE", help="pairs of that day (UTC) or later, such as 2026-01-31")
        parser.add_argument("--include-metadata", action="store_true", help="say of each pair where it comes from")
        parser.add_argument(
            "--include-restricted",
            action="store_true",
            help="also pairs of platforms whose terms forbid training: only with their permission",
        )
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        wish = _wish(options)
        path: Path = options["output"]
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise CommandError(
                f"--output names a file in a folder that exists, which {path} is not.", returncode=2
            )
        export = export_to(path, choose_project(options["project"]), wish, by=BY)
        if options["json"]:
            self.print_json(_as_json(export))
        else:
            self._tell(export, path)

    def _tell(self, export: Export, path: Path) -> None:
        self.stdout.write(f"{export.rows} pairs in {path} ({export.format}), described in {card_path(path)}.")
        for reason, told in TOLD.items():
            if count := export.counts["left_out"][reason]:
                self.stdout.write(f"{count} {told}.")


def _wish(options: dict[str, Any]) -> ExportWish:
    if options["type"] in LATER:
        raise CommandError(f"--type {options['type']} is not there yet; --type dpo is.", returncode=2)
    if options["type"] not in ExportType.values:
        raise CommandError(f"--type is dpo, not {options['type']!r}.", returncode=2)
    if options["format"] not in ExportFormat.values:
        offered = ", ".join(ExportFormat.values)
        raise CommandError(f"--type dpo has the formats {offered}; not {options['format']!r}.", returncode=2)
    return ExportWish(
        ExportType(options["type"]),
        ExportFormat(options["format"]),
        since=_day(options["since"]) if options["since"] is not None else None,
        include_metadata=options["include_metadata"],
        include_restricted=options["include_restricted"],
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since is a date such as 2026-01-31, not {text!r}.", returncode=2) from None
    if day > datetime.now(UTC).date():
        raise CommandError(f"--since is a day that has begun; {text} has not.", returncode=2)
    return day


def _as_json(export: Export) -> dict[str, Any]:
    return {
        "export": export.pk,
        "type": export.type,
        "format": export.format,
        "path": export.path,
        "card": str(card_path(Path(export.path))),
        "rows": export.rows,
        "bytes": export.bytes,
        "sha256": export.sha256,
        **export.counts,
    }
