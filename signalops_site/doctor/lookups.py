"""Checks of the deletion sync: posts that their platforms should have been asked for by now."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from leads.models import Post, PostAvailability
from leads.services.availability import lookup_platforms

from .findings import Seen, doubtful, fine

LATE = timedelta(hours=3)
"""Each post is asked for well within a day; what is this late will not be empty a day after it was deleted."""
MEND = (
    "See that a worker runs and that the platform's account works (`manage.py accounts list`); LOOKUPS_PER_DAY "
    "may be too low for the posts that are kept, or retention too long."
)


def examine_lookups() -> Iterator[Seen]:
    late = Post.objects.filter(platform__in=lookup_platforms(), next_check_at__lt=timezone.now() - LATE)
    rows = late.exclude(availability=PostAvailability.GONE).order_by("platform").values("platform")
    found = list(rows.annotate(number=Count("pk"), since=Min("next_check_at")))
    for row in found:
        told = f"{row['platform']}: {_posts(row['number'])} should have been asked for by now, the first at "
        yield doubtful(f"{told}{row['since']:%Y-%m-%d %H:%M} UTC.", mend=MEND)
    if not found:
        yield fine("Every post that can be asked for is asked for in time.")


def _posts(number: int) -> str:
    return "1 post" if number == 1 else f"{number:,} posts"
