"""A lead as scoring and judges see it. Rows come in, plain values go out."""

from datetime import datetime

from scoring.base import Facts

from .judges.base import PostView
from .models import Author, Lead, Post


def facts_of(lead: Lead, *, now: datetime, queries: tuple[str, ...]) -> Facts:
    """The facts of a lead whose post and author are loaded. A person's label counts as certain."""
    post, author = lead.post, lead.post.author
    return Facts(
        text=post.clean_text or post.text,
        language=post.language or None,
        platform=post.platform,
        queries=queries,
        label=lead.label or None,
        confidence=lead.confidence if lead.label else None,
        author_handle=author.handle or None if author else None,
        author_name=author.name or None if author else None,
        author_bio=author.bio or None if author else None,
        author_followers=author.followers if author else None,
        author_verified=author.verified if author else None,
        author_age_days=_days_since(author.account_created_at, now) if author else None,
        likes=post.likes,
        replies=post.replies,
        reposts=post.reposts,
        views=post.views,
        hours_ago=_hours_since(post.posted_at, now),
        hashtags=tuple(post.hashtags),
        mentions=tuple(post.mentions),
        urls=tuple(post.urls),
    )


def view_of(post: Post) -> PostView:
    """A post, with its author loaded, as judges see it."""
    author: Author | None = post.author
    return PostView(
        text=post.clean_text or post.text,
        language=post.language or None,
        platform=post.platform,
        author_handle=author.handle or None if author else None,
        author_name=author.name or None if author else None,
        author_bio=author.bio or None if author else None,
        author_followers=author.followers if author else None,
        author_verified=author.verified if author else None,
        likes=post.likes,
        replies=post.replies,
        reposts=post.reposts,
        views=post.views,
        hashtags=tuple(post.hashtags),
        mentions=tuple(post.mentions),
        urls=tuple(post.urls),
    )


def _hours_since(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds() / 3600


def _days_since(moment: datetime | None, now: datetime) -> float | None:
    hours = _hours_since(moment, now)
    return None if hours is None else max(hours, 0.0) / 24
