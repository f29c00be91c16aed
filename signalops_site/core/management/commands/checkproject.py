import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...config.reading import Reading, read_project
from ...errors import ConfigProblem
from ..base import OperatorCommand


class Command(OperatorCommand):
    help = "Check a project.yaml: every problem with its line, and what is not active yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml")
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        reading = read_project_file(options["file"])
        if options["json"]:
            self._print_json(reading)
        else:
            self._print(reading, options["file"])
        if reading.errors:
            raise CommandError(f"{options['file']} has {_counted(len(reading.errors), 'error')}.")

    def _print_json(self, reading: Reading) -> None:
        problems = [_as_json(problem) for problem in reading.problems]
        self.stdout.write(json.dumps({"valid": not reading.errors, "problems": problems}, ensure_ascii=False))

    def _print(self, reading: Reading, file: Path) -> None:
        for problem in reading.problems:
            stream = self.stderr if problem.severity == "error" else self.stdout
            stream.write(f"{file}: {problem.severity}: {problem}")
        if not reading.errors:
            self.stdout.write(f"{file} is valid, with {_counted(len(reading.warnings), 'warning')}.")


def read_project_file(path: Path) -> Reading:
    """A project.yaml from disk, checked; CommandError when it cannot be read as text."""
    try:
        return read_project(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text (byte {error.start}).") from error


def _as_json(problem: ConfigProblem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
    }


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
