"""Quick checks of the audit log: times from the future, and keys. `manage.py verifyaudit` reads all of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from signalops_site.core.audit import content_of
from signalops_site.core.audit_digest import ALL, KEYED, UnknownKey, expected_digest, scope_of
from signalops_site.core.models import AuditEntry, AuditHead, Project

from .findings import Seen, doubtful, fine
from .services import MOST_DRIFT

SHOWN = 5
"""Chains that are named; there may be many."""


def examine_history() -> Iterator[Seen]:
    """A row from the future says that some machine's clock was ahead when it wrote."""
    late = AuditEntry.objects.filter(created_at__gt=datetime.now(tz=UTC) + timedelta(seconds=MOST_DRIFT))
    rows = list(late.order_by("pk").values_list("pk", flat=True)[:1])
    if rows:
        number = late.count()
        what = "1 audit entry is" if number == 1 else f"{number} audit entries are"
        mend = "Set this machine's clock by NTP, and look which machine's is ahead, or was."
        yield doubtful(f"{what} from the future, the first in row {rows[0]}.", mend=mend)
    else:
        yield fine("No audit entry is from the future.")


def examine_audit_keys() -> Iterator[Seen]:
    """Do the present keys open the end of each chain? They do not after a change of SECRET_KEY alone."""
    newest = list(_newest_keyed_entries())
    closed = [name for name, entry in newest if not _key_is_known(entry)]
    if closed:
        chains = "1 audit chain" if len(closed) == 1 else f"{len(closed)} audit chains"
        shown = ", ".join(closed[:SHOWN]) + (", ..." if len(closed) > SHOWN else "")
        mend = "SECRET_KEY was changed: add the one from before to SECRET_KEY_FALLBACKS, and keep it there."
        yield doubtful(
            f"The last entries of {chains} cannot be checked with the present keys: {shown}.", mend=mend
        )
    else:
        yield fine(f"The present keys check the last entries of the audit chains ({len(newest)}).")


def _newest_keyed_entries() -> Iterator[tuple[str, AuditEntry]]:
    """(the chain's name, entry), for each chain that has one."""
    slugs = {scope_of(pk): slug for pk, slug in Project.objects.values_list("pk", "slug")}
    known = [(scope_of(None), "entries of no project"), *sorted(slugs.items(), key=lambda item: item[1])]
    with_head = set(AuditHead.objects.values_list("scope", flat=True))
    for scope, name in known:
        if scope in with_head:
            rows = AuditEntry.objects.filter(project=None if scope == ALL else int(scope))
            entry = rows.filter(digest__startswith=f"{KEYED}:").order_by("-sequence").first()
            if entry is not None:
                yield name, entry


def _key_is_known(entry: AuditEntry) -> bool:
    try:
        expected_digest(content_of(entry), stored=entry.digest)
    except UnknownKey:
        return False
    return True
