from typing import Any

from django.core.management.base import CommandParser

from leads.services.retention import Deleted, Due, apply_retention, what_is_due
from signalops_site.core.errors import Unavailable
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project
from signalops_site.core.scrubbing import scrub, scrub_soon

BY = "command:retention"


class Command(OperatorCommand):
    help = "What projects keep no longer (`retention` in project.yaml): shown, or with --apply deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", metavar="SLUG", help="only this project's; left out: every project's")
        parser.add_argument("--apply", action="store_true", help="really delete it; there is no way back")
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        projects = [choose_project(options["project"])] if options["project"] else _all_projects()
        due = [each for project in projects for each in what_is_due(project)]
        if not options["apply"]:
            self._show(due, as_json=options["json"])
            return
        deleted = {project.slug: apply_retention(project, by=BY) for project in projects}
        self._scrub(deleted)
        self._tell(deleted, as_json=options["json"])

    def _show(self, due: list[Due], *, as_json: bool) -> None:
        if as_json:
            self.print_json({"applied": False, "results": [_as_json(each) for each in due]})
        elif not due:
            self.stdout.write("No project names days in `retention`: everything is kept.")
        else:
            rows = [_row(each) for each in due]
            self.print_table(["project", "platform", "days", "keeps what is newer than (UTC)", "leads due"], rows)
            self.stdout.write("Nothing was deleted (add --apply).")

    def _scrub(self, deleted: dict[str, Deleted]) -> None:
        if any(each.certificates for each in deleted.values()):
            try:
                scrub()
            except Unavailable as error:
                scrub_soon()
                self.stderr.write(error.detail)

    def _tell(self, deleted: dict[str, Deleted], *, as_json: bool) -> None:
        if as_json:
            results = [
                {"project": slug, "counts": each.counts, "certificates": each.certificates}
                for slug, each in deleted.items()
            ]
            self.print_json({"applied": True, "results": results})
            return
        for slug, each in deleted.items():
            self.stdout.write(f"{slug}: {each.counts.get('leads.Lead', 0)} leads deleted")
            for table, count in each.counts.items():
                self.stdout.write(f"{count:>7} {table}")
            for entry in each.certificates:
                self.stdout.write(f"certificate: entry {entry} of the audit log")


def _all_projects() -> list[Project]:
    return list(Project.objects.select_related("active_config").order_by("slug"))


def _row(due: Due) -> tuple[object, ...]:
    rule = due.rule
    return (rule.project.slug, rule.platform, rule.days, f"{rule.before:%Y-%m-%d %H:%M}", due.leads)


def _as_json(due: Due) -> dict[str, object]:
    rule = due.rule
    return {
        "project": rule.project.slug,
        "platform": rule.platform,
        "days": rule.days,
        "before": rule.before.isoformat(),
        "leads": due.leads,
    }
