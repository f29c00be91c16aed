"""Fetched posts become rows: authors, posts, raw payloads and the project's leads, in bulk and once each.

A post is stored once per platform and a lead once per project, however many queries, pages or
retries bring it. What a later page knows better (metrics, an author's facts) is updated; a fact that
is unknown this time never wipes one that was known.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import models, transaction

from connectors.base import FetchedAuthor, FetchedPost
from signalops_site.core.bulk import update_rows
from signalops_site.core.models import Project

from ..models import Author, Lead, LeadQuery, Post, RawPost

MAX_TEXT = 100_000
METRICS = ("likes", "replies", "reposts", "views")

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def store_posts(project: Project, posts: Iterable[FetchedPost], *, query_label: str) -> int:
    """Store a batch of posts and their leads; how many leads are new. Call with some hundreds at a time."""
    unique = {(post.platform, post.id): post for post in posts}
    if not unique:
        return 0
    authors = _store_authors([post for post in unique.values() if post.author])
    rows = _store_posts(list(unique.values()), authors)
    return _store_leads(project, list(rows.values()), query_label=query_label)


def storable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate, and of bounded length."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def _storable_json(payload: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(payload, default=str)
    if "\\u0000" not in text and "\\ud" not in text:
        return payload
    cleaned: dict[str, Any] = _clean_value(json.loads(text))
    return cleaned


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {storable(str(key)): _clean_value(item) for key, item in value.items()}
    return value


def _store_authors(posts: Sequence[FetchedPost]) -> dict[tuple[str, str], Author]:
    fetched: dict[tuple[str, str], FetchedAuthor] = {}
    for post in posts:
        if post.author:
            fetched[post.platform, post.author.id] = post.author
    known = _authors_by_key(fetched)
    new = [
        _author_row(platform, author)
        for (platform, _), author in fetched.items()
        if (platform, author.id) not in known
    ]
    Author.objects.bulk_create(new, ignore_conflicts=True)
    changed = [row for key, row in known.items() if _update_author(row, fetched[key])]
    update_rows(changed, AUTHOR_FACTS)
    return {**known, **_authors_by_key({key: None for key in fetched if key not in known})}


AUTHOR_FACTS = ("handle", "name", "bio", "followers", "verified", "account_created_at")


def _authors_by_key(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Author]:
    found: dict[tuple[str, str], Author] = {}
    for platform, ids in _by_platform(keys).items():
        for author in Author.objects.filter(platform=platform, platform_user_id__in=ids):
            found[platform, author.platform_user_id] = author
    return found


def _by_platform(keys: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for platform, identity in keys:
        grouped.setdefault(platform, []).append(identity)
    return grouped


def _author_row(platform: str, author: FetchedAuthor) -> Author:
    row = Author(platform=platform, platform_user_id=author.id)
    _update_author(row, author)
    return row


def _update_author(row: Author, author: FetchedAuthor) -> bool:
    """Take over what is known now; whether that changed anything."""
    facts = {
        "handle": storable(author.handle)[:200],
        "name": storable(author.name)[:300],
        "bio": storable(author.bio),
        "followers": author.followers,
        "verified": author.verified,
        "account_created_at": author.account_created_at,
    }
    news = {name: value for name, value in facts.items() if value not in (None, "", getattr(row, name))}
    if "account_created_at" in news and row.account_created_at is not None:
        del news["account_created_at"]  # an account is created once; later rounding is no news
    for name, value in news.items():
        setattr(row, name, value)
    return bool(news)


def _store_posts(
    posts: Sequence[FetchedPost], authors: dict[tuple[str, str], Author]
) -> dict[tuple[str, str], Post]:
    fetched = {(post.platform, post.id): post for post in posts}
    known = _posts_by_key(fetched)
    new = [_post_row(post, authors) for key, post in fetched.items() if key not in known]
    Post.objects.bulk_create(new, ignore_conflicts=True)
    changed = [row for key, row in known.items() if _update_metrics(row, fetched[key])]
    update_rows(changed, METRICS)
    created = _posts_by_key([key for key in fetched if key not in known])
    raw = [RawPost(post=row, payload=_storable_json(fetched[key].raw)) for key, row in created.items()]
    RawPost.objects.bulk_create(raw, ignore_conflicts=True)
    return {**known, **created}


def _posts_by_key(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Post]:
    found: dict[tuple[str, str], Post] = {}
    for platform, ids in _by_platform(keys).items():
        wanted = Post.objects.filter(platform=platform, platform_post_id__in=ids)
        for post in wanted.only("id", "platform", "platform_post_id", *METRICS):
            found[platform, post.platform_post_id] = post
    return found


def _post_row(post: FetchedPost, authors: dict[tuple[str, str], Author]) -> Post:
    return Post(
        platform=post.platform,
        platform_post_id=post.id,
        author=authors.get((post.platform, post.author.id)) if post.author else None,
        text=storable(post.text),
        language=(post.language or "").lower()[:16],
        url=storable(post.url)[:1000],
        posted_at=post.created_at,
        conversation_id=post.conversation_id[:200],
        reply_to_id=post.reply_to_id[:200],
        community=storable(post.community)[:200],
        hashtags=[storable(tag) for tag in post.hashtags],
        mentions=[storable(handle) for handle in post.mentions],
        urls=[storable(url) for url in post.urls],
        likes=post.likes,
        replies=post.replies,
        reposts=post.reposts,
        views=post.views,
    )


def _update_metrics(row: Post, post: FetchedPost) -> bool:
    news = {name: getattr(post, name) for name in METRICS if getattr(post, name) not in (None, getattr(row, name))}
    for name, value in news.items():
        setattr(row, name, value)
    return bool(news)


def _store_leads(project: Project, posts: Sequence[Post], *, query_label: str) -> int:
    ids = [post.pk for post in posts]
    of_these = Lead.objects.filter(project=project, post_id__in=ids)
    present = of_these.count()
    # In id order, so that what comes later (copies of a text, say) does not depend on how a batch was cut.
    Lead.objects.bulk_create((Lead(project=project, post_id=pk) for pk in ids), ignore_conflicts=True)
    lead_ids = list(of_these.values_list("pk", flat=True))
    links = [LeadQuery(lead_id=pk, label=query_label[:200]) for pk in lead_ids]
    LeadQuery.objects.bulk_create(links, ignore_conflicts=True)
    return len(lead_ids) - present
