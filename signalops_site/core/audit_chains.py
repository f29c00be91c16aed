"""The chains of the audit log as they stand in the database, checked one after the other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

from .audit_digest import ALL, Content, scope_of
from .audit_verification import ChainReport, Head, StoredEntry, verify_chain
from .models import AuditEntry, AuditHead, Project

CHUNK = 2000
"""Entries that are read at once: what a check holds in memory."""
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
    """Check every chain, or one project's; `expected` are digests to look for on the way."""
    slugs = {str(pk): slug for pk, slug in Project.objects.values_list("pk", "slug")}
    scopes = _scopes()
    for scope in [scope_of(only.pk)] if only else scopes:
        report = verify_chain(
            _entries(scope),
            scope=scope,
            read_head=partial(_head, scope),
            other_scopes=[other for other in scopes if other != scope],
            expected=expected,
        )
        yield ChainCheck(_name(scope, slugs), slugs.get(scope), report)


def _scopes() -> list[str]:
    """Every chain that has entries or a head: "all" first, then projects by their id."""
    with_entries = {
        scope_of(pk) for pk in AuditEntry.objects.order_by().values_list("project_id", flat=True).distinct()
    }
    with_heads = set(AuditHead.objects.values_list("scope", flat=True))
    return sorted(with_entries | with_heads, key=lambda scope: (scope != ALL, len(scope), scope))


def _entries(scope: str) -> Iterator[StoredEntry]:
    rows = AuditEntry.objects.filter(
        **({"project__isnull": True} if scope == ALL else {"project_id": _number(scope)})
    )
    for pk, digest, *content in rows.order_by("sequence").values_list(*_COLUMNS).iterator(chunk_size=CHUNK):
        yield StoredEntry(pk, Content(scope, *content), digest)


def _number(scope: str) -> int:
    """A head's scope that is no number was written by nobody here; no project has the number -1."""
    return int(scope) if scope.isascii() and scope.isdigit() and len(scope) < 19 else -1


def _head(scope: str) -> Head | None:
    row = AuditHead.objects.filter(scope=scope).values_list("sequence", "digest").first()
    return Head(*row) if row else None


def _name(scope: str, slugs: dict[str, str]) -> str:
    if scope == ALL:
        return "entries of no project"
    return slugs.get(scope, f"project number {scope}")
