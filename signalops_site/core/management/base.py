"""What every operator's command shares: the project option, clear errors, and output for people or programs.

Exit codes: 0 done, 1 refused or failed (one sentence on stderr), 2 wrong usage.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import OperationalError, ProgrammingError
from rich.console import Console
from rich.table import Table

from ..errors import DomainError
from ..models import Project

MOST_ROWS = 10_000
MEND_DATABASE = "`manage.py migrate` brings its tables up to date; DATABASE_URL says which one it is."


class OperatorCommand(BaseCommand):
    """Parse, call one service, present. Subclasses implement `run`."""

    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)

    def add_project_argument(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--project", metavar="SLUG", help="the project's id; may be left out when there is one"
        )

    def add_json_argument(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for a program to read")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.run(**options)
        except DomainError as error:
            raise CommandError(error.detail) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database does not answer as it should ({error}). {MEND_DATABASE}") from error
        except BrokenPipeError:
            sys.stderr.close()

    def run(self, **options: Any) -> None:
        raise CommandError(f"{type(self).__name__} defines no run().")

    def print_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, default=str))

    def print_table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
        """A table for a person: cells are text (never markup), wrapped to the terminal's width."""
        table = Table(title=title or None, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        Console(file=cast("TextIO", self.stdout), markup=False, highlight=False).print(table)


def most_rows(text: str) -> int:
    """How many rows a list has at most, as somebody typed it."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_ROWS):
        raise ArgumentTypeError(f"{text!r:.40} is no whole number from 1 to {MOST_ROWS}")
    return int(text)


def choose_project(slug: str | None) -> Project:
    """The named project, or the only one there is; a CommandError that lists them otherwise."""
    projects = Project.objects.order_by("slug")
    if slug:
        found = projects.filter(slug=slug).first()
        if found:
            return found
        raise CommandError(f"There is no project {slug!r}. {_listed(projects)}")
    active = list(projects.filter(is_active=True)[:2])
    if len(active) == 1:
        return active[0]
    raise CommandError(f"Say which project with --project SLUG. {_listed(projects)}")


def _listed(projects: Any) -> str:
    slugs = ", ".join(projects.values_list("slug", flat=True)[:20])
    return f"There are: {slugs}." if slugs else "There is none yet: `manage.py importproject FILE.yaml` makes one."
