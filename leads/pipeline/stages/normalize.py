"""Normalize: readable text, language, the key that copies share; then the ideal customer profile.

A lead that is filtered out keeps the reason. Of several copies of a text the first lead goes on.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Min

from signalops_site.core.bulk import update_rows
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...models import Lead, LeadStage, Post
from ...normalizing import clean_text, language_of, near_duplicate_key
from ..base import CLEARED, RunContext, Stage, in_batches, ready_leads, stages
from ..customer_profile import reason_to_filter


@stages.register("normalize")
class Normalize(Stage):
    name = "normalize"
    after = ("collect",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.COLLECTED).count()

    def process(self, context: RunContext) -> None:
        leads = ready_leads(context.project, LeadStage.COLLECTED).select_related("post__author")
        for batch in in_batches(leads, limit=context.limit):
            changed = [lead.post for lead in batch if normalize_post(lead.post)]
            with context.batch(self.name) as tally:
                update_rows(changed, ["clean_text", "language", "near_duplicate_key"])
                reasons = _filter_reasons(batch, context)
                _write(batch, reasons)
                tally.done += len(batch) - len(reasons)
                tally.skipped += len(reasons)


def normalize_post(post: Post) -> bool:
    """Fill in what is derived from a post's text; whether anything changed (projects share posts)."""
    before = (post.clean_text, post.language, post.near_duplicate_key)
    post.clean_text = clean_text(post.text)
    post.language = post.language or language_of(post.clean_text)
    post.near_duplicate_key = near_duplicate_key(post.clean_text)
    return (post.clean_text, post.language, post.near_duplicate_key) != before


def _filter_reasons(leads: Sequence[Lead], context: RunContext) -> dict[int, str]:
    """lead id -> why it goes no further. Leads come in id order: the first copy that fits is the original."""
    originals = _originals(leads, context.project)
    reasons: dict[int, str] = {}
    for lead in leads:
        key = lead.post.near_duplicate_key
        reason = reason_to_filter(lead.post, profile=context.document.icp)
        if not reason and key and originals.setdefault(key, lead.pk) != lead.pk:
            reason = f"copy of lead {originals[key]}"
        if reason:
            reasons[lead.pk] = reason
    return reasons


def _originals(leads: Sequence[Lead], project: Project) -> dict[str, int]:
    """near-duplicate key -> the project's first lead with it that has passed this stage before."""
    keys = {lead.post.near_duplicate_key for lead in leads} - {""}
    passed = Lead.objects.filter(project=project, post__near_duplicate_key__in=keys).exclude(
        stage__in=[LeadStage.COLLECTED, LeadStage.FILTERED]
    )
    return dict(passed.values_list("post__near_duplicate_key").annotate(first=Min("pk")))


def _write(leads: Sequence[Lead], reasons: dict[int, str]) -> None:
    passed = [lead.pk for lead in leads if lead.pk not in reasons]
    Lead.objects.filter(pk__in=passed).update(stage=LeadStage.NORMALIZED, filter_reason="", **CLEARED)
    by_reason: dict[str, list[int]] = defaultdict(list)
    for pk, reason in reasons.items():
        by_reason[reason].append(pk)
    for reason, pks in by_reason.items():
        Lead.objects.filter(pk__in=pks).update(stage=LeadStage.FILTERED, filter_reason=reason[:200], **CLEARED)
