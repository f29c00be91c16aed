from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from leads.management.people import add_user_argument, choose_user
from leads.models import Decision, Draft, DraftStatus
from leads.selectors import queue_items
from leads.selectors_desk import asleep_drafts, awake_drafts, drafts_assigned_to
from leads.services.desk import LONGEST_SNOOZE, assign_lead, is_snoozed, reviewer_called, snooze_lead, wake_lead
from leads.services.review import RejectReason, approve_draft, edit_draft, reject_draft
from leads.services.undoing import undo_decision, undo_latest
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project, most_rows
from signalops_site.core.models import Project

ALL = "all"
NOBODY = "none"


class Command(OperatorCommand):
    help = (
        "The drafts that wait for a decision: list, approve, edit, reject, snooze, wake, assign, undo. "
        "Approving sends nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="drafts, the best leads first")
        listing.add_argument("--status", default=DraftStatus.PENDING.value, choices=[*DraftStatus.values, ALL])
        listing.add_argument("--assignee", metavar="NAME", help=f"whose leads; {NOBODY}: nobody's")
        listing.add_argument("--snoozed", action="store_true", help="what is put off, instead of what is not")
        listing.add_argument("--limit", type=most_rows, metavar="N", default=50)
        approving = acts.add_parser("approve", help="approve a draft as it is")
        editing = acts.add_parser("edit", help="approve a draft with changes")
        text = editing.add_mutually_exclusive_group(required=True)
        text.add_argument("--text", help="the text to approve")
        text.add_argument("--file", type=Path, help="a UTF-8 file that holds it")
        rejecting = acts.add_parser("reject", help="reject a draft")
        codes = ", ".join(RejectReason.values)
        rejecting.add_argument("--reason", default="", help=f"{codes}; `code: words`, or words alone")
        rejecting.add_argument("--better", default="", help="the text that would have been better")
        snoozing = acts.add_parser("snooze", help="put a draft and its lead off; they come back by themselves")
        until = snoozing.add_mutually_exclusive_group(required=True)
        until.add_argument(
            "--until", type=_moment, metavar="TIME", help="ISO 8601, in UTC unless it says otherwise"
        )
        until.add_argument("--days", type=_days, metavar="N", help=f"from now, up to {LONGEST_SNOOZE.days}")
        waking = acts.add_parser("wake", help="show one that is put off again")
        assigning = acts.add_parser("assign", help="give a draft's lead to somebody")
        assigning.add_argument("--to", metavar="NAME", required=True, help=f"a user name; {NOBODY}: nobody")
        undoing = acts.add_parser("undo", help="take back your decision on a draft; your latest without an id")
        for deciding in (approving, editing, rejecting, snoozing, waking, assigning):
            deciding.add_argument("id", type=int, metavar="ID", help="the draft's id")
        undoing.add_argument("id", type=int, metavar="ID", nargs="?", help="the draft's id")
        for act in (approving, editing, rejecting, snoozing, waking, assigning, undoing):
            add_user_argument(act)
        for act in acts.choices.values():
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        listing = options["act"] == "list"
        if options["act"] == "undo" and options["id"] is None:
            self._undo_latest(options)
            return
        drafts = _listed(options) if listing else [_decided(options)]
        if options["json"]:
            self.print_json({"results": [_as_json(draft) for draft in drafts]})
        elif listing:
            self._print_list(drafts)
        else:
            self.stdout.write(f"Draft {drafts[0].pk} is {_standing(drafts[0])}.")

    def _undo_latest(self, options: dict[str, Any]) -> None:
        project = choose_project(options["project"])
        decision = undo_latest(project, by=choose_user(options["user"], project=project))
        draft = decision.draft
        if options["json"]:
            taken_back = {
                "id": decision.pk,
                "kind": decision.kind,
                "lead": decision.lead_id,
                "draft": decision.draft_id,
            }
            self.print_json({"results": [_as_json(draft)] if draft else [], "undone": taken_back})
        elif draft:
            self.stdout.write(f"Took back {decision.kind!r}: draft {draft.pk} is {_standing(draft)}.")
        else:
            self.stdout.write(f"Took back {decision.kind!r} of lead {decision.lead_id}.")

    def _print_list(self, drafts: list[Draft]) -> None:
        if not drafts:
            self.stdout.write("Nothing here.")
            return
        rows = [(draft.pk, f"{draft.lead.score:.1f}", draft.status, _text(draft)) for draft in drafts]
        self.print_table(["draft", "score", "status", "text"], rows)


def _listed(options: dict[str, Any]) -> list[Draft]:
    status = None if options["status"] == ALL else options["status"]
    drafts = queue_items(choose_project(options["project"]), status=status).select_related("lead__assignee")
    drafts = asleep_drafts(drafts) if options["snoozed"] else awake_drafts(drafts)
    if options["assignee"]:
        drafts = drafts_assigned_to(drafts, None if options["assignee"] == NOBODY else options["assignee"])
    return list(drafts.order_by("-lead__score", "-pk")[: options["limit"]])


def _decided(options: dict[str, Any]) -> Draft:
    draft = _draft(options["id"], options["project"])
    return _ACTS[options["act"]](draft, choose_user(options["user"], project=draft.lead.project), options)


def _edit(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    text = options["text"] if options["text"] is not None else _read(options["file"])
    return edit_draft(draft, text=text, by=by)


def _reject(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    return reject_draft(draft, reason=options["reason"], better_text=options["better"], by=by)


def _snooze(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    until = options["until"] or timezone.now() + options["days"]
    return _of(snooze_lead(draft, until=until, by=by), draft)


def _assign(draft: Draft, by: User, options: dict[str, Any]) -> Draft:
    to = None if options["to"] == NOBODY else reviewer_called(options["to"], draft.lead.project)
    return _of(assign_lead(draft, to=to, by=by), draft)


def _of(decision: Decision | None, draft: Draft) -> Draft:
    """The draft as it is after a decision; as it was, where there was nothing to decide."""
    return decision.draft if decision and decision.draft else draft


_ACTS: dict[str, Callable[[Draft, User, dict[str, Any]], Draft]] = {
    "approve": lambda draft, by, _options: approve_draft(draft, by=by),
    "edit": _edit,
    "reject": _reject,
    "snooze": _snooze,
    "wake": lambda draft, by, _options: _of(wake_lead(draft, by=by), draft),
    "assign": _assign,
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


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time in ISO 8601, such as 2026-03-02T09:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _days(text: str) -> timedelta:
    if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= LONGEST_SNOOZE.days):
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 to {LONGEST_SNOOZE.days}")
    return timedelta(days=int(text))


def _standing(draft: Draft) -> str:
    """Its status, whose it is, and until when it is put off."""
    lead = draft.lead
    whose = f", {lead.assignee.get_username()}'s" if lead.assignee else ""
    until = f", put off until {lead.snoozed_until:%Y-%m-%d %H:%M} UTC" if is_snoozed(lead) else ""
    return f"{draft.status}{whose}{until}"


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
        "assignee": draft.lead.assignee.get_username() if draft.lead.assignee else None,
        "snoozed_until": until.isoformat()
        if (until := draft.lead.snoozed_until) and is_snoozed(draft.lead)
        else None,
        "created_at": draft.created_at.isoformat(),
    }
