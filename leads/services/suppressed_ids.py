"""Whoever is on the do-not-contact list by something that may change (a handle, a pattern of handles, the domain
of a link) stays on it when that changes: from then on an entry by the platform's own id holds as well.

The same when an author's row is deleted, as with the last post that is kept: who comes back may be renamed.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from django.db.models import F, Q

from signalops_site.core import audit

from ..identities import Identity, IdentityKind
from ..models import Author, Suppression, SuppressionSource
from ..suppression import digests_of, in_force, is_meant

BY = "job:suppression"


def keep_by_id(authors: Iterable[Author]) -> int:
    """Add an entry by id for each that means one of these authors as they are stored now; how many are new. Call
    in the transaction that changes or deletes them.
    """
    named = [(author, digests_of(author)) for author in authors]
    rows = _entries(set(chain.from_iterable(digests for _, digests in named))) if named else []
    found = [_by_id(row, author) for author, digests in named for row in rows if is_meant(row, author, digests)]
    new = [row for row in found if not _has(row)]
    kept = list({(row.project_id, row.digest): row for row in reversed(new)}.values())
    Suppression.objects.bulk_create(kept, ignore_conflicts=True)
    _tell(kept)
    return len(kept)


def _entries(digests: set[str]) -> Sequence[Suppression]:
    """Those without an end first, then those that end last. Of who was erased there is an entry by id already."""
    meant = Q(digest__in=digests) | Q(kind=IdentityKind.PATTERN)
    rows = in_force().filter(meant).exclude(kind=IdentityKind.ACCOUNT).exclude(source=SuppressionSource.ERASURE)
    return list(rows.select_related("project", "by").order_by(F("expires_at").desc(nulls_first=True), "pk"))


def _by_id(entry: Suppression, author: Author) -> Suppression:
    return Suppression(
        project=entry.project,
        kind=IdentityKind.ACCOUNT,
        platform=author.platform,
        digest=Identity(IdentityKind.ACCOUNT, author.platform, author.platform_user_id).digest,
        reason=entry.reason,
        source=entry.source,
        expires_at=entry.expires_at,
        by=entry.by,
        follows=entry,
    )


def _has(row: Suppression) -> bool:
    """Whether the id is on the list as long. One that was kept so and ends sooner gives way."""
    there = Suppression.objects.filter(project=row.project, digest=row.digest)
    sooner = there.filter(follows__isnull=False, expires_at__isnull=False)
    (sooner if row.expires_at is None else sooner.filter(expires_at__lt=row.expires_at)).delete()
    return there.exists()


def _tell(kept: Sequence[Suppression]) -> None:
    projects = {row.project_id: row.project for row in kept}
    for project_id in sorted(projects, key=lambda pk: pk or 0):
        count = sum(row.project_id == project_id for row in kept)
        audit.record("suppression.keep_by_id", by=BY, project=projects[project_id], fields={"added": count})
