"""What was collected and what became of it, to look up. Review, sending and erasing have their own places."""

from . import deliveries, leads, posts, reviews, runs, schedules

__all__ = ["deliveries", "leads", "posts", "reviews", "runs", "schedules"]
