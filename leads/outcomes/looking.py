"""How do our replies stand? Each is asked for often while it is young, seldom later, and not after 30 days.

Cumulative counts become events once: when a reply that was known to have 2 likes has 5, that is one outcome that
stands for 3. A count that falls and rises again brings nothing new.

What is read counts in the account's budget of the month; where that is spent, nothing is asked.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from connectors.base import Availability, LookedUp, Looking, Simulated
from connectors.budgets import Reading
from connectors.errors import ConnectorError
from connectors.listening import is_simulated, names_who_answers, open_for
from connectors.models import Account
from connectors.prices import price_of
from connectors.searching import OpenSearch
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from ..models import Delivery, DeliveryStatus, Draft, MentionCursor, Outcome, OutcomeType
from ..services.availability import looked_up
from .recording import hold, record_outcome

log = logging.getLogger(__name__)

Plan = Sequence[tuple[timedelta, timedelta]]
"""(up to which age, how long between two looks), the youngest first."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FREE: Plan = ((DAY, 2 * HOUR), (7 * DAY, 12 * HOUR), (30 * DAY, 2 * DAY))
"""Some 35 looks."""
PAID: Plan = ((DAY, 6 * HOUR), (7 * DAY, DAY), (30 * DAY, 7 * DAY))
"""Where posts cost money to read: some 13 looks."""
PLAYED: Plan = ((DAY, timedelta(minutes=4)), (30 * DAY, 12 * HOUR))
SIMULATED_AT_ONCE = 100
BY_NUMBER = "replies:"


@dataclass(frozen=True, slots=True)
class Group:
    """Replies that are asked for together: of one platform, and left by one account (None: by nobody known)."""

    platform: str
    account: Account | None


def plan_for(platform: str) -> Plan:
    if is_simulated(platform):
        return PLAYED
    return PAID if price_of(platform) else FREE


def due_looks(platform: str, *, late: timedelta = timedelta(0)) -> QuerySet[Delivery]:
    """Our replies there that are to be asked for by now; `late`: those that were to be so long ago."""
    now, younger_than, is_due = timezone.now(), timedelta(0), Q(pk__in=())
    for age, gap in plan_for(platform):
        in_span = Q(sent_at__gt=now - age, sent_at__lte=now - younger_than)
        is_due |= in_span & Q(last_look__lte=now - gap - late)
        younger_than = age
    sent = Delivery.objects.filter(
        platform=platform, status=DeliveryStatus.SENT, gone_at=None, draft__isnull=False
    )
    return sent.exclude(platform_post_id="").annotate(last_look=Coalesce("looked_at", "sent_at")).filter(is_due)


def look_at_replies(project: Project, *, until: float) -> Counter[str]:
    """Ask for the project's replies that are due, until that moment; what became of how many."""
    done: Counter[str] = Counter()
    for group in groups_of(project):
        if time.monotonic() >= until:
            break
        try:
            _look_at_group(project, group, done, until=until)
        except DomainError as error:
            log.info("replies of %s at %s are not looked at now: %s", project.slug, group.platform, error.detail)
            done["put off"] += 1
    return done


def groups_of(project: Project) -> list[Group]:
    """Of the replies that are due."""
    sent = Delivery.objects.filter(project=project, status=DeliveryStatus.SENT).exclude(platform_post_id="")
    platforms = sent.order_by().values_list("platform", flat=True).distinct()
    found: list[Group] = []
    for platform in sorted(platforms):
        due = due_looks(platform).filter(project=project).order_by()
        ids = set(due.values_list("account", flat=True))
        accounts = Account.objects.in_bulk([pk for pk in ids if pk])
        found += [Group(platform, account) for _, account in sorted(accounts.items())]
        found += [Group(platform, None)] if None in ids else []
    return found


def _look_at_group(project: Project, group: Group, done: Counter[str], *, until: float) -> None:
    search = open_for(group.platform, group.account, project=project, document=active_document(project))
    at_once = search.connector.looked_up_at_once if isinstance(search.connector, Looking) else SIMULATED_AT_ONCE
    due = due_looks(group.platform).filter(project=project, account=group.account)
    while time.monotonic() < until:
        oldest = due.select_related("draft__lead").order_by(F("looked_at").asc(nulls_first=True), "pk")
        rows = list(oldest[:at_once])
        if not rows:
            break
        read = _read(search, rows)
        for delivery, answer in read:
            done[_take(delivery, answer, by_name=_answers_are_named(search))] += 1


def _read(search: OpenSearch, rows: Sequence[Delivery]) -> list[tuple[Delivery, LookedUp]]:
    """As many as the budget grants. ConnectorError when it is spent, or the platform does not answer."""
    reading = Reading(search.account, wanted=len(rows))
    try:
        asked = rows[: reading.granted]
        found = _answers(search, [row.platform_post_id for row in asked])
        reading.count(sum(answer.post is not None for answer in found.values()))
    except ConnectorError as error:
        raise search.explained(error) from error
    finally:
        reading.end()
    unsaid = LookedUp(Availability.UNKNOWN)
    return [(row, found.get(row.platform_post_id, unsaid)) for row in asked]


def _answers(search: OpenSearch, ids: Sequence[str]) -> Mapping[str, LookedUp]:
    connector = search.connector
    if isinstance(connector, Simulated):
        return connector.reactions(ids)
    return looked_up(connector, ids) if isinstance(connector, Looking) else {}


def _answers_are_named(search: OpenSearch) -> bool:
    """Whether answers come one by one (`speaking`): then their number says nothing more."""
    if not names_who_answers(search.connector):
        return False
    read = MentionCursor.objects.filter(platform=search.connector.platform, account=search.account)
    return read.exclude(looked_at=None).exists()


@transaction.atomic
def _take(delivery: Delivery, answer: LookedUp, *, by_name: bool) -> str:
    """What a look says of one reply. The delivery is locked after its project and draft, as elsewhere."""
    if delivery.draft is not None:
        hold(delivery.draft)
    row = Delivery.objects.select_for_update(of=("self",)).select_related("draft__lead").get(pk=delivery.pk)
    now = timezone.now()
    row.looked_at = now
    if answer.availability == Availability.GONE:
        row.gone_at = now
    row.save(update_fields=["looked_at", "gone_at"])
    if row.draft is not None and answer.post is not None:
        _note_count(row.draft, OutcomeType.LIKE_RECEIVED, answer.post.likes, "likes:", now)
        if not by_name:
            _note_count(row.draft, OutcomeType.REPLY_RECEIVED, answer.post.replies, BY_NUMBER, now)
    return answer.availability.value


def _note_count(draft: Draft, kind: OutcomeType, total: int | None, prefix: str, now: datetime) -> None:
    """What a count says beyond what is known of it. Those that were taken back are known, too."""
    known = Outcome.objects.filter(draft=draft, type=kind).aggregate(number=Sum("count"))["number"] or 0
    new = (total or 0) - known
    if new > 0:
        details = {"simulated": True} if is_simulated(draft.lead.post.platform) else {}
        record_outcome(draft, kind=kind, reference=f"{prefix}{total}", count=new, details=details, observed_at=now)
