"""What a send would do, before a person confirms it: nothing is written, and the same gates are asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from connectors.models import Account, AccountState
from connectors.opening import paused_message
from connectors.posting import accounts_to_post, writer_among
from connectors.rules import Mode, Policy
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
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
    Post,
)
from ..replying import ReplyPolicies
from ..suppression import suppressed_leads
from .enqueue import kind_of
from .gates import LASTING, PASSING, Case, Refusal, caps_of, first_refusal, undo_window_over

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
    shown, total = list(drafts[:most]), drafts.count()
    queued = Delivery.objects.filter(project=project, status=DeliveryStatus.QUEUED).count()
    held_by = _held_by(project, document, now)
    caps = _caps(project, document, now)
    forecast = _Forecast(project, held_by, _places(caps, queued))
    answered, suppressed = _answered(project, document, now), suppressed_leads([draft.lead for draft in shown])
    cases = (
        Case(draft, _unsent(draft), project, document, now, answered=answered, suppressed=suppressed)
        for draft in shown
    )
    rows = [forecast.row(case) for case in cases]
    return Preview(project, rows, total, queued, caps, list(pauses_of(project)), held_by)


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


class _Forecast:
    """What becomes of drafts that are sent together, in their order: each takes a place under the caps, and
    answers its author.
    """

    def __init__(self, project: Project, held_by: Refusal | None, places: int) -> None:
        self._project, self._held_by, self._places = project, held_by, places
        self._policies = ReplyPolicies()
        self._accounts: dict[str, list[Account]] = {}
        self._answered: set[int] = set()

    def row(self, case: Case) -> PreviewRow:
        policy = self._policies.of(case.lead, kind=case.delivery.kind)
        if refusal := first_refusal(case, LASTING) or self._answered_before(case):
            return PreviewRow(case.draft, policy, "refused", refusal.sentence, refusal.until)
        if policy.mode == Mode.BLOCKED:
            return PreviewRow(case.draft, policy, "refused", policy.rule)
        if policy.mode == Mode.ASSISTED:
            return PreviewRow(case.draft, policy, "by_hand", policy.rule)
        if case.lead.post.author_id:
            self._answered.add(case.lead.post.author_id)
        if refusal := self._held_by or self._held_back(case):
            return PreviewRow(case.draft, policy, "waits", refusal.sentence, refusal.until)
        return PreviewRow(case.draft, policy, "ready")

    def _answered_before(self, case: Case) -> Refusal | None:
        days = case.document.sending.cooldown_days
        is_first = case.lead.post.author_id not in self._answered
        if is_first or case.delivery.kind != DeliveryKind.REPLY or not days:
            return None
        until = case.now + timedelta(days=days)
        return Refusal("The author gets another of these drafts, and is left alone then.", until)

    def _held_back(self, case: Case) -> Refusal | None:
        """What holds this one back where others of the project may leave."""
        if refusal := self._refused_account(case.lead.post) or undo_window_over(case):
            return refusal
        self._places -= 1
        if self._places >= 0:
            return None
        return Refusal("The project's caps let fewer leave at once: it leaves when there is a place again.")

    def _refused_account(self, post: Post) -> Refusal | None:
        platform = post.platform
        try:
            if platform not in self._accounts:
                self._accounts[platform] = accounts_to_post(platform, project=self._project)
            account = writer_among(self._accounts[platform], platform=platform, community=post.community)
        except DomainError as error:
            return Refusal(error.detail)
        if account is None or account.state == AccountState.OK:
            return None
        return Refusal(paused_message(account))


def _places(caps: Iterable[Cap], queued: int) -> int:
    """How many may leave now, behind those that are in the queue already."""
    return max(min((cap.limit - cap.used for cap in caps), default=0) - queued, 0)


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
