"""Draft: the best leads of a run get a reply to review, up to `drafts.top_per_run`.

Few at a time, since a language model takes seconds for one; the ledger has each as soon as it is written.

Each scored lead is weighed once: those that were not among the best of their run stay undrafted, so
that running again adds nothing. A new score gives a lead another chance.

Authors on the do-not-contact list are passed over before a model reads what they wrote, and the run says how many.
"""

from django.db.models import Exists, OuterRef, QuerySet

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...drafting.base import Drafter, NotWritten, Written
from ...drafting.factory import active_drafter, build_drafter
from ...drafting.rows import drafts_of, facts_of
from ...judges.base import Findings, Label
from ...models import Draft, Lead, LeadStage
from ...services.answers import lock_living
from ...suppression import suppressed_leads
from ..base import CLEARED, RunContext, Stage, ready_leads, record_failures, stages

BATCH = 20
DO_NOT_CONTACT = "do-not-contact"


@stages.register("draft")
class DraftStage(Stage):
    name = "draft"
    after = ("score", "notify")

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return min(_candidates(project, document).count(), document.drafts.top_per_run)

    def process(self, context: RunContext) -> None:
        budget = context.document.drafts.top_per_run - Draft.objects.filter(run=context.run).count()
        if context.limit is not None:
            budget = min(budget, context.limit)
        findings = Findings()
        drafter: Drafter | None = None
        tried: set[int] = set()
        while budget > 0:
            best = _candidates(context.project, context.document).exclude(pk__in=tried).order_by("-score", "-pk")
            batch = list(best.select_related("post__author").prefetch_related("queries")[: min(BATCH, budget)])
            if not batch:
                break
            tried.update(lead.pk for lead in batch)
            open_to = self._pass_over_suppressed(batch, context)
            if not open_to:
                continue
            drafter = drafter or _drafter_of(context, findings)
            budget -= self._draft(open_to, drafter, context, findings)
        if context.limit is None:
            self._close(context)

    def _pass_over_suppressed(self, leads: list[Lead], context: RunContext) -> list[Lead]:
        """The leads whose authors may be answered. The others get no draft, which counts as their chance."""
        suppressed = suppressed_leads(leads)
        if suppressed:
            with context.batch(self.name) as tally:
                Lead.objects.filter(pk__in=suppressed).update(weighed_for_draft=True)
                tally.skipped += len(suppressed)
                tally.count_reasons({DO_NOT_CONTACT: len(suppressed)})
        return [lead for lead in leads if lead.pk not in suppressed]

    def _draft(self, leads: list[Lead], drafter: Drafter, context: RunContext, findings: Findings) -> int:
        """How many of the leads got a reply. No transaction is open while they are written."""
        replies = {leads[place].pk: reply for place, reply in drafter.write([facts_of(lead) for lead in leads])}
        with context.batch(self.name) as tally:
            living = lock_living(context.project, replies)
            written = {pk: each for pk, each in replies.items() if isinstance(each, Written) and pk in living}
            failures = {pk: each for pk, each in replies.items() if isinstance(each, NotWritten) and pk in living}
            reasons = {failure.reason for failure in failures.values()}
            _store(written, context)
            for gives_up in (True, False):
                told = {pk: each.reason for pk, each in failures.items() if each.is_of_the_post == gives_up}
                record_failures(told, stage=self.name, gives_up=gives_up)
            tally.done += len(written)
            tally.failed += len(failures)
            tally.tell(sorted({*reasons, *findings.problems}))
        return len(written)

    def _close(self, context: RunContext) -> None:
        """The rest of the run's scored leads has had its chance."""
        waiting = Lead.objects.filter(project=context.project, stage=LeadStage.SCORED, weighed_for_draft=False)
        with context.batch(self.name):
            waiting.filter(attempts=0).update(weighed_for_draft=True)


def _drafter_of(context: RunContext, findings: Findings) -> Drafter:
    model_id = active_drafter(context.project, context.document, by="job:pipeline")
    return build_drafter(model_id, context.document, project=context.project, run=context.run, findings=findings)


def _candidates(project: Project, document: ProjectDocument) -> QuerySet[Lead]:
    drafted = Draft.objects.filter(lead=OuterRef("pk"))
    return (
        ready_leads(project, LeadStage.SCORED)
        .filter(weighed_for_draft=False, score__gte=document.drafts.min_score)
        .exclude(label=Label.IRRELEVANT)
        .filter(~Exists(drafted))
    )


def _store(written: dict[int, Written], context: RunContext) -> None:
    if not written:
        return
    drafts = drafts_of(written, project=context.project, document=context.document, run=context.run)
    Draft.objects.bulk_create(drafts)
    Lead.objects.filter(pk__in=written).update(stage=LeadStage.DRAFTED, weighed_for_draft=True, **CLEARED)
