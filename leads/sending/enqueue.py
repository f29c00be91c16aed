"""Putting approved drafts in the queue, by a person's send and nothing else; and taking one out again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from connectors.rules import Mode
from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError, NotFound
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role
from signalops_site.core.runs import publish

from ..models import Delivery, DeliveryKind, DeliveryMode, DeliveryStatus, Draft, Touch
from ..replying import ReplyPolicies
from ..sequences.enrolment import enrol_at_send
from .authors import digest_of
from .gates import LASTING, Case, Refusal, author_cooled_down, first_refusal

TASK = "leads.tasks.send_replies"
MOST_AT_ONCE = 500
OPEN_AGAIN = (DeliveryStatus.CANCELLED, DeliveryStatus.FAILED)
"""Nothing was posted: a person may send it again."""


class NotSendable(Conflict):
    """A gate is closed. `refusal` says which, and until when."""

    title = "This cannot be sent"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of one draft of many: its delivery, or the sentence that says why it has none."""

    draft_id: int
    delivery: Delivery | None = None
    problem: str = ""


@transaction.atomic
def enqueue_draft(draft: Draft, *, by: User, override: str = "", sequence: str | None = None) -> Delivery:
    """Send an approved draft by its platform's API as soon as its gates are open.

    `override` is the reason for which its author is answered before the cool-down is over, `sequence` the plan by
    which the lead is followed up (`enrol_at_send`). NotSendable (a Conflict) when waiting would not open a gate,
    Conflict when the draft is on its way already.
    """
    wake_senders(draft.lead.project)
    return _enqueue_draft(draft, by=by, override=override, sequence=sequence)


def _enqueue_draft(draft: Draft, *, by: User, override: str, sequence: str | None) -> Delivery:
    draft = locked_draft(draft.pk)
    project = draft.lead.project
    require_role(by, project, Role.REVIEWER)
    delivery = fresh_delivery(draft, mode=DeliveryMode.API, by=by, override=override)
    document, now = active_document(project), timezone.now()
    case = Case(draft, delivery, project, document, now)
    _keep_reason_if_needed(case)
    require_open(case)
    _require_api(draft, kind=delivery.kind)
    undo_until = (draft.decided_at or now) + timedelta(seconds=document.review.undo_seconds)
    delivery.due_at = max(now, undo_until)
    delivery.save()
    tell(delivery, draft)
    fields = {"lead": draft.lead_id, "draft": draft.pk, "override": bool(delivery.override_reason)}
    audit.record("delivery.queue", by=by, project=project, on=delivery, fields=fields)
    follow_up_after(delivery, draft, by=by, sequence=sequence)
    return delivery


def enqueue_many(
    project: Project, draft_ids: Sequence[int], *, by: User, override: str = "", sequence: str | None = None
) -> list[Enqueued]:
    """Send several drafts of a project, each by itself: what holds one back holds no other. In the order given.

    Of several drafts to one author only the first leaves by the override: it is a reason for one answer.
    """
    require_role(by, project, Role.REVIEWER)
    if len(draft_ids) > MOST_AT_ONCE:
        raise DomainError(f"At most {MOST_AT_ONCE} drafts can be sent at once; these are {len(draft_ids)}.")
    drafts = Draft.objects.filter(lead__project=project).select_related("lead__post__author").in_bulk(draft_ids)
    done: list[Enqueued] = []
    overruled: set[str] = set()
    for pk in dict.fromkeys(draft_ids):
        draft = drafts.get(pk)
        reason = "" if draft and _digest_to(draft) in overruled else override
        done.append(each := _enqueued(draft, pk, by=by, override=reason, sequence=sequence))
        if each.delivery and each.delivery.override_reason:
            overruled.add(each.delivery.author_digest)
    if any(each.delivery for each in done):
        wake_senders(project)
    return done


def _keep_reason_if_needed(case: Case) -> None:
    """A reason stands for the cool-down of now alone: kept for later it would open what nobody has seen closed."""
    delivery = case.delivery
    reason, delivery.override_reason = delivery.override_reason, ""
    if author_cooled_down(case) is not None:
        delivery.override_reason = reason


def _digest_to(draft: Draft) -> str:
    author = draft.lead.post.author
    return digest_of(author) if author else ""


def wake_senders(project: Project) -> None:
    """Have a worker look at once for what is due; the beat does so every minute."""
    enqueue(TASK, cluster=Cluster.SHORT, keep_result=False, project_id=project.pk)


def _enqueued(draft: Draft | None, draft_id: int, *, by: User, override: str, sequence: str | None) -> Enqueued:
    if draft is None:
        return Enqueued(draft_id, problem=f"There is no draft {draft_id} in the project.")
    try:
        with transaction.atomic():
            return Enqueued(draft_id, _enqueue_draft(draft, by=by, override=override, sequence=sequence))
    except DomainError as error:
        return Enqueued(draft_id, problem=error.detail)


def kind_of(draft: Draft) -> DeliveryKind:
    """What a draft leaves as: its step's kind; one that is no step is a reply."""
    touch: Touch | None = getattr(draft, "touch", None)
    return DeliveryKind(touch.step.kind) if touch else DeliveryKind.REPLY


def follow_up_after(delivery: Delivery, draft: Draft, *, by: User, sequence: str | None) -> None:
    """A reply that a person sends may begin a sequence; a step of one begins none."""
    if delivery.kind == DeliveryKind.REPLY:
        enrol_at_send(draft.lead, plan=sequence, by=by)


def withdraw_delivery(draft: Draft, *, by: audit.Actor) -> None:
    """Before a decision is taken back, under the draft's lock: cancel what waits. Conflict once it is claimed."""
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(draft=draft).first()
    if delivery is None or delivery.status == DeliveryStatus.CANCELLED:
        return
    if delivery.status not in (DeliveryStatus.QUEUED, DeliveryStatus.FAILED):
        raise Conflict(f"Draft {draft.pk} has left ({delivery.status}): its decision stands.")
    delivery.status = DeliveryStatus.CANCELLED
    delivery.error = "Its decision was taken back."
    delivery.save(update_fields=["status", "error"])
    audit.record("delivery.cancel", by=by, project=draft.lead.project, on=delivery, fields={"draft": draft.pk})


def locked_draft(draft_id: int) -> Draft:
    """The draft and its lead, locked: nobody takes the decision back meanwhile."""
    drafts = Draft.objects.select_related("lead__project__active_config", "lead__post__author", "touch__step")
    draft = drafts.select_for_update(of=("self", "lead")).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(f"There is no draft {draft_id} any more.")
    return draft


def fresh_delivery(draft: Draft, *, mode: DeliveryMode, by: User, override: str) -> Delivery:
    """The draft's delivery as it begins, not stored. One that was cancelled or failed keeps its key."""
    if len(override.strip()) > 500:
        raise DomainError("A reason has at most 500 characters.")
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(draft=draft).first()
    if delivery is not None and delivery.status not in OPEN_AGAIN:
        raise Conflict(f"Draft {draft.pk} is on its way already ({delivery.status}).")
    delivery = delivery or Delivery(draft=draft, project=draft.lead.project)
    delivery.author_digest = _digest_to(draft)
    delivery.platform = draft.lead.post.platform
    delivery.kind, delivery.mode, delivery.status = kind_of(draft), mode, DeliveryStatus.QUEUED
    delivery.override_reason = override.strip()
    delivery.queued_by_id, delivery.queued_at = by.pk, timezone.now()
    delivery.due_at = delivery.queued_at
    delivery.attempts = delivery.checks = 0
    delivery.error = ""
    return delivery


def require_open(case: Case) -> None:
    """NotSendable when something holds the draft back that waiting does not change."""
    if refusal := first_refusal(case, LASTING):
        raise NotSendable(refusal)


def tell(delivery: Delivery, draft: Draft) -> None:
    """Dashboards learn how a delivery stands."""
    detail = {"draft": draft.pk, "lead": draft.lead_id, "status": delivery.status, "delivery": delivery.pk}
    publish(draft.lead.project, "queue_update", detail=detail)


def _require_api(draft: Draft, *, kind: str) -> None:
    """By the rules of the account that may do most; the claim asks again, as the one that will send."""
    rule = ReplyPolicies().of(draft.lead, kind=kind)
    if rule.mode != Mode.API:
        by_hand = " It can be sent by hand." if rule.mode == Mode.ASSISTED else ""
        raise NotSendable(Refusal(f"Not by API: {rule.rule}{by_hand}", final=True))
