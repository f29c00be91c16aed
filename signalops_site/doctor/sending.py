"""Checks of sending: replies of which nobody knows whether they left, those that a person has in hand, pauses, and
what is to be asked of those that left.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from leads.models import Delivery, DeliveryMode, DeliveryStatus, MentionCursor
from leads.outcomes.schedule import overdue_looks
from signalops_site.core.pauses import active_pauses

from .findings import Seen, doubtful, fine

LONG = timedelta(hours=1)
"""By then an unknown reply has been looked for several times."""
A_DAY = timedelta(days=1)


def examine_sending() -> Iterator[Seen]:
    found = [*_unknown(), *_in_hand(), *_pauses()]
    yield from found or [fine("Nothing is unknown, and no project is paused.")]


def examine_outcomes() -> Iterator[Seen]:
    """Is anybody looking at what comes of replies?"""
    found = [*_not_looked_at(), *_not_read()]
    yield from found or [fine("What came of sent replies has been asked when it was due.")]


def _not_looked_at() -> Iterator[Seen]:
    for platform, number in overdue_looks(late=A_DAY).items():
        mend = "`manage.py trackoutcomes` asks now, and says what is in the way: a budget, or an account."
        yield doubtful(f"{platform}: {_replies(number)} should have been looked at a day ago and more.", mend=mend)


def _not_read() -> Iterator[Seen]:
    long_ago = timezone.now() - A_DAY
    unread = MentionCursor.objects.filter(looked_at__lt=long_ago).exclude(last_error="")
    for cursor in unread.select_related("account").order_by("pk"):
        yield doubtful(
            f"{str(cursor).capitalize()} have not been read for a day: {cursor.last_error[:300]}",
            mend="Mend the account (`manage.py accounts test`), or raise its monthly limit.",
        )


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
