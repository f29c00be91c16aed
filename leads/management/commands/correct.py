from typing import Any

from django.core.management.base import CommandParser

from leads.judges.base import Label
from leads.management.people import add_user_argument, choose_user
from leads.models import Lead
from leads.services.labels import label_lead
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project


class Command(OperatorCommand):
    help = "Correct a lead's label; the next run scores the lead again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("lead", type=int, metavar="LEAD", help="the lead's id")
        parser.add_argument("--label", required=True, choices=Label.values)
        parser.add_argument("--reason", default="", help="why, for whoever reads it later")
        add_user_argument(parser)
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        lead = _lead(options["lead"], options["project"])
        by = choose_user(options["user"], project=lead.project)
        label_lead(lead, label=options["label"], reason=options["reason"], by=by)
        lead.refresh_from_db()
        if options["json"]:
            self.print_json({"lead": lead.pk, "label": lead.label, "stage": lead.stage})
        else:
            self.stdout.write(f"Lead {lead.pk} is {lead.label} ({lead.stage}).")


def _lead(lead_id: int, slug: str | None) -> Lead:
    leads = Lead.objects.select_related("project")
    if slug:
        leads = leads.filter(project=choose_project(slug))
    found = leads.filter(pk=lead_id).first()
    if found is None:
        raise NotFound(f"There is no lead {lead_id}" + (f" in {slug!r}." if slug else "."))
    return found
