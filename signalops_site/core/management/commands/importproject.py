from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ...config.versions import import_project
from ...errors import ConfigError
from ..base import OperatorCommand
from .checkproject import read_project_file


class Command(OperatorCommand):
    help = "Save a project.yaml as a new configuration version; the first one of a project becomes active."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml")
        parser.add_argument("--activate", action="store_true", help="have the next run use it")
        parser.add_argument("--note", default="", help="why it changed, kept with the version")

    def run(self, **options: Any) -> None:
        reading = read_project_file(options["file"])
        if reading.errors:
            raise ConfigError(reading.errors)
        for warning in reading.warnings:
            self.stderr.write(f"{options['file']}: warning: {warning}")
        version, is_new = import_project(
            reading, by="command:importproject", activate=options["activate"], note=options["note"]
        )
        said = "is version" if is_new else "is unchanged: it is version"
        version.project.refresh_from_db()
        is_active = version.project.active_config_id == version.pk
        self.stdout.write(
            f"{version.project.slug} {said} {version.number}{', active' if is_active else ', not active'}."
        )
