"""Normalize: readable text, language, the keys that copies share; then the ideal customer profile.

A lead that is filtered out keeps the reason, and the run counts it by its kind. Of several copies of a text the
first lead that fits goes on, and the others point at it (`Lead.copy_of`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from signalops_site.core.bulk import update_values
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...languages import language_of
from ...models import Lead, LeadStage, Post
from ...near_duplicates import exact_key, words_of
from ...normalizing import clean_text
from ..base import CLEARED, RunContext, Stage, ready_leads, rows_in_batches, stages
from ..copies import Originals, Text
from ..customer_profile import FilterReason, reason_to_filter


class Row(NamedTuple):
    """What this stage looks at: whole models would double its time."""

    pk: int
    post_id: int
    text: str
    clean_text: str
    language: str
    near_duplicate_key: str
    followers: int | None
    verified: bool | None
    bio: str | None


COLUMNS = (
    *Row._fields[:2],
    *(f"post__{name}" for name in Row._fields[2:6]),
    *(f"post__author__{name}" for name in Row._fields[6:]),
)
NOTHING_TO_READ = FilterReason("empty", "no text that can be read")
NORMALIZED = ("clean_text", "language", "near_duplicate_key")


@stages.register("normalize")
class Normalize(Stage):
    name = "normalize"
    after = ("collect",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.COLLECTED).count()

    def process(self, context: RunContext) -> None:
        waiting = ready_leads(context.project, LeadStage.COLLECTED)
        for read in rows_in_batches(waiting, COLUMNS, Row, limit=context.limit):
            batch = [normalize_row(row) for row in read]
            changed = [
                (new.row.post_id, *_normalized(new.row))
                for new, old in zip(batch, read, strict=True)
                if new.row != old
            ]
            with context.batch(self.name) as tally:
                update_values(Post, NORMALIZED, changed)
                filtered = filter_batch(batch, context)
                _write([lead.row.pk for lead in batch], filtered)
                tally.done += len(batch) - len(filtered)
                tally.skipped += len(filtered)
                tally.count_reasons(Counter(why.reason.kind for why in filtered.values()))


class Normalized(NamedTuple):
    row: Row
    words: Sequence[str]


class Filtered(NamedTuple):
    """Why a lead goes no further, and of which lead it is a copy, if it is one."""

    reason: FilterReason
    copy_of: int | None = None


def normalize_row(row: Row) -> Normalized:
    """With everything that is derived from a post's text. Projects share posts: it may be there already."""
    text = clean_text(row.text)
    words = words_of(text)
    new = row._replace(
        clean_text=text, language=row.language or language_of(text), near_duplicate_key=exact_key(words)
    )
    return Normalized(new, words)


def _normalized(row: Row) -> tuple[str, str, str]:
    """In the order of NORMALIZED."""
    return row.clean_text, row.language, row.near_duplicate_key


def filter_batch(leads: Sequence[Normalized], context: RunContext) -> dict[int, Filtered]:
    """lead id -> why it goes no further. Leads come in id order: the first copy that fits is the original."""
    profile = context.document.icp
    found = {
        row.pk: reason_to_filter(row, profile=profile) if _is_readable(row.clean_text) else NOTHING_TO_READ
        for row, _words in leads
    }
    filtered = {pk: Filtered(reason) for pk, reason in found.items() if reason}
    fitting = [
        Text(lead.row.pk, lead.row.near_duplicate_key, lead.words) for lead in leads if lead.row.pk not in filtered
    ]
    originals = Originals(context.project, fitting)
    for text in fitting:
        original = originals.original_of(text)
        if original is not None:
            filtered[text.lead] = Filtered(FilterReason("copy", f"copy of lead {original}"), original)
    originals.save()
    return filtered


def _is_readable(text: str) -> bool:
    """Whether any sign in it takes room: none does in a text of joiners and marks of direction alone."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def _write(leads: Sequence[int], filtered: dict[int, Filtered]) -> None:
    passed = [pk for pk in leads if pk not in filtered]
    Lead.objects.filter(pk__in=passed).update(stage=LeadStage.NORMALIZED, filter_reason="", **CLEARED)
    rows = (
        (pk, LeadStage.FILTERED, why.reason.text[:200], why.copy_of, *CLEARED.values())
        for pk, why in filtered.items()
    )
    update_values(Lead, ("stage", "filter_reason", "copy_of", *CLEARED), rows)
