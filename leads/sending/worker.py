"""Sending what is due: claim, call, record; one draft at a time, by as many processes as one likes."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from connectors.errors import (
    AccountNeeded,
    BadQuery,
    ConnectorError,
    NotSent,
    NotThere,
    OverBudget,
    RateLimited,
    Refused,
)
from connectors.posting import OpenPosting, open_posting
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from ..models import Delivery, DeliveryMode, DeliveryStatus
from .claim import Claim, Held, claim_delivery
from .gates import Refusal
from .record import put_back, record_failed, record_sent, record_unknown

log = logging.getLogger(__name__)

TURN = 15.0
"""Seconds after which a turn begins no further call. A job has 60."""
FRESH = timedelta(seconds=60)
"""How old a claim may be when the call begins: a process that slept meanwhile does not send."""
WAIT_WHEN_REFUSED = timedelta(minutes=10)
WAIT_WHEN_LIMITED = timedelta(minutes=5)

NOTHING_POSTED = (NotSent, BadQuery, NotThere)
"""Definite refusals of this one reply."""
NOT_YET = (Refused, AccountNeeded, OverBudget)
"""Nothing was posted, for a reason that lies with the account: it waits until that is mended."""


@dataclass
class Turn:
    """What a turn did. `counts` are deliveries by what became of them."""

    counts: Counter[str] = field(default_factory=Counter)
    held_by: str = ""
    """The sentence of the gate that ended the turn for the whole project."""
    is_cut: bool = False
    """Its time was over."""


@dataclass
class _Places:
    """What a turn has found out: platforms (and instances of them) that are open, those that are not for now, and
    drafts that wait.
    """

    project: Project
    open: dict[tuple[str, str], OpenPosting] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)

    def posting(self, platform: str, community: str) -> OpenPosting:
        if (platform, community) not in self.open:
            self.open[platform, community] = open_posting(platform, project=self.project, community=community)
        return self.open[platform, community]


def due_deliveries(project: Project) -> QuerySet[Delivery]:
    """What waits to be sent by API and may be tried now, the oldest first."""
    due = Delivery.objects.filter(project=project, status=DeliveryStatus.QUEUED, due_at__lte=timezone.now())
    return due.filter(mode=DeliveryMode.API).order_by("queued_at", "pk")


def send_due(project: Project, *, seconds: float = TURN) -> Turn:
    """Send what is due until nothing is left, a gate is closed for the project, or the time is over."""
    turn, places, ends = Turn(), _Places(project), time.monotonic() + seconds
    while not turn.held_by:
        waiting = due_deliveries(project).exclude(pk__in=places.passed).exclude(platform__in=places.closed)
        row = waiting.values_list("pk", "platform", "draft__lead__post__community").first()
        if row is None:
            break
        if time.monotonic() >= ends:
            turn.is_cut = True
            break
        _send_one(row[0], row[1], row[2] or "", places, turn)
    return turn


def _send_one(delivery_id: int, platform: str, community: str, places: _Places, turn: Turn) -> None:
    try:
        posting = places.posting(platform, community)
    except DomainError as error:
        _keep_waiting(delivery_id, error.detail)
        places.passed.add(delivery_id)
        return
    claim = claim_delivery(delivery_id, account=posting.account)
    match claim:
        case Refusal():
            places.passed.add(delivery_id)
            turn.counts["cancelled" if claim.final else "waiting"] += 1
            turn.held_by = claim.sentence if claim.for_all else ""
        case Claim():
            outcome = _call_and_record(claim, posting)
            turn.counts[outcome] += 1
            if outcome == "put back":
                places.closed.add(platform)


def _keep_waiting(delivery_id: int, sentence: str) -> None:
    waiting = Delivery.objects.filter(pk=delivery_id, status=DeliveryStatus.QUEUED).exclude(error=sentence)
    waiting.update(error=sentence)


def _call_and_record(claim: Claim, posting: OpenPosting) -> str:
    """Outside any transaction. Whatever is not known to be a refusal is unknown, a fault of ours included."""
    held = claim.held
    if timezone.now() - claim.claimed_at > FRESH:
        put_back(held, reason="Its worker was held up before it could send.", due_at=timezone.now())
        return "put back"
    try:
        sent = posting.connector.reply(claim.post_id, claim.text, key=str(claim.key))
    except ConnectorError as error:
        return _record_error(posting.explained(error), held)
    except Exception as error:
        log.exception("delivery %s: the connector failed", held.delivery_id)
        record_unknown(held, reason=f"The connector failed ({type(error).__name__}).")
        return "unknown"
    if not record_sent(held, sent=sent):
        log.error("delivery %s was sent, and is another's by now", held.delivery_id)
    return "sent"


def _record_error(error: ConnectorError, held: Held) -> str:
    if isinstance(error, NOTHING_POSTED):
        record_failed(held, reason=error.detail)
        return "failed"
    wait = _wait_after(error)
    if wait is not None:
        put_back(held, reason=error.detail, due_at=timezone.now() + wait)
        return "put back"
    record_unknown(held, reason=error.detail)
    return "unknown"


def _wait_after(error: ConnectorError) -> timedelta | None:
    """How long to wait after an error with which nothing was posted; None: it may have been."""
    if isinstance(error, RateLimited):
        return timedelta(seconds=error.retry_after) if error.retry_after else WAIT_WHEN_LIMITED
    return WAIT_WHEN_REFUSED if isinstance(error, NOT_YET) else None
