"""A lead as judges and scoring see it. Rows come in, plain values go out.

A run reads hundreds of thousands of rows: as tuples of the columns that are looked at, they cost a third of what
they cost as models (docs/performance.md).
"""

from datetime import datetime
from typing import NamedTuple

from scoring.base import Facts

from .judges.base import PostView


class LeadRow(NamedTuple):
    """The columns of a lead, its post and its author that a judgment or a score can depend on."""

    pk: int
    label: str
    confidence: float
    labelled_by_human: bool
    attempts: int
    text: str
    clean_text: str
    language: str
    platform: str
    posted_at: datetime | None
    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None
    hashtags: list[str]
    mentions: list[str]
    urls: list[str]
    handle: str | None
    name: str | None
    bio: str | None
    followers: int | None
    verified: bool | None
    account_created_at: datetime | None
    platform_user_id: str | None


LEAD_COLUMNS = (
    *LeadRow._fields[:5],
    *(f"post__{name}" for name in LeadRow._fields[5:17]),
    *(f"post__author__{name}" for name in LeadRow._fields[17:]),
)
"""Where each of them comes from, in their order, for `values_list`."""


def facts_of(row: LeadRow, *, now: datetime, queries: tuple[str, ...]) -> Facts:
    """The facts of a lead. A person's label counts as certain."""
    return Facts(
        text=row.clean_text or row.text,
        language=row.language or None,
        platform=row.platform,
        queries=queries,
        label=row.label or None,
        confidence=row.confidence if row.label else None,
        author_handle=row.handle or None,
        author_name=row.name or None,
        author_bio=row.bio or None,
        author_followers=row.followers,
        author_verified=row.verified,
        author_age_days=_days_since(row.account_created_at, now),
        likes=row.likes,
        replies=row.replies,
        reposts=row.reposts,
        views=row.views,
        hours_ago=_hours_since(row.posted_at, now),
        hashtags=tuple(row.hashtags),
        mentions=tuple(row.mentions),
        urls=tuple(row.urls),
    )


def view_of(row: LeadRow) -> PostView:
    """A post, with its author, as judges see it."""
    return PostView(
        text=row.clean_text or row.text,
        language=row.language or None,
        platform=row.platform,
        author_handle=row.handle or None,
        author_name=row.name or None,
        author_bio=row.bio or None,
        author_followers=row.followers,
        author_verified=row.verified,
        likes=row.likes,
        replies=row.replies,
        reposts=row.reposts,
        views=row.views,
        hashtags=tuple(row.hashtags),
        mentions=tuple(row.mentions),
        urls=tuple(row.urls),
        subject=f"lead:{row.pk}",
    )


def _hours_since(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds() / 3600


def _days_since(moment: datetime | None, now: datetime) -> float | None:
    hours = _hours_since(moment, now)
    return None if hours is None else max(hours, 0.0) / 24
