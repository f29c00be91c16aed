"""Who spoke to one of our accounts by themselves, as far as a reply by API may rest on it.

A mention or a quotation holds for 30 days and for one reply: what left by API since then has used it up. That
somebody answered a post of ours without naming the account is no such word. The same holds for a post that names
the account itself (`Answers.use_up`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from connectors.rules import Relation

from .models import COUNTED, Author, Delivery, DeliveryMode, Interaction, InteractionKind, Post
from .sending.authors import digests_of

HOLDS_FOR = timedelta(days=30)
RELATIONS: Mapping[str, Relation] = {
    InteractionKind.MENTION: Relation.MENTIONED_US,
    InteractionKind.QUOTE: Relation.QUOTED_US,
}
STRONGEST_FIRST = (Relation.MENTIONED_US, Relation.QUOTED_US, Relation.NONE)


def unused_interactions() -> QuerySet[Interaction]:
    """Those that a reply by API may still rest on."""
    lately = Interaction.objects.filter(happened_at__gt=timezone.now() - HOLDS_FOR, kind__in=RELATIONS)
    answers = Delivery.objects.filter(
        account=OuterRef("account"),
        author_digest=OuterRef("author_digest"),
        claimed_at__gte=OuterRef("happened_at"),
        mode=DeliveryMode.API,
        status__in=COUNTED,
    )
    return lately.exclude(Exists(answers))


class Interactions:
    """Who spoke to which account, in one query however many authors are asked about."""

    def __init__(self, among: QuerySet[Interaction] | None = None) -> None:
        rows = unused_interactions() if among is None else among
        self._kinds: dict[tuple[int | None, str], set[str]] = {}
        for account_id, digest, kind in rows.order_by().values_list("account_id", "author_digest", "kind"):
            self._kinds.setdefault((account_id, digest), set()).add(kind)

    def relation(self, author: Author | None, *, account_id: int | None) -> Relation:
        if author is None or not self._kinds:
            return Relation.NONE
        kinds = {kind for digest in digests_of(author) for kind in self._kinds.get((account_id, digest), ())}
        return strongest(RELATIONS[kind] for kind in kinds)


class Answers:
    """When which account last answered whom by API, of any project that shares it, in one query when one is asked
    for.
    """

    @cached_property
    def _latest(self) -> dict[tuple[int | None, str], datetime]:
        lately = Delivery.objects.filter(
            mode=DeliveryMode.API, status__in=COUNTED, claimed_at__gt=timezone.now() - HOLDS_FOR
        )
        known = lately.exclude(author_digest="").exclude(account=None).order_by()
        rows = known.values_list("account_id", "author_digest").annotate(latest=Max("claimed_at"))
        return {(account_id, digest): latest for account_id, digest, latest in rows}

    def use_up(self, post: Post, *, account_id: int | None) -> bool:
        """Whether what a post says to an account is no reason to answer any more: too long ago, or answered since.
        Of a post without a time, the time at which it was first seen counts.
        """
        spoke_at = post.posted_at or post.first_seen_at
        if spoke_at <= timezone.now() - HOLDS_FOR:
            return True
        digests = digests_of(post.author) if post.author else []
        found = (self._latest.get((account_id, digest)) for digest in digests)
        return any(latest >= spoke_at for latest in found if latest)


def interactions_of(author: Author | None) -> Interactions:
    """What one author said to our accounts."""
    digests = digests_of(author) if author else []
    return Interactions(unused_interactions().filter(author_digest__in=digests))


def strongest(relations: Iterable[Relation]) -> Relation:
    """The one for which rules allow most."""
    return min(relations, key=STRONGEST_FIRST.index, default=Relation.NONE)
