"""Normalize: readable text, language, the key that copies share; then the ideal customer profile.

A lead that is filtered out keeps the reason. Of several copies of a text the first lead goes on.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Min

from signalops_site.core.bulk import update_values
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...models import Lead, LeadStage, Post
from ...normalizing import clean_text, language_of, near_duplicate_key
from ..base import CLEARED, RunContext, Stage, ready_leads, rows_in_batches, stages
from ..customer_profile import reason_to_filter


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
                (new.post_id, *_normalized(new)) for new, old in zip(batch, read, strict=True) if new != old
            ]
            with context.batch(self.name) as tally:
                update_values(Post, NORMALIZED, changed)
                reasons = _filter_reasons(batch, context)
                _write(batch, reasons)
                tally.done += len(batch) - len(reasons)
                tally.skipped += len(reasons)


def normalize_row(row: Row) -> Row:
    """With everything that is derived from a post's text. Projects share posts: it may be there already."""
    text = clean_text(row.text)
    return row._replace(
        clean_text=text, language=row.language or language_of(text), near_duplicate_key=near_duplicate_key(text)
    )


def _normalized(row: Row) -> tuple[str, str, str]:
    """In the order of NORMALIZED."""
    return row.clean_text, row.language, row.near_duplicate_key


def _filter_reasons(leads: Sequence[Row], context: RunContext) -> dict[int, str]:
    """lead id -> why it goes no further. Leads come in id order: the first copy that fits is the original."""
    originals = _originals(leads, context.project)
    reasons: dict[int, str] = {}
    for lead in leads:
        key = lead.near_duplicate_key
        reason = reason_to_filter(lead, profile=context.document.icp)
        if not reason and key and originals.setdefault(key, lead.pk) != lead.pk:
            reason = f"copy of lead {originals[key]}"
        if reason:
            reasons[lead.pk] = reason
    return reasons


def _originals(leads: Sequence[Row], project: Project) -> dict[str, int]:
    """near-duplicate key -> the project's first lead with it that has passed this stage before.

    The posts are a subquery, so that SQLite begins with them: joined, it would walk through every lead that has
    passed, for each batch anew.
    """
    keys = {lead.near_duplicate_key for lead in leads} - {""}
    copies = Post.objects.filter(near_duplicate_key__in=keys)
    passed = Lead.objects.filter(project=project, post__in=copies.values("pk")).exclude(
        stage__in=[LeadStage.COLLECTED, LeadStage.FILTERED]
    )
    return dict(passed.values_list("post__near_duplicate_key").annotate(first=Min("pk")))


def _write(leads: Sequence[Row], reasons: dict[int, str]) -> None:
    passed = [lead.pk for lead in leads if lead.pk not in reasons]
    Lead.objects.filter(pk__in=passed).update(stage=LeadStage.NORMALIZED, filter_reason="", **CLEARED)
    by_reason: dict[str, list[int]] = defaultdict(list)
    for pk, reason in reasons.items():
        by_reason[reason].append(pk)
    for reason, pks in by_reason.items():
        Lead.objects.filter(pk__in=pks).update(stage=LeadStage.FILTERED, filter_reason=reason[:200], **CLEARED)
