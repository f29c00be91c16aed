from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from leads.management.people import add_user_argument, choose_user
from leads.sending.enqueue import MOST_AT_ONCE, Enqueued, enqueue_many
from leads.sending.preview import Preview, PreviewRow, preview_sending
from leads.sequences.enrolment import NO_SEQUENCE
from leads.sequences.plans import AT_SEND
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

NONE = "none"


class Command(OperatorCommand):
    help = (
        "What would be sent of the approved drafts; with --confirm, send it. A worker sends each as soon as the "
        "caps, the hours and the other gates allow (`make run` starts one)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        self.add_json_argument(parser)
        add_user_argument(parser)
        parser.add_argument("--confirm", action="store_true", help="send; without it nothing is")
        parser.add_argument(
            "--draft", type=int, action="append", metavar="ID", help="only this one; may be given several times"
        )
        parser.add_argument(
            "--override",
            default="",
            metavar="REASON",
            help="answer authors before their cool-down is over, and why",
        )

        parser.add_argument(
            "--sequence",
            choices=[*AT_SEND, NONE],
            help="follow their leads up by this plan; left out: as project.yaml says (`sending.follow_up`)",
        )

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        preview = preview_sending(project, draft_ids=options["draft"], most=MOST_AT_ONCE)
        if options["confirm"]:
            done = self._send(project, preview, options)
            self._report(done, as_json=options["json"])
        elif options["json"]:
            self.print_json(_as_json(preview))
        else:
            self._print_preview(preview)

    def _send(self, project: Project, preview: Preview, options: dict[str, Any]) -> list[Enqueued]:
        """With an override, also those that only the cool-down refuses: the gates are asked again."""
        by: User = choose_user(options["user"], project=project)
        wanted = ("ready", "waits", "refused") if options["override"] else ("ready", "waits")
        ids = [row.draft.pk for row in preview.rows if row.verdict in wanted]
        sequence = NO_SEQUENCE if options["sequence"] == NONE else options["sequence"]
        return enqueue_many(project, ids, by=by, override=options["override"], sequence=sequence)

    def _report(self, done: list[Enqueued], *, as_json: bool) -> None:
        sent = [each for each in done if each.delivery]
        if as_json:
            rows = [{"draft": each.draft_id, "problem": each.problem} for each in done]
            self.print_json({"queued": len(sent), "results": rows})
            return
        self.stdout.write(f"{len(sent)} {'draft is' if len(sent) == 1 else 'drafts are'} on the way.")
        for each in done:
            if each.problem:
                self.stdout.write(f"Draft {each.draft_id}: {each.problem}")

    def _print_preview(self, preview: Preview) -> None:
        if not preview.rows:
            self.stdout.write(f"No approved draft waits to be sent; {preview.queued} are on the way.")
            return
        cells = [(row.draft.pk, row.draft.lead.post.platform, row.verdict, _why(row)) for row in preview.rows]
        self.print_table(["draft", "platform", "verdict", "why"], cells)
        caps = ", ".join(f"{cap.used} of {cap.limit} in a {cap.span}" for cap in preview.caps)
        self.stdout.write(f"Sent: {caps}. Nothing was sent now; --confirm does.")


def _why(row: PreviewRow) -> str:
    return row.sentence or row.draft.text_final[:100]


def _as_json(preview: Preview) -> dict[str, object]:
    rows = [
        {
            "draft": row.draft.pk,
            "lead": row.draft.lead_id,
            "platform": row.draft.lead.post.platform,
            "text": row.draft.text_final,
            "mode": row.policy.mode.value,
            "verdict": row.verdict,
            "sentence": row.sentence,
            "until": row.until.isoformat() if row.until else None,
        }
        for row in preview.rows
    ]
    caps = [{"span": cap.span, "limit": cap.limit, "used": cap.used} for cap in preview.caps]
    held_by = preview.held_by.sentence if preview.held_by else ""
    return {"total": preview.total, "queued": preview.queued, "held_by": held_by, "caps": caps, "results": rows}
