"""Checks of sending: replies of which nobody knows whether they left, those that a person has in hand, pauses."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from leads.models import Delivery, DeliveryMode, DeliveryStatus
from signalops_site.core.pauses import active_pauses

from .findings import Seen, doubtful, fine

LONG = timedelta(hours=1)
"""By then an unknown reply has been looked for several times."""
A_DAY = timedelta(days=1)


def examine_sending() -> Iterator[Seen]:
    found = [*_unknown(), *_in_hand(), *_pauses()]
    yield from found or [fine("Nothing is unknown, and no project is paused.")]


def _unknown() -> Iterator[Seen]:
    long_ago = Delivery.objects.filter(status=DeliveryStatus.UNKNOWN, claimed_at__lt=timezone.now() - LONG)
    for slug, number in _by_project(long_ago):
        mend = "Look at the platform, and say in the queue (status `unknown`) whether each is there."
        yield doubtful(f"{slug}: {_replies(number)} may be there or not, for more than an hour.", mend=mend)


def _in_hand() -> Iterator[Seen]:
    by_hand = Delivery.objects.filter(mode=DeliveryMode.ASSISTED, status=DeliveryStatus.CLAIMED)
    for slug, number in _by_project(by_hand.filter(claimed_at__lt=timezone.now() - A_DAY)):
        mend = "Whoever took them says in the queue whether they were posted; until then they count in the caps."
        yield doubtful(f"{slug}: {_replies(number)} taken to be posted by hand, a day ago and more.", mend=mend)


def _pauses() -> Iterator[Seen]:
    for pause in active_pauses().order_by("pk"):
        whose, option = (
            (pause.project.slug, f"--project {pause.project.slug}") if pause.project else ("all", "--all")
        )
        until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
        why = f": {pause.why}" if pause.why else ""
        yield doubtful(
            f"Sending is paused ({whose}){until}{why}.", mend=f"`manage.py resumesending {option}` ends it."
        )


def _by_project(deliveries: QuerySet[Delivery]) -> list[tuple[str, int]]:
    rows = deliveries.order_by("project__slug").values_list("project__slug")
    return list(rows.annotate(number=Count("pk")))


def _replies(number: int) -> str:
    return "1 reply" if number == 1 else f"{number} replies"
