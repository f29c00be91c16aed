from typing import Any

from django.core.management.base import CommandParser

from leads.management.people import add_user_argument, choose_user
from leads.models import Lead, Sequence
from leads.sequences.enrolment import enrol_lead
from leads.sequences.exits import stop_sequence
from leads.sequences.plans import PLANS
from leads.sequences.progress import StepProgress, progress_of
from leads.sequences.standing import whole
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project, most_rows
from signalops_site.core.models import Project


class Command(OperatorCommand):
    help = "Following leads up: which are, putting one in, stopping. Each step waits in the queue for a person."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="the leads that are followed up, and how far each step is")
        listing.add_argument("--all", action="store_true", help="those that are over, too")
        listing.add_argument("--limit", type=most_rows, metavar="N", default=50)
        enrolling = acts.add_parser("enrol", help="follow a lead up")
        plans = "; ".join(f"{plan.name}: {plan.description}" for plan in PLANS.values())
        enrolling.add_argument("id", type=int, metavar="LEAD", help="the lead's id")
        enrolling.add_argument("--plan", required=True, choices=list(PLANS), help=plans)
        stopping = acts.add_parser("stop", help="follow up no more")
        stopping.add_argument("id", type=int, metavar="ID", help="the sequence's id, as `list` shows it")
        for act in (enrolling, stopping):
            add_user_argument(act)
        for act in (listing, enrolling, stopping):
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        rows: list[Sequence] = getattr(self, f"_{options['act']}")(project, options)
        if options["json"]:
            self.print_json({"results": [_as_json(row) for row in rows]})
        elif rows:
            self.print_table(["id", "lead", "plan", "state", "steps"], [_cells(row) for row in rows])
        else:
            self.stdout.write("No lead is followed up.")

    def _list(self, project: Project, options: dict[str, Any]) -> list[Sequence]:
        rows = Sequence.objects.filter(lead__project=project)
        if not options["all"]:
            rows = rows.filter(ended_at__isnull=True)
        return list(whole(rows).order_by("-pk")[: options["limit"]])

    def _enrol(self, project: Project, options: dict[str, Any]) -> list[Sequence]:
        lead = Lead.objects.select_related("project").filter(project=project, pk=options["id"]).first()
        if lead is None:
            raise NotFound(f"There is no lead {options['id']} in {project.slug!r}.")
        by = choose_user(options["user"], project=project)
        return _again(enrol_lead(lead, plan=options["plan"], by=by))

    def _stop(self, project: Project, options: dict[str, Any]) -> list[Sequence]:
        rows = Sequence.objects.select_related("lead__project").filter(lead__project=project)
        sequence = rows.filter(pk=options["id"]).first()
        if sequence is None:
            raise NotFound(f"There is no sequence {options['id']} in {project.slug!r}.")
        return _again(stop_sequence(sequence, by=choose_user(options["user"], project=project)))


def _again(sequence: Sequence) -> list[Sequence]:
    return list(whole(Sequence.objects.filter(pk=sequence.pk)))


def _cells(sequence: Sequence) -> list[object]:
    state = sequence.get_exit_display() if sequence.ended_at else "under way"
    steps = ", ".join(_step(each) for each in progress_of(sequence))
    return [sequence.pk, sequence.lead_id, sequence.plan, state, steps]


def _step(each: StepProgress) -> str:
    due = f"due {each.due_at:%Y-%m-%d %H:%M}" if each.due_at else "to come"
    return f"{each.step.number}: {each.status or due}"


def _as_json(sequence: Sequence) -> dict[str, object]:
    return {
        "id": sequence.pk,
        "lead": sequence.lead_id,
        "plan": sequence.plan,
        "started_at": sequence.started_at.isoformat(),
        "ended_at": sequence.ended_at and sequence.ended_at.isoformat(),
        "exit": sequence.exit,
        "steps": [
            {
                "number": each.step.number,
                "kind": each.step.kind,
                "status": each.status,
                "draft": each.draft,
                "due_at": each.due_at and each.due_at.isoformat(),
                "error": each.step.error,
            }
            for each in progress_of(sequence)
        ],
    }
