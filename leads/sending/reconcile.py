"""What became of a reply of which nobody knows whether it left? Its platform is asked; nothing is sent blindly.

    found           sent
    surely absent   back in the queue, behind all gates; after some attempts: failed
    no answer       looked for again, ever more rarely; a person may look and decide meanwhile

A claim whose worker is lost is such a reply as well. What a person posted by hand, or says to be there, is looked
for in the same way, so that its link stands here and its answers are known; there, absence means nothing.
"""

import time
from collections import Counter
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from connectors.base import SentReply
from connectors.errors import ConnectorError
from connectors.models import Account
from connectors.posting import OpenPosting, open_posting
from signalops_site.core.errors import DomainError
from signalops_site.core.models import AuditEntry, Project

from ..models import Delivery, DeliveryMode, DeliveryStatus
from .claim import Held
from .record import put_back, record_failed, record_found, record_sent, record_unknown

TURN = 15.0
"""Seconds after which a turn asks for nothing more."""
SINCE = timedelta(minutes=10)
"""A platform's clock may be that far behind ours."""
MOST_ATTEMPTS = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
NEW_CREDENTIALS = ("account.rotate", "account.connect")
"""As the audit log has them."""
UNKNOWN = (DeliveryStatus.UNKNOWN,)
DRAFT_GONE = "Its draft is gone: nobody can look for it."
LOST = "Its worker was lost while it sent."


def reconcile(project: Project, *, also: Q | None = None, seconds: float = TURN) -> Counter[str]:
    """Settle what is unknown and due, and `also` these; what became of how many."""
    give_up_lost(project)
    ends, done = time.monotonic() + seconds, Counter[str]()
    unknown = Q(mode=DeliveryMode.API, status=DeliveryStatus.UNKNOWN)
    due = Delivery.objects.filter(unknown | also if also else unknown, project=project, due_at__lte=timezone.now())
    for delivery in due.select_related("draft__lead__post").order_by("due_at", "pk"):
        if time.monotonic() >= ends:
            break
        done[_settle(delivery, project)] += 1
    return done


def give_up_lost(project: Project) -> int:
    """Claims of workers that recorded nothing in time become unknown; how many."""
    lost = Delivery.objects.filter(
        project=project, mode=DeliveryMode.API, status=DeliveryStatus.CLAIMED, due_at__lte=timezone.now()
    )
    rows = list(lost.values_list("pk", "claimed_by"))
    return sum(record_unknown(Held(*row), reason=LOST, look_after=timedelta(0)) for row in rows)


def _settle(delivery: Delivery, project: Project) -> str:
    """Asks the platform, outside any transaction."""
    held = Held(delivery.pk, delivery.claimed_by)
    is_unknown = delivery.status == DeliveryStatus.UNKNOWN
    if delivery.draft is None and is_unknown:
        record_failed(held, reason=DRAFT_GONE, among=UNKNOWN)
        return "failed"
    try:
        found = _found(delivery, project)
    except DomainError as error:
        return _look_later(delivery, error.detail if is_unknown else delivery.error)
    if not is_unknown:
        return _match(delivery, found)
    if found is not None:
        return "found" if record_sent(held, sent=found) else "settled by another"
    return _absent(delivery, held)


def _absent(delivery: Delivery, held: Held) -> str:
    if delivery.attempts >= MOST_ATTEMPTS:
        reason = f"After {delivery.attempts} attempts it is still not there."
        record_failed(held, reason=reason, among=UNKNOWN)
        return "failed"
    put_back(held, reason="It was not there: it is sent again.", due_at=timezone.now(), among=UNKNOWN)
    return "absent"


def _match(delivery: Delivery, found: SentReply | None) -> str:
    if found is None:
        return _look_later(delivery, delivery.error)
    record_found(Held(delivery.pk, delivery.claimed_by), sent=found)
    return "matched"


def _found(delivery: Delivery, project: Project) -> SentReply | None:
    draft = delivery.draft
    if draft is None or not draft.text_final or delivery.claimed_at is None:
        raise DomainError(
            "Its text is gone, so it cannot be looked for. Look at the platform, and say what is so."
        )
    post = draft.lead.post
    posting = open_posting(delivery.platform, project=project, community=post.community)
    _require_same_account(delivery, posting.account)
    return _asked(posting, post.platform_post_id, draft.text_final, delivery)


def _require_same_account(delivery: Delivery, account: Account | None) -> None:
    """Only who sent a reply can say that it is surely absent. What a person posted by hand left by no account."""
    if delivery.mode != DeliveryMode.API or (account is None and delivery.account_id is None):
        return
    if delivery.account_id is None:
        raise DomainError("The account by which it left was removed. Look at the platform: is it there?")
    if account is None or account.pk != delivery.account_id:
        raise DomainError("It left by an account that is not in use now. Look at the platform: is it there?")
    if _may_be_anothers(account, since=(delivery.claimed_at or delivery.queued_at) - SINCE):
        raise DomainError(
            "Its account was given other credentials since it left, maybe somebody else's. Look at the platform: "
            "is it there?"
        )


def _may_be_anothers(account: Account, *, since: datetime) -> bool:
    """Whether somebody entered credentials since then. No account keeps as whom it was known before. A worker that
    claims had opened the account a little earlier, hence `since` is earlier too.
    """
    entries = AuditEntry.objects.filter(action__in=NEW_CREDENTIALS, created_at__gte=since)
    return entries.filter(target_type=account._meta.label_lower, target_id=str(account.pk)).exists()


def _asked(posting: OpenPosting, post_id: str, text: str, delivery: Delivery) -> SentReply | None:
    since = (delivery.claimed_at or delivery.queued_at) - SINCE
    try:
        return posting.connector.find_reply(post_id, text, since=since)
    except ConnectorError as error:
        raise posting.explained(error) from error


def _look_later(delivery: Delivery, sentence: str) -> str:
    wait = min(FIRST_WAIT * 2 ** min(delivery.checks, 10), LONGEST_WAIT)
    same = Delivery.objects.filter(pk=delivery.pk, status=delivery.status, claimed_by=delivery.claimed_by)
    same.update(due_at=timezone.now() + wait, checks=F("checks") + 1, error=sentence)
    return "not known"
