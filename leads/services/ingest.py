"""Fetched posts become rows: authors, posts, raw payloads and the project's leads, in bulk and once each.

A post is stored once per platform and a lead once per project, however many queries, pages or
retries bring it. What a later page knows better (metrics, an author's facts) is updated; a fact that
is unknown this time never wipes one that was known. A post that is gone at its platform stays empty, even if a
late answer still shows it; and of a person who was erased nothing comes back.

Posts and authors are shared between projects. What a source brings that speaks for its project alone (a file, an
address that the project chose) is added where it is new, and changes no row that another project has as well.

Authors and posts are written in the order of their keys, whatever the order in which they came: two processes that
bring the same ones then wait for each other, and do not stand in each other's way.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from django.db import models

from connectors.base import FetchedAuthor, FetchedPost
from connectors.entities import with_entities
from connectors.searching import OF_THE_OPERATOR, Standing
from signalops_site.core.bulk import insert_rows, update_rows
from signalops_site.core.contention import atomically
from signalops_site.core.models import Project

from ..languages import primary_language
from ..models import Author, Lead, LeadQuery, Post, PostAvailability, RawPost
from ..search import index_leads
from ..suppression import erased_among
from .suppressed_ids import keep_by_id

MAX_TEXT = 100_000
METRICS = ("likes", "replies", "reposts", "views")

Row = TypeVar("Row", bound=models.Model)


Key = tuple[str, str]
"""The platform, and the id that it gave."""


def store_posts(
    project: Project, posts: Iterable[FetchedPost], *, query_label: str, standing: Standing = OF_THE_OPERATOR
) -> int:
    """Store a batch of posts and their leads; how many leads are new. Call with some hundreds at a time."""
    fetched = {(post.platform, post.id): with_entities(post) for post in posts}
    return atomically(lambda: _store(project, fetched, query_label=query_label, standing=standing))


def _store(project: Project, fetched: Mapping[Key, FetchedPost], *, query_label: str, standing: Standing) -> int:
    unique = _without_erased(_without_gone(fetched))
    if not unique:
        return 0
    authors = _store_authors(unique.values(), project=project, standing=standing)
    ids = _store_posts(unique, authors, project=project, standing=standing)
    return _store_leads(project, ids, query_label=query_label)


def _without_gone(fetched: Mapping[Key, FetchedPost]) -> dict[Key, FetchedPost]:
    found = _with_keys(Post, "platform_post_id", fetched)
    gone = (rows.filter(availability=PostAvailability.GONE) for rows in found)
    keys = set(chain.from_iterable(rows.values_list("platform", "platform_post_id") for rows in gone))
    return {key: post for key, post in fetched.items() if key not in keys}


def _without_erased(fetched: Mapping[Key, FetchedPost]) -> dict[Key, FetchedPost]:
    """What people wrote who were erased does not come back."""
    authors = ((post.platform, post.author.id, post.author.handle) for post in fetched.values() if post.author)
    if not (erased := erased_among(authors)):
        return dict(fetched)
    return {
        key: post
        for key, post in fetched.items()
        if post.author is None or (post.platform, post.author.id) not in erased
    }


def storable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate, and of bounded length."""
    if "\0" in text:
        text = text.replace("\0", "")
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


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


AUTHOR_FACTS = ("handle", "name", "bio", "followers", "verified", "account_created_at")


def _store_authors(posts: Iterable[FetchedPost], *, project: Project, standing: Standing) -> dict[Key, int]:
    """The id of each author's row; what is known of those that were there is brought up to date."""
    fetched = {(post.platform, post.author.id): post.author for post in posts if post.author}
    found = chain.from_iterable(_with_keys(Author, "platform_user_id", fetched))
    known = {(row.platform, row.platform_user_id): row for row in found}
    new = sorted(fetched.keys() - known.keys())
    values = ((*key, *_author_facts(fetched[key])) for key in new)
    insert_rows(Author, ("platform", "platform_user_id", *AUTHOR_FACTS), values, ignore_conflicts=True)
    held = _held_by_others(
        "post__author", {row.pk: key[1] for key, row in known.items()}, project=project, standing=standing
    )
    free = [key for key in sorted(known) if known[key].pk not in held]
    keep_by_id(known[key] for key in free if _is_renamed(known[key], fetched[key]))
    changed = [known[key] for key in free if _update_author(known[key], fetched[key])]
    update_rows(changed, AUTHOR_FACTS)
    index_leads(Lead.objects.filter(post__author__in=[row.pk for row in changed]).values_list("pk", flat=True))
    return {**{key: row.pk for key, row in known.items()}, **_ids(Author, "platform_user_id", new)}


def _held_by_others(path: str, identities: Mapping[int, str], *, project: Project, standing: Standing) -> set[int]:
    """Of these rows (their ids at the platform, by key) those that other projects' leads have, by `path`, and of
    which the source says nothing for them.
    """
    unsaid = [pk for pk, identity in identities.items() if not standing.speaks_for(identity)]
    if not unsaid:
        return set()
    others = Lead.objects.exclude(project=project).filter(**{f"{path}__in": unsaid})
    return set(others.values_list(path, flat=True))


def _author_facts(author: FetchedAuthor) -> tuple[Any, ...]:
    """In the order of AUTHOR_FACTS."""
    return (
        storable(author.handle)[:200],
        storable(author.name)[:300],
        storable(author.bio),
        author.followers,
        author.verified,
        author.account_created_at,
    )


def _is_renamed(row: Author, author: FetchedAuthor) -> bool:
    """Whether something else is told now by which the author may be on the do-not-contact list."""
    handle, _name, bio, *_ = _author_facts(author)
    return handle not in ("", row.handle) or bio not in ("", row.bio)


def _update_author(row: Author, author: FetchedAuthor) -> bool:
    """Take over what is known now; whether that changed anything."""
    facts = dict(zip(AUTHOR_FACTS, _author_facts(author), strict=True))
    news = {name: value for name, value in facts.items() if value not in (None, "", getattr(row, name))}
    if "account_created_at" in news and row.account_created_at is not None:
        del news["account_created_at"]  # an account is created once; later rounding is no news
    for name, value in news.items():
        setattr(row, name, value)
    return bool(news)


def _with_keys(model: type[Row], id_field: str, keys: Iterable[Key]) -> Iterator[models.QuerySet[Row]]:
    """The rows with these keys: one query for each platform."""
    by_platform: dict[str, list[str]] = {}
    for platform, identity in keys:
        by_platform.setdefault(platform, []).append(identity)
    for platform, ids in by_platform.items():
        yield model._default_manager.filter(platform=platform, **{f"{id_field}__in": ids})


def _ids(model: type[Row], id_field: str, keys: Iterable[Key]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for rows in _with_keys(model, id_field, keys):
        for platform, identity, pk in rows.values_list("platform", id_field, "pk"):
            found[platform, identity] = pk
    return found


POST_FIELDS = (
    "platform",
    "platform_post_id",
    "author_id",
    "text",
    "language",
    "url",
    "posted_at",
    "conversation_id",
    "reply_to_id",
    "community",
    "hashtags",
    "mentions",
    "urls",
    *METRICS,
)


def _store_posts(
    fetched: Mapping[Key, FetchedPost], authors: Mapping[Key, int], *, project: Project, standing: Standing
) -> list[int]:
    """The ids of the posts' rows, in their order."""
    slim = (
        rows.only("platform", "platform_post_id", *METRICS)
        for rows in _with_keys(Post, "platform_post_id", fetched)
    )
    known = {(row.platform, row.platform_post_id): row for row in chain.from_iterable(slim)}
    new = sorted(fetched.keys() - known.keys())
    values = (_post_values(fetched[key], authors) for key in new)
    insert_rows(Post, POST_FIELDS, values, ignore_conflicts=True)
    held = _held_by_others(
        "post", {row.pk: key[1] for key, row in known.items()}, project=project, standing=standing
    )
    free = [key for key in sorted(known) if known[key].pk not in held]
    update_rows([known[key] for key in free if update_metrics(known[key], fetched[key])], METRICS)
    created = _ids(Post, "platform_post_id", new)
    raw = ((pk, _storable_json(fetched[key].raw)) for key, pk in created.items())
    insert_rows(RawPost, ("post_id", "payload"), raw, ignore_conflicts=True)
    return [known[key].pk if key in known else created[key] for key in fetched]


def _post_values(post: FetchedPost, authors: Mapping[Key, int]) -> tuple[Any, ...]:
    """In the order of POST_FIELDS."""
    return (
        post.platform,
        post.id,
        authors[post.platform, post.author.id] if post.author else None,
        storable(post.text),
        primary_language(post.language or ""),
        storable(post.url)[:1000],
        post.created_at,
        post.conversation_id[:200],
        post.reply_to_id[:200],
        storable(post.community)[:200],
        _storable_list(post.hashtags),
        _storable_list(post.mentions),
        _storable_list(post.urls),
        *(getattr(post, name) for name in METRICS),
    )


def _storable_list(texts: Sequence[str]) -> list[str]:
    return [storable(text) for text in texts] if texts else NONE


NONE: list[str] = []
"""Shared by the rows that have none, so that it is turned into JSON once a batch."""


def update_metrics(row: Post, post: FetchedPost) -> bool:
    """Set (not save) the counts that are known now; whether that changed any."""
    news = {name: getattr(post, name) for name in METRICS if getattr(post, name) not in (None, getattr(row, name))}
    for name, value in news.items():
        setattr(row, name, value)
    return bool(news)


def _store_leads(project: Project, post_ids: Sequence[int], *, query_label: str) -> int:
    """In the order of the posts, so that what comes later (copies of a text, say) depends on no batch's cut."""
    of_these = Lead.objects.filter(project=project, post_id__in=post_ids)
    present = set(of_these.values_list("pk", flat=True))
    insert_rows(Lead, ("project_id", "post_id"), ((project.pk, pk) for pk in post_ids), ignore_conflicts=True)
    lead_ids = list(of_these.values_list("pk", flat=True))
    links = ((pk, query_label[:200]) for pk in lead_ids)
    insert_rows(LeadQuery, ("lead_id", "label"), links, ignore_conflicts=True)
    new = [pk for pk in lead_ids if pk not in present]
    index_leads(new)
    return len(new)
