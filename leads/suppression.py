"""Is an author on the do-not-contact list? Asked before a reply is drafted, and again before one is sent."""

from collections.abc import Iterable, Sequence
from itertools import chain

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from .identities import Identity, IdentityKind, identities_of, matches, plain_handle
from .models import Author, Lead, Suppression, SuppressionSource


def suppression_of(lead: Lead) -> Suppression | None:
    """What keeps this lead's author from being answered; None: nothing does."""
    return suppressed_leads([lead]).get(lead.pk)


def reason_against(lead: Lead) -> str:
    """The sentence that says why this lead's author is not answered; "" when nothing is against it."""
    found = suppression_of(lead)
    return sentence_of(found) if found else ""


def sentence_of(found: Suppression) -> str:
    """For people. It names no handle."""
    scope = "of this project" if found.project_id else "of all projects"
    until = f" until {found.expires_at:%Y-%m-%d %H:%M} UTC" if found.expires_at else ""
    reason = f": {found.reason}" if found.reason else ""
    return f"The author is on the do-not-contact list {scope}{until}{reason}".rstrip(".") + "."


def suppressed_leads(leads: Sequence[Lead]) -> dict[int, Suppression]:
    """Of these leads those whose authors are on the list, by id, with the entry. One query, however many leads.

    Expects leads with their posts and authors. What is for all projects comes before what is for one.
    """
    authors = {lead.pk: lead.post.author for lead in leads if lead.post.author is not None}
    named = {pk: digests_of(author) for pk, author in authors.items()}
    if not named:
        return {}
    rows = list(_entries(leads, chain.from_iterable(named.values())))
    found: dict[int, Suppression] = {}
    for lead in leads:
        author = authors.get(lead.pk)
        ours = (row for row in rows if row.project_id in (None, lead.project_id))
        row = next((row for row in ours if author and is_meant(row, author, named[lead.pk])), None)
        if row is not None:
            found[lead.pk] = row
    return found


def in_force() -> QuerySet[Suppression]:
    """Those that have not expired."""
    return Suppression.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))


def erased_among(identities: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Of these (platform, id, handle) the (platform, id) of erased people, who are not collected again."""
    if not Suppression.objects.filter(source=SuppressionSource.ERASURE).exists():
        return set()
    names = {(platform, id_): _person_digests(platform, id_, handle) for platform, id_, handle in identities}
    rows = Suppression.objects.filter(
        source=SuppressionSource.ERASURE, digest__in=set(chain.from_iterable(names.values()))
    )
    erased = set(rows.values_list("digest", flat=True))
    return {key for key, digests in names.items() if digests & erased}


def _entries(leads: Sequence[Lead], digests: Iterable[str]) -> QuerySet[Suppression]:
    scope = Q(project__isnull=True) | Q(project__in={lead.project_id for lead in leads})
    meant = Q(digest__in=set(digests)) | Q(kind=IdentityKind.PATTERN)
    return in_force().filter(scope, meant).order_by(F("project").asc(nulls_first=True), "pk")


def is_meant(row: Suppression, author: Author, digests: set[str]) -> bool:
    """Whether an entry is about the author of these digests."""
    if row.kind != IdentityKind.PATTERN:
        return row.digest in digests
    return row.platform in ("", author.platform) and matches(row.value, plain_handle(author.handle))


def digests_of(author: Author) -> set[str]:
    """All by which an author may be on the list, but for patterns."""
    names = identities_of(
        author.platform, platform_user_id=author.platform_user_id, handle=author.handle, bio=author.bio
    )
    return _all_digests(names)


def _person_digests(platform: str, platform_user_id: str, handle: str) -> set[str]:
    names = identities_of(platform, platform_user_id=platform_user_id, handle=handle)
    return _all_digests(name for name in names if name.kind.names_a_person)


def _all_digests(names: Iterable[Identity]) -> set[str]:
    return set(chain.from_iterable(name.digests() for name in names))
