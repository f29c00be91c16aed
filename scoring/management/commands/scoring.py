"""`manage.py scoring plugins | rules | test`: what gives points here, and what it would give."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from scoring.base import plugins
from scoring.engine import ScoreResult, build_profile, score_batch
from scoring.rule_facts import FACT_KINDS, OPERATORS_OF
from scoring.samples import read_samples
from scoring.section import ActivePlugin, always_on, read_section
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.management.base import OperatorCommand, choose_project


class Command(OperatorCommand):
    help = "List the scoring plugins or a project's rules, or score leads written in a file."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="plugins|rules|test")
        listing = actions.add_parser("plugins", help="every plugin there is; with a project, its weights too")
        rules = actions.add_parser("rules", help="the project's rules as they were understood")
        test = actions.add_parser("test", help="score leads written in a JSON file")
        test.add_argument("file", type=Path, metavar="FILE.json", help='[{"facts": {...}, "verdict": {...}}]')
        for action in (listing, rules, test):
            self.add_project_argument(action)
            self.add_json_argument(action)

    def run(self, **options: Any) -> None:
        as_json: bool = options["json"]
        if options["action"] == "plugins":
            self.list_plugins(options["project"], as_json=as_json)
        elif options["action"] == "rules":
            self.list_rules(_document(options["project"]), as_json=as_json)
        else:
            self.score_file(options["file"], _document(options["project"]), as_json=as_json)

    def list_plugins(self, slug: str | None, *, as_json: bool) -> None:
        active = _active_plugins(_document(slug)) if slug else None
        rows = [_described(name, active) for name in plugins]
        if as_json:
            self.print_json(rows)
            return
        columns = ["name", "version", "default_weight", *(["weight"] if slug else []), "about"]
        self.print_table(columns, [[_cell(row[column]) for column in columns] for row in rows])

    def list_rules(self, document: ProjectDocument, *, as_json: bool) -> None:
        rules = [
            {"name": active.name, "boost": active.boost, "condition": active.rule.expression}
            | {"check": active.rule.check}
            for active in build_profile(document).rules
        ]
        names = [
            {"name": name, "kind": str(kind), "operators": list(OPERATORS_OF[kind])}
            for name, kind in FACT_KINDS.items()
        ]
        if as_json:
            self.print_json({"rules": rules, "names": names})
            return
        for title, rows in (("Rules", rules), ("Names", names)):
            columns = list(rows[0]) if rows else ["name"]
            self.print_table(columns, [[_cell(cell) for cell in row.values()] for row in rows], title=title)

    def score_file(self, path: Path, document: ProjectDocument, *, as_json: bool) -> None:
        facts = read_samples(_read(path), now=timezone.now())
        results = list(score_batch(facts, profile=build_profile(document)))
        if as_json:
            self.print_json([_as_json(result) for result in results])
            return
        rows = [(index, f"{result.total:.1f}", _explained(result)) for index, result in enumerate(results)]
        self.print_table(["item", "total", "why"], rows)


def _document(slug: str | None) -> ProjectDocument:
    return active_document(choose_project(slug))


def _active_plugins(document: ProjectDocument) -> dict[str, ActivePlugin]:
    return {active.plugin.name: active for active in read_section(document).plugins}


def _described(name: str, active: Mapping[str, ActivePlugin] | None) -> dict[str, object]:
    """One plugin; `weight` (the project's, None when it is off there) only when a project was named.

    `parameters` are the keys of its own section; a plugin that is always on has its weight alone.
    """
    kind = plugins.get(name)
    described: dict[str, object] = {
        "name": name,
        "version": kind.version,
        "default_weight": kind.default_weight,
        "parameters": [] if name in always_on() else list(kind.Params.model_fields),
        "about": " ".join((kind.__doc__ or "").split()),
    }
    if active is not None:
        described["weight"] = active[name].weight if name in active else None
    return described


def _as_json(result: ScoreResult) -> dict[str, object]:
    return {
        "total": result.total,
        "components": {component.plugin: component.score for component in result.components},
        "rules": [{"name": hit.name, "boost": hit.boost} for hit in result.rules],
    }


def _explained(result: ScoreResult) -> str:
    lines = [f"{part.contribution:+.1f} {part.plugin}: {part.reason}" for part in result.components]
    return "\n".join([*lines, *(f"{hit.boost:+.1f} rule {hit.name}" for hit in result.rules)])


def _cell(value: object) -> str:
    if value is None:
        return "off"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
