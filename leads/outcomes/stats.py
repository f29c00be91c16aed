"""What came of what was sent, counted."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from signalops_site.core.models import Project

from ..models import Delivery, DeliveryStatus, OutcomeType
from .negatives import Share, share_of
from .recording import standing


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How often a type occurred, and on how many of the replies that were sent."""

    type: str
    count: int
    replies: int


@dataclass(frozen=True, slots=True)
class PlatformCount:
    platform: str
    sent: int
    answered: int
    negative: int


@dataclass(frozen=True, slots=True)
class OutcomeStats:
    """Of the replies sent in the last `days`: what came of them by type and by platform, and the share of noes of
    the last 30 days, which pauses sending above `limit`.
    """

    days: int
    sent: int
    types: list[TypeCount]
    platforms: list[PlatformCount]
    share: Share
    above_limit: bool


def outcome_stats(project: Project, *, days: int) -> OutcomeStats:
    since = timezone.now() - timedelta(days=days)
    sent = Delivery.objects.filter(project=project, status=DeliveryStatus.SENT, sent_at__gt=since)
    share = share_of(project)
    return OutcomeStats(days, sent.count(), _types(sent), _platforms(sent), share, share.is_too_high)


def _types(sent: QuerySet[Delivery]) -> list[TypeCount]:
    rows = standing().filter(draft__delivery__in=sent).order_by().values_list("type")
    counted = rows.annotate(number=Sum("count"), replies=Count("draft", distinct=True))
    found = {kind: TypeCount(kind, number, replies) for kind, number, replies in counted}
    return [found.get(kind, TypeCount(kind, 0, 0)) for kind in OutcomeType.values]


def _platforms(sent: QuerySet[Delivery]) -> list[PlatformCount]:
    rows = (
        sent.order_by("platform")
        .values_list("platform")
        .annotate(
            sent=Count("pk", distinct=True),
            answered=Count("pk", distinct=True, filter=_with(OutcomeType.REPLY_RECEIVED)),
            negative=Count("pk", distinct=True, filter=_with(OutcomeType.NEGATIVE)),
        )
    )
    return [PlatformCount(*row) for row in rows]


def _with(kind: OutcomeType) -> Q:
    return Q(draft__outcomes__type=kind, draft__outcomes__withdrawn_at=None)
