from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from leads.management.people import add_user_argument, choose_user
from leads.models import Draft, DraftStatus
from leads.selectors import queue_items
from leads.services.review import RejectReason, approve_draft, edit_draft, reject_draft, undo_decision, undo_latest
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

ALL = "all"


class Command(OperatorCommand):
    help = "The drafts that wait for a decision: list, approve, edit, reject, undo. Approving sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="drafts, the best leads first")
        listing.add_argument("--status", default=DraftStatus.PENDING.value, choices=[*DraftStatus.values, ALL])
        listing.add_argument("--limit", type=int, default=50)
        approving = acts.add_parser("approve", help="approve a draft as it is")
        editing = acts.add_parser("edit", help="approve a draft with changes")
        text = editing.add_mutually_exclusive_group(required=True)
        text.add_argument("--text", help="the text to approve")
        text.add_argument("--file", type=Path, help="a UTF-8 file that holds it")
        rejecting = acts.add_parser("reject", help="reject a draft")
        codes = ", ".join(RejectReason.values)
        rejecting.add_argument("--reason", default="", help=f"{codes}; `code: words`, or words alone")
        rejecting.add_argument("--better", default="", help="the text that would have been better")
        undoing = acts.add_parser("undo", help="take back your decision on a draft; your latest without an id")
        for deciding in (approving, editing, rejecting):
            deciding.add_argument("id", type=int, metavar="ID", help="the draft's id")
        undoing.add_argument("id", type=int, metavar="ID", nargs="?", help="the draft's id")
        for act in (approving, editing, rejecting, undoing):
            add_user_argument(act)
        for act in (listing, approving, editing, rejecting, undoing):
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        listing = options["act"] == "list"
        drafts = _listed(options) if listing else [_decided(options)]
        if options["json"]:
            self.print_json({"results": [_as_json(draft) for draft in drafts]})
        elif listing:
            self._print_list(drafts)
        else:
            self.stdout.write(f"Draft {drafts[0].pk} is {drafts[0].status}.")

    def _print_list(self, drafts: list[Draft]) -> None:
        if not drafts:
            self.stdout.write("Nothing here.")
            return
        rows = [(draft.pk, f"{draft.lead.score:.1f}", draft.status, _text(draft)) for draft in drafts]
        self.print_table(["draft", "score", "status", "text"], rows)


def _listed(options: dict[str, Any]) -> list[Draft]:
    status = None if options["status"] == ALL else options["status"]
    drafts = queue_items(choose_project(options["project"]), status=status)
    return list(drafts.order_by("-lead__score", "-pk")[: max(0, options["limit"])])


def _decided(options: dict[str, Any]) -> Draft:
    act = options["act"]
    if act == "undo" and options["id"] is None:
        project = choose_project(options["project"])
        return undo_latest(project, by=choose_user(options["user"], project=project))
    draft = _draft(options["id"], options["project"])
    return _ACTS[act](draft, choose_user(options["user"], project=draft.lead.project), options)


def _edit(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    text = options["text"] if options["text"] is not None else _read(options["file"])
    return edit_draft(draft, text=text, by=by)


def _reject(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    return reject_draft(draft, reason=options["reason"], better_text=options["better"], by=by)


_ACTS: dict[str, Callable[[Draft, User, dict[str, Any]], Draft]] = {
    "approve": lambda draft, by, _options: approve_draft(draft, by=by),
    "edit": _edit,
    "reject": _reject,
    "undo": lambda draft, by, _options: undo_decision(draft, by=by),
}


def _draft(draft_id: int, slug: str | None) -> Draft:
    within: Any = choose_project(slug) if slug else Project.objects.all()
    draft = queue_items(within).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(f"There is no draft {draft_id}" + (f" in {slug!r}." if slug else "."))
    return draft


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text: {error}") from error


def _text(draft: Draft) -> str:
    return draft.text_final or draft.text_generated


def _as_json(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.pk,
        "lead": draft.lead_id,
        "project": draft.lead.project.slug,
        "score": round(draft.lead.score, 1),
        "label": draft.lead.label,
        "text": _text(draft),
        "status": draft.status,
        "platform": draft.lead.post.platform,
        "url": draft.lead.post.url,
        "reject_reason": draft.reject_reason,
        "created_at": draft.created_at.isoformat(),
    }
