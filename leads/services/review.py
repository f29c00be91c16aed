"""The review desk: approve, edit, reject. (`undoing` takes back; `desk` puts off and assigns.)

Each is one transaction on the locked draft: it checks that the draft still waits, writes the draft, the
person's label, the lead and the decision, lets upper floors take part, tells the dashboard, and ends with
the audit log. Of two people who decide at once, one wins; the other is told who did.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.llm.tracing import record_score
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..drafting.lengths import length_on
from ..drafting.limits import max_length
from ..hooks import decision_made
from ..judges.ab_test import subject_of
from ..judges.base import Label
from ..models import Decision, DecisionKind, Draft, DraftStatus, Hold, LabelSource, Lead, LeadStage, Post
from ..sending.enqueue import locked_draft
from .labels import LABEL_FIELDS, refresh_label, set_human_label
from .observing import tell_label
from .snapshots import DraftState, changed_by, restore_draft, take_snapshot

LONGEST_BETTER_TEXT: Final = 5_000
"""As of a preference pair that is written by hand."""
NOTHING_SEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing."""


class RejectReason(models.TextChoices):
    """Why a draft was rejected. Only the first says something of the lead; the others are about the draft."""

    NOT_RELEVANT = "not_relevant", "Not relevant"
    WRONG_TONE = "wrong_tone", "Wrong tone"
    WRONG_FACTS = "wrong_facts", "Wrong facts"
    TOO_SALESY = "too_salesy", "Too salesy"
    ALREADY_ANSWERED = "already_answered", "Already answered"
    OTHER = "other", "Other"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a person decided. `label` is what that says of the lead; None: nothing."""

    kind: DecisionKind
    status: DraftStatus
    text_final: str = ""
    reject_reason: str = ""
    better_text: str = ""
    label: Label | None = None


@transaction.atomic
def approve_draft(draft: Draft, *, by: User, seconds_spent: int | None = None) -> Draft:
    """Approve the text as it was generated. Conflict when somebody decided first."""
    draft = locked_pending(draft, by=by)
    return _decide(draft, _approval(draft), by=by, seconds_spent=seconds_spent)


@transaction.atomic
def edit_draft(draft: Draft, *, text: str, by: User, seconds_spent: int | None = None) -> Draft:
    """Approve with changes. A text that comes back unchanged is a plain approval."""
    draft = locked_pending(draft, by=by)
    final = text.strip()
    if final == draft.text_generated.strip():
        return _decide(draft, _approval(draft), by=by, seconds_spent=seconds_spent)
    _require_sendable(final, draft)
    outcome = _Outcome(DecisionKind.EDIT, DraftStatus.EDITED, text_final=final, label=Label.RELEVANT)
    return _decide(draft, outcome, by=by, seconds_spent=seconds_spent)


@transaction.atomic
def reject_draft(
    draft: Draft, *, by: User, reason: str = "", better_text: str = "", seconds_spent: int | None = None
) -> Draft:
    """Reject, with a reason (a RejectReason's code, words of one's own, or `code: words`) and, if one likes,
    the text that would have been better. Only `not_relevant` labels the lead as irrelevant.
    """
    draft = locked_pending(draft, by=by)
    outcome = _Outcome(
        DecisionKind.REJECT,
        DraftStatus.REJECTED,
        reject_reason=_checked_reason(reason),
        better_text=_checked_better_text(better_text),
        label=Label.IRRELEVANT if reason_code(reason) == RejectReason.NOT_RELEVANT else None,
    )
    return _decide(draft, outcome, by=by, seconds_spent=seconds_spent)


def reason_code(reason: str) -> RejectReason | None:
    """The code that a reason starts with, in any spelling ("Not relevant: a job advert"); None for no reason."""
    if not reason.strip():
        return None
    head = reason.partition(":")[0].strip().lower().replace(" ", "_").replace("-", "_")
    return RejectReason(head) if head in RejectReason.values else RejectReason.OTHER


def _checked_reason(reason: str) -> str:
    limit = 500
    if len(reason.strip()) > limit:
        raise DomainError(f"A reason has at most {limit} characters; this one has {len(reason.strip())}.")
    return reason.strip()


def _approval(draft: Draft) -> _Outcome:
    _require_sendable(draft.text_generated, draft)
    return _Outcome(
        DecisionKind.APPROVE, DraftStatus.APPROVED, text_final=draft.text_generated, label=Label.RELEVANT
    )


def _require_sendable(text: str, draft: Draft) -> None:
    """Refuse a text that the platform would refuse."""
    if _is_blank(text):
        raise DomainError("A reply cannot be blank.")
    _require_plain(text, "A reply")
    post = draft.lead.post
    limit = most_characters(post, document=active_document(draft.lead.project))
    if (length := length_on(post.platform, text)) > limit:
        raise DomainError(f"The reply has {length} characters; the limit on {post.platform} is {limit}.")


def most_characters(post: Post, *, document: ProjectDocument) -> int:
    """Of a reply to that post, as its platform counts."""
    return max_length(post.platform, document=document, answering=post.author.handle if post.author else "")


def _checked_better_text(text: str) -> str:
    _require_plain(text, "A better text")
    if len(text.strip()) > LONGEST_BETTER_TEXT:
        raise DomainError(
            f"A better text has at most {LONGEST_BETTER_TEXT:,} characters; this one has {len(text.strip()):,}."
        )
    return "" if _is_blank(text) else text.strip()


def _is_blank(text: str) -> bool:
    """Nothing in it can be seen: white space, marks of direction, characters without width."""
    return all(unicodedata.category(character)[0] in "CZ" or character in NOTHING_SEEN for character in text)


def _require_plain(text: str, what: str) -> None:
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        raise DomainError(f"{what} cannot hold control characters.")


def locked_pending(draft: Draft, *, by: User) -> Draft:
    """The draft and its lead, locked, if it still waits for a decision; a Conflict that says who was first."""
    draft = locked_draft(draft.pk)
    require_role(by, draft.lead.project, Role.REVIEWER)
    require_pending(draft)
    return draft


def require_pending(draft: Draft) -> None:
    require_post(draft.lead)
    if draft.status == DraftStatus.SUPERSEDED:
        raise Conflict(f"Draft {draft.pk} was replaced by a newer one.")
    if draft.status != DraftStatus.PENDING:
        who = draft.reviewer.get_username() if draft.reviewer else "somebody"
        raise Conflict(f"Draft {draft.pk} is decided: {who} {_PAST[DraftStatus(draft.status)]} it.")


def require_post(lead: Lead) -> None:
    if lead.stage == LeadStage.GONE:
        raise Conflict(f"The post of lead {lead.pk} is gone at {lead.post.platform}, and its drafts with it.")


_PAST = {
    DraftStatus.APPROVED: "approved",
    DraftStatus.EDITED: "edited and approved",
    DraftStatus.REJECTED: "rejected",
}


def _decide(draft: Draft, outcome: _Outcome, *, by: User, seconds_spent: int | None) -> Draft:
    lead = draft.lead
    before = take_snapshot(lead, by=by, draft=draft)
    state = DraftState(
        status=outcome.status,
        text_final=outcome.text_final,
        reviewer_id=by.pk,
        reject_reason=outcome.reject_reason,
        better_text=outcome.better_text,
        seconds_spent=seconds_spent,
        decided_at=timezone.now(),
    )
    restore_draft(draft, state)
    if outcome.label is not None:
        set_human_label(lead, label=outcome.label, by=by, source=LabelSource.REVIEW, reason=outcome.reject_reason)
        refresh_label(lead, remembered=before.lead)
    lead.stage, lead.snoozed_until = LeadStage.REVIEWED, None
    lead.save(update_fields=["stage", "snoozed_until", *LABEL_FIELDS])
    Hold.objects.filter(draft=draft).delete()
    tell_label(lead)
    decision = Decision.objects.create(
        lead=lead,
        draft=draft,
        user=by,
        kind=outcome.kind,
        before=before.as_json(),
        after=take_snapshot(lead, by=by, draft=draft).as_json(),
        seconds_spent=seconds_spent,
    )
    decision_made.call(decision)
    record_score(subject_of(lead.pk), "review", outcome.kind.value)
    announce(f"draft.{outcome.kind.value}", draft, decision, by=by)
    return draft


def announce(action: str, draft: Draft, decision: Decision, *, by: User) -> None:
    tell_queue(draft)
    record_decision(action, draft, decision, by=by)


def tell_queue(draft: Draft) -> None:
    detail = {"draft": draft.pk, "lead": draft.lead_id, "status": draft.status}
    publish(draft.lead.project, "queue_update", detail=detail)


def record_decision(action: str, draft: Draft, decision: Decision, *, by: User) -> None:
    fields = {"decision": decision.pk, "lead": draft.lead_id, "changed": changed_by(decision)}
    audit.record(action, by=by, project=draft.lead.project, on=draft, fields=fields)
