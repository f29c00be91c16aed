"""What has to be so for a draft to leave, each as one small function.

A gate answers None when it lets a draft pass, and otherwise a sentence that says why not and, where that is known,
until when. The claim asks them all while it holds the rows that the answers depend on; enqueuing and previews ask
the same functions, so that a person is told the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from connectors.models import Account, AccountState
from connectors.opening import paused_message
from connectors.rules import SELF_SERVE, Mode, Policy
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project
from signalops_site.core.pauses import pause_of

from ..models import COUNTED, Delivery, DeliveryKind, Draft, DraftStatus, Lead, LeadStage, Suppression
from ..relations import interactions_of
from ..replying import policy_as
from ..sequences.writing_back import has_written
from ..suppression import sentence_of, suppression_of
from .authors import digests_of
from .quiet_hours import QuietHours

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
JITTER = 0.5
"""The time between two replies is as long as the project says, and up to this share longer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft may not leave now. `final`: waiting would not help, a person has to act. `for_all`: the next
    draft of the project would meet the same.
    """

    sentence: str
    until: datetime | None = None
    final: bool = False
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A draft that would leave, as which account, and by which configuration. `delivery` may be one that is not
    stored. `account` None: the platform has none, or a person posts as whom they like.
    """

    draft: Draft
    delivery: Delivery
    project: Project
    document: ProjectDocument
    now: datetime
    account: Account | None = None
    answered: Mapping[str, datetime] | None = None
    """Whom the project answered lately, by digest, where that is known for many cases at once."""
    suppressed: Mapping[int, Suppression] | None = None
    """Of many cases' leads those whose authors are on the do-not-contact list, likewise."""

    @property
    def lead(self) -> Lead:
        return self.draft.lead


Gate = Callable[[Case], Refusal | None]


def first_refusal(case: Case, gates: Sequence[Gate]) -> Refusal | None:
    return next((refusal for gate in gates if (refusal := gate(case))), None)


def approved(case: Case) -> Refusal | None:
    draft = case.draft
    if draft.status not in (DraftStatus.APPROVED, DraftStatus.EDITED) or not draft.text_final:
        return Refusal(f"Draft {draft.pk} is not approved ({draft.status}).", final=True)
    return None


def still_there(case: Case) -> Refusal | None:
    if case.lead.stage == LeadStage.GONE:
        return Refusal(f"The post is gone at {case.lead.post.platform}.", final=True)
    return None


def active_project(case: Case) -> Refusal | None:
    if not case.project.is_active:
        return Refusal(f"Project {case.project.slug!r} is not active.", final=True)
    return None


def not_paused(case: Case) -> Refusal | None:
    pause = pause_of(case.project)
    if pause is None:
        return None
    whose = case.project.slug if pause.project_id else "all projects"
    until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
    why = f": {pause.why}" if pause.why else ""
    return Refusal(f"Sending of {whose} is paused{until}{why}.", pause.until, for_all=True)


def policy_of(case: Case) -> Policy:
    """What the account that would send may do, by the platform's rules."""
    account = case.account
    post, kind = case.lead.post, case.delivery.kind
    if account is None:
        return policy_as(post, handle="", tier=SELF_SERVE, kind=kind)
    spoke = interactions_of(post.author).relation(post.author, account_id=account.pk)
    return policy_as(post, handle=account.handle, tier=account.tier, account_id=account.pk, spoke=spoke, kind=kind)


def sent_by_api(case: Case) -> Refusal | None:
    if case.delivery.kind == DeliveryKind.DM:
        return Refusal("A direct message is sent by a person, in the platform's own window.", final=True)
    rule = policy_of(case)
    if rule.mode == Mode.API:
        return None
    by_hand = " It can be sent by hand." if rule.mode == Mode.ASSISTED else ""
    return Refusal(f"Not by API: {rule.rule}{by_hand}", final=True)


def sent_by_hand(case: Case) -> Refusal | None:
    rule = policy_of(case)
    return Refusal(f"Not at all: {rule.rule}", final=True) if rule.mode == Mode.BLOCKED else None


def account_accepted(case: Case) -> Refusal | None:
    if case.account is not None and case.account.state != AccountState.OK:
        return Refusal(paused_message(case.account))
    return None


def not_suppressed(case: Case) -> Refusal | None:
    """Asked again here: the author may have been added since the draft was written."""
    known = case.suppressed
    found = suppression_of(case.lead) if known is None else known.get(case.lead.pk)
    return Refusal(sentence_of(found), final=True) if found else None


def not_cold(case: Case) -> Refusal | None:
    """Nobody is written to directly who has not written."""
    if case.delivery.kind != DeliveryKind.DM or has_written(case.lead):
        return None
    return Refusal("The author has not written to us: a direct message would be cold.", final=True)


def author_cooled_down(case: Case) -> Refusal | None:
    """A person may overrule it with a reason; what follows up is a step of its own that a person approved."""
    if case.delivery.override_reason or case.delivery.kind != DeliveryKind.REPLY:
        return None
    author, days = case.lead.post.author, case.document.sending.cooldown_days
    if author is None:
        return Refusal(
            "Who wrote the post is not known, so nobody can tell when they were last answered.", final=True
        )
    if not days:
        return None
    answered_at = _last_answer(case, digests_of(author))
    until = answered_at + timedelta(days=days) if answered_at else case.now
    if answered_at is None or until <= case.now:
        return None
    sentence = f"The author was answered on {answered_at:%Y-%m-%d}, and is left alone until {until:%Y-%m-%d}."
    return Refusal(sentence, until, final=True)


def _last_answer(case: Case, digests: Sequence[str]) -> datetime | None:
    if case.answered is not None:
        return max((case.answered[digest] for digest in digests if digest in case.answered), default=None)
    counted = _counted(case).filter(author_digest__in=digests).order_by("-claimed_at")
    return counted.values_list("claimed_at", flat=True).first()


def caps_not_reached(case: Case) -> Refusal | None:
    counted = _of_kind(_counted(case), case.delivery.kind)
    limits = caps_of(case.document, case.delivery.kind)
    numbers = counted.filter(claimed_at__gt=case.now - MONTH).aggregate(
        **{name: Count("pk", filter=Q(claimed_at__gt=case.now - span)) for name, (_, span) in limits.items()}
    )
    for name, (limit, span) in limits.items():
        if numbers[name] >= limit:
            return _at_cap(counted, name, limit, span)
    return None


def caps_of(document: ProjectDocument, kind: str) -> dict[str, tuple[int, timedelta]]:
    """Name of the span -> most that may leave within it, and how long it is."""
    limits = document.rate_limits
    if kind == DeliveryKind.DM:
        return {"day": (limits.max_dms_per_day, DAY)}
    caps = {"hour": (limits.max_replies_per_hour, HOUR), "day": (limits.max_replies_per_day, DAY)}
    if limits.max_replies_per_month:
        caps["month"] = (limits.max_replies_per_month, MONTH)
    return caps


def _at_cap(counted: QuerySet[Delivery], name: str, limit: int, span: timedelta) -> Refusal:
    """One place is free when the oldest of those that fill the cap has left the span."""
    if not limit:
        return Refusal(f"The project's cap is 0 per {name}: nothing is sent.", for_all=True)
    oldest = counted.order_by("-claimed_at").values_list("claimed_at", flat=True)[limit - 1]
    until = oldest + span if oldest else None
    when = f"; the next one at {until:%Y-%m-%d %H:%M} UTC" if until else ""
    return Refusal(f"The project's cap of {limit} per {name} is reached{when}.", until, for_all=True)


def spaced(case: Case) -> Refusal | None:
    """The time since the last one of the project, or of the account that projects share."""
    seconds = case.document.sending.spacing_seconds
    if not seconds:
        return None
    near = Q(project=case.project)
    if case.account is not None:
        near |= Q(account=case.account)
    counted = Delivery.objects.filter(near, status__in=COUNTED).exclude(pk=case.delivery.pk)
    last = counted.order_by("-claimed_at").values_list("claimed_at", flat=True).first()
    until = last + _gap(case.delivery, seconds) if last else case.now
    if until <= case.now:
        return None
    return Refusal(f"Replies are spaced: the next one leaves at {until:%H:%M:%S} UTC.", until, for_all=True)


def _gap(delivery: Delivery, seconds: int) -> timedelta:
    """The same for one delivery, however often it is asked for: the shortest of many draws would win otherwise."""
    return timedelta(seconds=seconds * (1 + JITTER * (delivery.key.int % 1000) / 1000))


def outside_quiet_hours(case: Case) -> Refusal | None:
    hours = case.document.sending.quiet_hours
    try:
        until = QuietHours.parse(hours).end_after(case.now) if hours else None
    except ValueError as error:
        return Refusal(f"The project's quiet hours cannot be read: {error}.", for_all=True)
    if until is None:
        return None
    return Refusal(f"Quiet hours: nothing is sent until {until:%Y-%m-%d %H:%M} UTC.", until, for_all=True)


def undo_window_over(case: Case) -> Refusal | None:
    decided = case.draft.decided_at
    until = decided + timedelta(seconds=case.document.review.undo_seconds) if decided else case.now
    if until <= case.now:
        return None
    return Refusal(f"Its approval can still be taken back, until {until:%H:%M:%S} UTC.", until)


def _counted(case: Case) -> QuerySet[Delivery]:
    """What left the project or may have, but for this one."""
    return Delivery.objects.filter(project=case.project, status__in=COUNTED).exclude(pk=case.delivery.pk)


def _of_kind(deliveries: QuerySet[Delivery], kind: str) -> QuerySet[Delivery]:
    messages = Q(kind=DeliveryKind.DM)
    return deliveries.filter(messages if kind == DeliveryKind.DM else ~messages)


LASTING: tuple[Gate, ...] = (still_there, approved, active_project, not_suppressed, not_cold, author_cooled_down)
"""What waiting does not change."""
PASSING: tuple[Gate, ...] = (not_paused, undo_window_over, outside_quiet_hours, caps_not_reached, spaced)
"""What passes by itself, or when somebody resumes."""
BY_API: tuple[Gate, ...] = (*LASTING, sent_by_api, account_accepted, *PASSING)
BY_HAND: tuple[Gate, ...] = (*LASTING, sent_by_hand, not_paused, undo_window_over, caps_not_reached)
"""A person who posts chooses the hour."""
