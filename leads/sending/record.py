"""Recording what a platform answered. Each is one transaction on the locked delivery.

Only the process whose token stands in the row records what its own call brought. It may do so late: when the
delivery was taken for lost meanwhile, and not yet claimed by another.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.base import SentReply
from signalops_site.core import audit

from ..models import Delivery, DeliveryStatus
from .claim import BY, Held
from .enqueue import tell

LOOK_AFTER = timedelta(minutes=2)
"""How long an unknown reply is left before it is looked for: platforms show a post to searches a little later."""
STILL_ITS_OWN = (DeliveryStatus.CLAIMED, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED)


def record_sent(held: Held, *, sent: SentReply) -> bool:
    """It is there. False when the row is another's by now."""
    changes = {
        "status": DeliveryStatus.SENT,
        "platform_post_id": sent.id[:200],
        "url": sent.url[:1000],
        "error": "",
    }
    return _record(held, "delivery.sent", among=STILL_ITS_OWN, changes=changes)


def record_found(held: Held, *, sent: SentReply) -> bool:
    """What a person posted by hand was found at the platform, whether they have said so yet or not."""
    changes = {"status": DeliveryStatus.SENT, "platform_post_id": sent.id[:200], "error": ""}
    if sent.url:
        changes["url"] = sent.url[:1000]
    among = (DeliveryStatus.CLAIMED, DeliveryStatus.SENT)
    return _record(held, "delivery.match", among=among, changes=changes)


def record_failed(
    held: Held, *, reason: str, among: tuple[DeliveryStatus, ...] = (DeliveryStatus.CLAIMED,)
) -> bool:
    """The platform refused it, or it surely is not there: nothing was posted."""
    changes = {"status": DeliveryStatus.FAILED, "error": reason}
    return _record(held, "delivery.fail", among=among, changes=changes)


def record_unknown(held: Held, *, reason: str, look_after: timedelta = LOOK_AFTER) -> bool:
    """It may be there or not."""
    due = timezone.now() + look_after
    changes = {"status": DeliveryStatus.UNKNOWN, "error": reason, "due_at": due, "checks": 0}
    return _record(held, "delivery.unknown", changes=changes)


def put_back(
    held: Held,
    *,
    reason: str,
    due_at: datetime,
    among: tuple[DeliveryStatus, ...] = (DeliveryStatus.CLAIMED,),
) -> bool:
    """Nothing was posted, and it may be tried again from that time on."""
    changes = {"status": DeliveryStatus.QUEUED, "error": reason, "due_at": due_at}
    return _record(held, "delivery.put_back", among=among, changes=changes)


@transaction.atomic
def _record(
    held: Held,
    action: str,
    *,
    changes: dict[str, Any],
    among: tuple[DeliveryStatus, ...] = (DeliveryStatus.CLAIMED,),
) -> bool:
    rows = Delivery.objects.select_related("draft__lead__project", "project").select_for_update(of=("self",))
    delivery = rows.filter(pk=held.delivery_id, claimed_by=held.token, status__in=among).first()
    if delivery is None:
        return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    if delivery.status == DeliveryStatus.SENT and delivery.sent_at is None:
        delivery.sent_at = timezone.now()
    delivery.save(update_fields=[*changes, "sent_at"])
    if delivery.draft is not None:
        tell(delivery, delivery.draft)
    fields = {"draft": delivery.draft_id, "attempt": delivery.attempts}
    audit.record(action, by=BY, project=delivery.project, on=delivery, fields=fields)
    return True
