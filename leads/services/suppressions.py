"""Writing the do-not-contact list: adding, removing, importing. The audit log never has a name.

What is for one project takes its operator; what is for all of them, a superuser.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.schema import problem_with_text
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, require_superuser

from ..identities import Identity, IdentityKind, matches, plain_handle
from ..models import Author, Suppression, SuppressionSource

LONGEST_REASON = 300
BATCH = 500
TOLD_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to import: whom, why and until when. `line` counts from 1."""

    line: int
    kind: IdentityKind
    platform: str
    digests: tuple[str, ...]
    value: str = ""
    reason: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no entry, and why."""

    line: int
    problem: str


@dataclass(slots=True)
class Imported:
    """What came of an import. `problems` are the first of those that were refused."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[Refused] = field(default_factory=list)


@transaction.atomic
def suppress(
    identity: Identity,
    *,
    project: Project | None,
    reason: str = "",
    expires_at: datetime | None = None,
    source: SuppressionSource = SuppressionSource.MANUAL,
    by: audit.Actor,
) -> tuple[Suppression, bool]:
    """Put somebody on the list; the entry, and whether it is new. One that was there gets the reason and the date.

    What an erasure has left is not changed: it has no reason and no end.
    """
    _require(by, project)
    _check(reason, expires_at)
    values = {"reason": reason.strip(), "expires_at": expires_at}
    row = find(identity, project=project)
    if row is not None:
        if row.source != SuppressionSource.ERASURE:
            Suppression.objects.filter(pk=row.pk).update(**values, follows=None)
            row.kept_by_id.update(**values)
            audit.record("suppression.change", by=by, project=project, on=row, fields=_told(row, expires_at))
            row.refresh_from_db()
        return row, False
    row = _create(identity, project=project, by=by, source=source, **values)
    audit.record("suppression.add", by=by, project=project, on=row, fields=_told(row, expires_at))
    return row, True


def _create(identity: Identity, *, project: Project | None, by: audit.Actor, **values: Any) -> Suppression:
    try:
        with transaction.atomic():
            return Suppression.objects.create(
                project=project,
                kind=identity.kind,
                platform=identity.platform,
                digest=identity.digest,
                value=kept_value(identity),
                by=by if isinstance(by, User) else None,
                **values,
            )
    except IntegrityError:
        raise Conflict("Somebody has put the same on the list just now.") from None


@transaction.atomic
def lift(suppression: Suppression, *, by: audit.Actor) -> None:
    """Take an entry off the list: the author may be answered again. What was kept by id goes with what it follows,
    whichever of them is named.
    """
    suppression = suppression.follows or suppression
    _require(by, suppression.project)
    if suppression.source == SuppressionSource.ERASURE and isinstance(by, User):
        require_superuser(by)
    fields = _told(suppression, suppression.expires_at)
    key = suppression.pk
    suppression.delete()
    audit.record("suppression.remove", by=by, project=suppression.project, fields={"id": key, **fields})


def find(identity: Identity, *, project: Project | None) -> Suppression | None:
    """The entry of exactly that name in exactly that scope."""
    rows = Suppression.objects.filter(project=project, digest__in=identity.digests())
    return rows.select_related("project").first()


def entries_about(identities: Sequence[Identity], *, among: QuerySet[Suppression]) -> list[Suppression]:
    """Which of these entries hold for any of these names, expired ones too: the answer to "is she on it?"."""
    digests = [digest for identity in identities for digest in identity.digests()]
    named = list(among.filter(digest__in=digests).order_by("pk"))
    handles = {one.value: one.platform for one in identities if one.kind == IdentityKind.HANDLE}
    patterns = among.filter(kind=IdentityKind.PATTERN).order_by("pk") if handles else []
    return named + [
        row
        for row in patterns
        if row not in named
        and any(row.platform in ("", at) and matches(row.value, handle) for handle, at in handles.items())
    ]


def import_entries(lines: Iterable[Entry | Refused], *, project: Project | None, by: audit.Actor) -> Imported:
    """Add what a file holds, some hundreds at a time, in one transaction. An import never weakens an entry: of two
    dates the later one holds, and one without end stays so.
    """
    _require(by, project)
    told = Imported()
    with transaction.atomic():
        for batch in _in_batches(lines):
            _import(batch, told, project=project, by=by)
        if told.added or told.changed:
            fields = {"added": told.added, "changed": told.changed, "refused": told.refused}
            audit.record("suppression.import", by=by, project=project, fields=fields)
    return told


def suppress_erased(authors: Sequence[Author], named: Sequence[Identity]) -> None:
    """What an erasure leaves: the person's handles and ids, for all projects, for ever. Names that stand in the
    entries of the list themselves go: the reasons of theirs, and patterns that spell out a handle.
    """
    names = [*named]
    for author in authors:
        names.append(Identity(IdentityKind.ACCOUNT, author.platform, author.platform_user_id))
        if plain := plain_handle(author.handle):
            names.append(Identity(IdentityKind.HANDLE, author.platform, plain))
    about = Suppression.objects.filter(digest__in=[digest for name in names for digest in name.digests()])
    about.update(reason="", follows=None)
    _forget_spelt_out({name.value for name in names if name.kind == IdentityKind.HANDLE})
    about.filter(project__isnull=True).update(source=SuppressionSource.ERASURE, expires_at=None)
    Suppression.objects.bulk_create(
        [
            Suppression(
                kind=name.kind, platform=name.platform, digest=name.digest, source=SuppressionSource.ERASURE
            )
            for name in dict.fromkeys(names)
        ],
        ignore_conflicts=True,
    )


def kept_value(identity: Identity) -> str:
    return "" if identity.kind.names_a_person else identity.value


def _forget_spelt_out(handles: set[str]) -> None:
    for row in Suppression.objects.filter(kind=IdentityKind.PATTERN):
        if row.value.replace("*", "").replace("?", "") in handles:
            row.delete()


def _require(by: audit.Actor, project: Project | None) -> None:
    """A command runs in the operator's own shell."""
    if not isinstance(by, User):
        return
    if project is None:
        require_superuser(by)
    else:
        require_role(by, project, Role.OPERATOR)


def _check(reason: str, expires_at: datetime | None) -> None:
    if len(reason.strip()) > LONGEST_REASON:
        raise DomainError(f"The reason has more than {LONGEST_REASON} characters.")
    if problem := problem_with_text(reason):
        raise DomainError(f"The reason {problem}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise DomainError("The date on which it expires has passed.")


def _told(row: Suppression, expires_at: datetime | None) -> dict[str, object]:
    return {
        "kind": row.kind,
        "platform": row.platform,
        "expires_at": expires_at.isoformat() if expires_at else None,
    }


def _in_batches(lines: Iterable[Entry | Refused]) -> Iterator[list[Entry | Refused]]:
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _import(batch: Sequence[Entry | Refused], told: Imported, *, project: Project | None, by: audit.Actor) -> None:
    refused = [line for line in batch if isinstance(line, Refused)]
    told.refused += len(refused)
    told.problems += refused[: max(TOLD_PROBLEMS - len(told.problems), 0)]
    entries = {line.digests[0]: line for line in batch if isinstance(line, Entry)}
    known = _known(entries.values(), project=project)
    changed = [row for digest, row in known.items() if _strengthen(row, entries[digest])]
    Suppression.objects.bulk_update(changed, ["reason", "expires_at", "follows"])
    for row in changed:
        row.kept_by_id.update(reason=row.reason, expires_at=row.expires_at)
    new = [_row(entry, project, by) for digest, entry in entries.items() if digest not in known]
    Suppression.objects.bulk_create(new, ignore_conflicts=True)
    told.added += len(new)
    told.changed += len(changed)
    told.unchanged += len(batch) - len(refused) - len(new) - len(changed)


def _known(entries: Iterable[Entry], *, project: Project | None) -> dict[str, Suppression]:
    """The rows that are there, by the present digest of their entry."""
    present = {digest: entry.digests[0] for entry in entries for digest in entry.digests}
    rows = Suppression.objects.filter(project=project, digest__in=present).select_for_update().order_by("pk")
    return {present[row.digest]: row for row in rows}


def _strengthen(row: Suppression, entry: Entry) -> bool:
    """Whether the entry says more than the row does."""
    if row.source == SuppressionSource.ERASURE:
        return False
    before = (row.reason, row.expires_at, row.follows_id)
    row.follows = None
    row.reason = entry.reason or row.reason
    row.expires_at = _later(row.expires_at, entry.expires_at)
    return before != (row.reason, row.expires_at, row.follows_id)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def _row(entry: Entry, project: Project | None, by: audit.Actor) -> Suppression:
    return Suppression(
        project=project,
        kind=entry.kind,
        platform=entry.platform,
        digest=entry.digests[0],
        value=entry.value,
        reason=entry.reason,
        expires_at=entry.expires_at,
        source=SuppressionSource.IMPORT,
        by=by if isinstance(by, User) else None,
    )
