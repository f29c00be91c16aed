"""The chains of the audit log as they stand in the database, checked one after the other."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet

from .audit_digest import ALL, Content, scope_of
from .audit_verification import ChainReport, Head, StoredEntry, verify_chain
from .models import AuditEntry, AuditHead, Project

CHUNK = 2000
"""Entries that are read at once: what a check holds in memory."""
LARGEST = 2**62
"""Above every number of an entry; SQLite puts texts above all numbers."""
NEVER = datetime(1, 1, 1, tzinfo=UTC)
_COLUMNS = (
    "id",
    "digest",
    "sequence",
    "actor_id",
    "actor_name",
    "action",
    "target_type",
    "target_id",
    "fields",
    "request_id",
    "created_at",
    "previous_digest",
)


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """A chain's report with the name that people know it by; `slug` is None for entries of no project."""

    name: str
    slug: str | None
    report: ChainReport


def check_chains(*, only: Project | None = None, expected: Collection[str] = ()) -> Iterator[ChainCheck]:
    """Check every chain, or one project's; `expected` are digests to look for on the way.

    Making a project writes its first entries in the same transaction, so each project has a chain.
    """
    slugs = {str(pk): slug for pk, slug in Project.objects.values_list("pk", "slug")}
    with_entries = _scopes_with_entries()
    scopes = _in_order({*with_entries, *_scopes_with_heads(), *slugs})
    for scope in [scope_of(only.pk)] if only else scopes:
        report = verify_chain(
            _entries(scope),
            scope=scope,
            read_head=partial(_head, scope),
            other_scopes=[other for other in scopes if other != scope],
            expected=expected,
            was_begun=scope in slugs or scope in with_entries,
        )
        yield ChainCheck(_name(scope, slugs), slugs.get(scope), report)


def _scopes_with_entries() -> set[str]:
    of_projects = AuditEntry.objects.order_by().values_list("project_id", flat=True).distinct()
    return {scope_of(pk) for pk in of_projects}


def _scopes_with_heads() -> set[str]:
    return {str(scope) for scope in AuditHead.objects.values_list("scope", flat=True)}


def _in_order(scopes: Collection[str]) -> list[str]:
    """ "all" first, then projects by their id."""
    return sorted(scopes, key=lambda scope: (scope != ALL, len(scope), scope))


def _entries(scope: str) -> Iterator[StoredEntry]:
    rows = AuditEntry.objects.filter(
        **({"project__isnull": True} if scope == ALL else {"project_id": _number(scope)})
    )
    ids = rows.order_by("sequence", "pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    while batch := list(islice(ids, CHUNK)):
        read = _read(rows, batch, scope=scope)
        yield from (read[pk] for pk in batch if pk in read)


def _read(rows: QuerySet[AuditEntry], ids: Sequence[int], *, scope: str) -> dict[int, StoredEntry]:
    """These rows by their id. Where one stops the reading, they are halved until it is alone."""
    try:
        return {
            pk: _entry_of(rows, pk, digest, Content(scope, *content))
            for pk, digest, *content in rows.filter(pk__in=ids).values_list(*_COLUMNS)
        }
    except (DatabaseError, ValueError, TypeError, OverflowError):
        if len(ids) == 1:
            return {ids[0]: _unreadable(rows, ids[0], scope=scope)}
        half = len(ids) // 2
        return {**_read(rows, ids[:half], scope=scope), **_read(rows, ids[half:], scope=scope)}


def _entry_of(rows: QuerySet[AuditEntry], pk: int, digest: Any, content: Content) -> StoredEntry:
    if _is_readable(digest, content):
        return StoredEntry(pk, content, digest)
    return _unreadable(rows, pk, scope=content.scope)


def _is_readable(digest: Any, content: Content) -> bool:
    """SQLite keeps whatever it is given: is each value of the kind that its column is for?"""
    at: object = content.created_at
    texts: tuple[object, ...] = (
        digest,
        content.actor_name,
        content.action,
        content.target_type,
        content.target_id,
        content.request_id,
        content.previous_digest,
    )
    numbers: tuple[object, ...] = (content.sequence, 0 if content.actor_id is None else content.actor_id)
    return (
        isinstance(at, datetime)
        and at.astimezone(UTC) > NEVER
        and all(isinstance(number, int) for number in numbers)
        and all(isinstance(text, str) for text in texts)
    )


def _unreadable(rows: QuerySet[AuditEntry], pk: int, *, scope: str) -> StoredEntry:
    """A row of which only the place is taken: its number or, where that is none, the one after the row before."""
    sequence, digest = _value(rows, pk, "sequence"), _value(rows, pk, "digest")
    if not isinstance(sequence, int):
        before = rows.filter(pk__lt=pk, sequence__lt=LARGEST).order_by("-pk").values_list("sequence", flat=True)
        sequence = int(before.first() or 0) + 1
    content = Content(scope, sequence, None, "", "", "", "", {}, "", NEVER, "")
    return StoredEntry(pk, content, digest if isinstance(digest, str) else "", is_readable=False)


def _value(rows: QuerySet[AuditEntry], pk: int, column: str) -> Any:
    """None for one that cannot be read."""
    try:
        return rows.filter(pk=pk).values_list(column, flat=True).first()
    except (DatabaseError, ValueError):
        return None


def _number(scope: str) -> int:
    """A head's scope that is no number was written by nobody here; no project has the number -1."""
    return int(scope) if scope.isascii() and scope.isdigit() and len(scope) < 19 else -1


def _head(scope: str) -> Head | None:
    """A number that is none counts as the beginning: no head is ever left there."""
    row = AuditHead.objects.filter(scope=scope).values_list("sequence", "digest").first()
    if row is None:
        return None
    sequence: object = row[0]
    return Head(sequence if isinstance(sequence, int) else 0, str(row[1]))


def _name(scope: str, slugs: dict[str, str]) -> str:
    if scope == ALL:
        return "entries of no project"
    return slugs.get(scope, f"project number {scope}")
