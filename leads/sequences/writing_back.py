"""What the author of a lead has said to us.

A direct message would be cold to who has not written, and who said no is left alone.
"""

from django.db.models import Q, QuerySet

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


def has_said_no(lead: Lead) -> bool:
    """Whether the lead's author has taken anything badly that the project wrote, here or at another lead."""
    noes = Outcome.objects.filter(type=OutcomeType.NEGATIVE, withdrawn_at__isnull=True)
    theirs = Q(draft__lead=lead)
    if lead.post.author_id is not None:
        theirs |= Q(draft__lead__project=lead.project_id, draft__lead__post__author=lead.post.author_id)
    return noes.filter(theirs).exists()
