"""What was collected and what became of it, to look up. Review, sending and erasing have their own places."""

from . import (
    deliveries,
    leads,
    notifications,
    outcomes,
    posts,
    reviews,
    runs,
    schedules,
    sequences,
    suppressions,
)

__all__ = [
    "deliveries",
    "leads",
    "notifications",
    "outcomes",
    "posts",
    "reviews",
    "runs",
    "schedules",
    "sequences",
    "suppressions",
]
