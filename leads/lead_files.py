"""Chosen leads as a CSV file, which a spreadsheet shows without running anything in it."""

from collections.abc import Iterable, Iterator

from .models import Lead
from .suppression_files import csv_line

COLUMNS = (
    *("id", "project", "platform", "url", "posted_at", "author", "followers", "text", "language"),
    *("stage", "label", "confidence", "score", "queries", "assignee", "note", "collected_at"),
)


def write_leads(leads: Iterable[Lead]) -> Iterator[str]:
    """Lines of the file, the heads first. What is not known is empty. Expects leads with all that they name."""
    yield csv_line(COLUMNS)
    for lead in leads:
        yield csv_line(_cells(lead))


def _cells(lead: Lead) -> tuple[str, ...]:
    post, author = lead.post, lead.post.author
    return (
        str(lead.pk),
        lead.project.slug,
        post.platform,
        post.url,
        post.posted_at.isoformat() if post.posted_at else "",
        author.handle if author else "",
        str(author.followers) if author and author.followers is not None else "",
        post.text,
        post.language,
        lead.stage,
        lead.label,
        f"{lead.confidence:.2f}" if lead.label else "",
        f"{lead.score:.1f}" if lead.scored_at else "",
        ", ".join(query.label for query in lead.queries.all()),
        lead.assignee.get_username() if lead.assignee else "",
        lead.note,
        lead.created_at.isoformat(),
    )
