from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q, QuerySet

from leads.identities import Identity, IdentityKind, identity_of
from leads.models import Suppression
from leads.services.suppressions import Imported, find, import_entries, lift, suppress
from leads.suppression_files import parse_moment, read_lines, write_rows
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

BY = "command:suppress"


class Command(OperatorCommand):
    help = "The do-not-contact list: who is never answered, in one project or (--all) in every one."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        adding = acts.add_parser("add", help="put somebody on the list; again: replace reason and date")
        removing = acts.add_parser("remove", help="take an entry off the list")
        listing = acts.add_parser("list", help="the project's entries, and those for all projects")
        importing = acts.add_parser("import", help="add what a CSV file holds")
        exporting = acts.add_parser("export", help="write the list as CSV")
        removing.add_argument("id", type=int, metavar="ID", nargs="?", help="the entry's id, or name it below")
        for act in (adding, removing):
            _add_names(act)
        adding.add_argument("--reason", default="", metavar="TEXT", help="why; no names")
        adding.add_argument("--expires", metavar="DATE", help="its last day (UTC); left out: for ever")
        importing.add_argument(
            "file", metavar="FILE", help="with the columns platform,handle, or as `export` writes"
        )
        exporting.add_argument("--output", metavar="FILE", help="left out: to the terminal")
        for act in (adding, removing, listing, importing, exporting):
            self.add_project_argument(act)
            act.add_argument("--all", action="store_true", help="for all projects; in the place of --project")
        for act in (adding, removing, listing, importing):
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        project = None if options["all"] else choose_project(options["project"])
        getattr(self, f"_{options['act']}")(project, options)

    def _add(self, project: Project | None, options: dict[str, Any]) -> None:
        row, is_new = suppress(
            _identity(options),
            project=project,
            reason=options["reason"],
            expires_at=_moment(options["expires"]),
            by=BY,
        )
        self._present([row], options, sentence="It is on the list." if is_new else "It was on the list already.")

    def _remove(self, project: Project | None, options: dict[str, Any]) -> None:
        row = _chosen(project, options)
        lift(row, by=BY)
        self._present([], options, sentence="It is off the list.")

    def _list(self, project: Project | None, options: dict[str, Any]) -> None:
        self._present(list(_rows(project)), options, sentence="The list is empty.")

    def _import(self, project: Project | None, options: dict[str, Any]) -> None:
        with _opened(options["file"]) as lines:
            told = import_entries(read_lines(lines), project=project, by=BY)
        if options["json"]:
            self.print_json(_counts(told))
            return
        self.stdout.write(f"{told.added} added, {told.changed} changed, {told.unchanged} as they were.")
        for problem in told.problems:
            self.stderr.write(f"line {problem.line}: {problem.problem}")
        if told.refused > len(told.problems):
            self.stderr.write(f"... and {told.refused - len(told.problems)} more lines.")

    def _export(self, project: Project | None, options: dict[str, Any]) -> None:
        lines = write_rows(_rows(project).iterator(chunk_size=500))
        if not options["output"]:
            self.stdout.writelines(lines)
            return
        try:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from error

    def _present(self, rows: list[Suppression], options: dict[str, Any], *, sentence: str) -> None:
        if options["json"]:
            self.print_json({"results": [_as_json(row) for row in rows]})
            return
        if rows:
            columns = ["id", "kind", "platform", "value or digest", "scope", "expires", "source", "reason"]
            self.print_table(columns, [_cells(row) for row in rows])
        if not rows or options["act"] != "list":
            self.stdout.write(sentence)


def _add_names(act: ArgumentParser) -> None:
    names = act.add_mutually_exclusive_group()
    names.add_argument("--handle", metavar="NAME", help="with or without @; needs --platform")
    names.add_argument("--user-id", metavar="ID", help="the platform's own id; needs --platform")
    names.add_argument("--domain", metavar="NAME", help="of links in bios, and of handles that hold one")
    names.add_argument("--pattern", metavar="TEXT", help="of handles, with * and ?")
    act.add_argument("--platform", default="", metavar="NAME", help="such as bluesky")


def _identity(options: dict[str, Any]) -> Identity:
    kinds = {
        "handle": IdentityKind.HANDLE,
        "user_id": IdentityKind.ACCOUNT,
        "domain": IdentityKind.DOMAIN,
        "pattern": IdentityKind.PATTERN,
    }
    for name, kind in kinds.items():
        if options[name] is not None:
            return identity_of(kind, value=options[name], platform=options["platform"])
    raise CommandError("Say who: --handle, --user-id, --domain or --pattern.")


def _chosen(project: Project | None, options: dict[str, Any]) -> Suppression:
    if options["id"] is not None:
        row = Suppression.objects.filter(project=project, pk=options["id"]).first()
    else:
        row = find(_identity(options), project=project)
    if row is None:
        scope = f"of {project.slug!r}" if project else "for all projects"
        raise NotFound(f"There is no such entry {scope}.")
    return row


def _rows(project: Project | None) -> QuerySet[Suppression]:
    """Of a project, with what holds for all; or only the latter."""
    within = Q(project__isnull=True) | Q(project=project) if project else Q(project__isnull=True)
    return Suppression.objects.filter(within).select_related("project").order_by("pk")


@contextmanager
def _opened(name: str) -> Iterator[Iterable[str]]:
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            yield file
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read as UTF-8 text: {error}") from error


def _moment(text: str | None) -> datetime | None:
    return parse_moment(text) if text else None


def _cells(row: Suppression) -> list[object]:
    return [
        row.pk,
        row.kind,
        row.platform or "any",
        row.value or f"{row.digest[:12]}...",
        row.project.slug if row.project else "all",
        _end(row),
        row.source,
        row.reason,
    ]


def _end(row: Suppression) -> str:
    if row.expires_at is None:
        return "never"
    return f"{row.expires_at:%Y-%m-%d}" + (" (over)" if row.is_expired else "")


def _as_json(row: Suppression) -> dict[str, object]:
    return {
        "id": row.pk,
        "project": row.project.slug if row.project else None,
        "kind": row.kind,
        "platform": row.platform,
        "value": row.value,
        "digest": row.digest,
        "reason": row.reason,
        "source": row.source,
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "is_expired": row.is_expired,
        "created_at": row.created_at.isoformat(),
    }


def _counts(told: Imported) -> dict[str, object]:
    return {
        "added": told.added,
        "changed": told.changed,
        "unchanged": told.unchanged,
        "refused": told.refused,
        "problems": [{"line": each.line, "problem": each.problem} for each in told.problems],
    }
