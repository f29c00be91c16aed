"""What was collected and what became of it, to look up. Review, sending and erasing have their own places."""

from . import leads, notifications, posts, reviews, runs, schedules, suppressions

__all__ = ["leads", "notifications", "posts", "reviews", "runs", "schedules", "suppressions"]
