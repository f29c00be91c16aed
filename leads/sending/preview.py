"""What a send would do, before a person confirms it: nothing is written, and the same gates are asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from connectors.rules import Mode, Policy
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Pause, Project
from signalops_site.core.pauses import pauses_of

from ..models import (
    COUNTED,
    Delivery,
    DeliveryKind,
    DeliveryMode,
    DeliveryStatus,
    Draft,
    DraftStatus,
    LeadStage,
)
from ..replying import ReplyPolicies
from ..suppression import suppressed_leads
from .enqueue import kind_of
from .gates import LASTING, PASSING, Case, Refusal, caps_of, first_refusal

MOST_ROWS = 100
Verdict = Literal["ready", "waits", "refused", "by_hand"]


@dataclass(frozen=True, slots=True)
class Cap:
    """Most that may leave within a span (hour, day, month), and how many have."""

    span: str
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One approved draft. `sentence` says what holds it back, `until` for how long where that is known."""

    draft: Draft
    policy: Policy
    verdict: Verdict
    sentence: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """`total` is how many approved drafts wait to be sent; `rows` are the best of them. `held_by`: what would hold
    every one of them back for now.
    """

    project: Project
    rows: list[PreviewRow]
    total: int
    queued: int
    caps: list[Cap]
    pauses: list[Pause]
    held_by: Refusal | None


def preview_sending(project: Project, *, draft_ids: Iterable[int] | None = None, most: int = MOST_ROWS) -> Preview:
    """What would become of the project's approved drafts, or of these of them, if they were sent now."""
    document, now = active_document(project), timezone.now()
    drafts = sendable_drafts(project)
    if draft_ids is not None:
        drafts = drafts.filter(pk__in=list(draft_ids))
    answered, policies = _answered(project, document, now), ReplyPolicies()
    shown = list(drafts[:most])
    suppressed = suppressed_leads([draft.lead for draft in shown])
    cases = [
        Case(draft, _unsent(draft), project, document, now, answered=answered, suppressed=suppressed)
        for draft in shown
    ]
    queued = Delivery.objects.filter(project=project, status=DeliveryStatus.QUEUED).count()
    held_by = _held_by(project, document, now)
    rows = [_row(case, policies.of(case.lead, kind=case.delivery.kind), held_by) for case in cases]
    caps = _caps(project, document, now)
    return Preview(project, rows, drafts.count(), queued, caps, list(pauses_of(project)), held_by)


def sendable_drafts(project: Project) -> QuerySet[Draft]:
    """Approved drafts that are not on their way, the best leads first."""
    not_on_its_way = Q(delivery=None) | Q(delivery__status__in=(DeliveryStatus.CANCELLED, DeliveryStatus.FAILED))
    approved = Draft.objects.filter(lead__project=project, status__in=(DraftStatus.APPROVED, DraftStatus.EDITED))
    there = approved.exclude(lead__stage=LeadStage.GONE).filter(not_on_its_way)
    whole = there.select_related("lead__post__author", "lead__project", "delivery", "touch__step")
    return whole.defer("prompt", "lead__project__description").order_by("-lead__score", "-pk")


def _unsent(draft: Draft) -> Delivery:
    kind = kind_of(draft)
    return Delivery(draft=draft, project=draft.lead.project, mode=DeliveryMode.API, kind=kind)


def _row(case: Case, policy: Policy, held_by: Refusal | None) -> PreviewRow:
    if refusal := first_refusal(case, LASTING):
        return PreviewRow(case.draft, policy, "refused", refusal.sentence, refusal.until)
    if policy.mode == Mode.BLOCKED:
        return PreviewRow(case.draft, policy, "refused", policy.rule)
    if policy.mode == Mode.ASSISTED:
        return PreviewRow(case.draft, policy, "by_hand", policy.rule)
    if held_by:
        return PreviewRow(case.draft, policy, "waits", held_by.sentence, held_by.until)
    return PreviewRow(case.draft, policy, "ready")


def _held_by(project: Project, document: ProjectDocument, now: datetime) -> Refusal | None:
    """Of a draft that nothing of its own holds back: asked once, and not for each."""
    nobody = Case(Draft(), Delivery(project=project), project, document, now)
    return first_refusal(nobody, PASSING)


def _answered(project: Project, document: ProjectDocument, now: datetime) -> dict[str, datetime]:
    """Author's digest -> when the project last answered them, within the cool-down."""
    since = now - timedelta(days=document.sending.cooldown_days)
    counted = Delivery.objects.filter(project=project, status__in=COUNTED, claimed_at__gt=since)
    rows = counted.exclude(author_digest="").order_by("claimed_at").values_list("author_digest", "claimed_at")
    return {digest: claimed_at for digest, claimed_at in rows if claimed_at}


def _caps(project: Project, document: ProjectDocument, now: datetime) -> list[Cap]:
    limits = caps_of(document, DeliveryKind.REPLY)
    counted = Delivery.objects.filter(project=project, status__in=COUNTED).exclude(kind=DeliveryKind.DM)
    used = counted.aggregate(
        **{name: Count("pk", filter=Q(claimed_at__gt=now - span)) for name, (_, span) in limits.items()}
    )
    return [Cap(name, limit, used[name]) for name, (limit, _) in limits.items()]
