"""Has the author of a lead written to us? Asked before a direct message, which would be cold otherwise."""

from django.db.models import QuerySet

from ..models import Lead, Outcome, OutcomeSource, OutcomeType
from ..sending.authors import digests_of


def answers() -> QuerySet[Outcome]:
    """What people wrote to us, the oldest first."""
    replies = Outcome.objects.filter(type=OutcomeType.REPLY_RECEIVED, withdrawn_at__isnull=True)
    return replies.order_by("observed_at")


def has_written(lead: Lead) -> bool:
    """Whether what we wrote on this lead was answered by its author, as the platform or a person tells."""
    author = lead.post.author
    theirs = set(digests_of(author)) if author else set()
    told = answers().filter(draft__lead=lead).values_list("author_digest", "source")
    return any(digest in theirs or (not digest and source == OutcomeSource.PERSON) for digest, source in told)
