"""Draft: the best leads of a run get a reply to review, up to `drafts.top_per_run`.

Each scored lead is weighed once: those that were not among the best of their run stay undrafted, so
that running again adds nothing. A new score gives a lead another chance.
"""

import re

from django.db.models import Exists, OuterRef, QuerySet

from experiments.models import ModelType
from experiments.services import register_on_first_use
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import ConfigError
from signalops_site.core.models import Project

from ...drafting.quoting import telling_line
from ...drafting.templates import MODEL_ID, DraftFacts, RenderedDraft, TemplateFailed, render_draft
from ...judges.base import Label
from ...models import Draft, Lead, LeadStage
from ..base import CLEARED, RunContext, Stage, ready_leads, record_failures, stages

BATCH = 50
FIRST_NAME = re.compile(r"[^\W\d_][\w'\u2019-]*")


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
        tried: set[int] = set()
        while budget > 0:
            best = _candidates(context.project, context.document).exclude(pk__in=tried).order_by("-score", "-pk")
            batch = list(best.select_related("post__author").prefetch_related("queries")[: min(BATCH, budget)])
            if not batch:
                break
            tried.update(lead.pk for lead in batch)
            budget -= self._draft(batch, context)
        if context.limit is None:
            self._close(context)

    def _draft(self, leads: list[Lead], context: RunContext) -> int:
        rendered: dict[int, RenderedDraft] = {}
        failures: dict[int, str] = {}
        for lead in leads:
            try:
                rendered[lead.pk] = render_draft(_facts(lead), document=context.document)
            except (TemplateFailed, ConfigError) as error:
                failures[lead.pk] = error.detail
        with context.batch(self.name) as tally:
            _store(rendered, context)
            record_failures(failures, stage=self.name)
            tally.done += len(rendered)
            tally.failed += len(failures)
            tally.problems.extend(sorted(set(failures.values()) - set(tally.problems)))
        return len(rendered)

    def _close(self, context: RunContext) -> None:
        """The rest of the run's scored leads has had its chance."""
        waiting = Lead.objects.filter(project=context.project, stage=LeadStage.SCORED, weighed_for_draft=False)
        with context.batch(self.name):
            waiting.filter(attempts=0).update(weighed_for_draft=True)


def _candidates(project: Project, document: ProjectDocument) -> QuerySet[Lead]:
    drafted = Draft.objects.filter(lead=OuterRef("pk"))
    return (
        ready_leads(project, LeadStage.SCORED)
        .filter(weighed_for_draft=False, score__gte=document.drafts.min_score)
        .exclude(label=Label.IRRELEVANT)
        .filter(~Exists(drafted))
    )


def _facts(lead: Lead) -> DraftFacts:
    post, author = lead.post, lead.post.author
    text = post.clean_text or post.text
    return DraftFacts(
        text=text,
        platform=post.platform,
        query=next((query.label for query in lead.queries.all()), ""),
        topic=telling_line(text),
        author_name=_first_name(author.name) if author else "",
        author_handle=author.handle if author else "",
    )


def _first_name(name: str) -> str:
    """What one would call somebody; "" for what is no name, such as "Tune Garage!" or "x_99"."""
    words = name.split()
    return words[0] if len(words) in (2, 3) and all(FIRST_NAME.fullmatch(word) for word in words) else ""


def _store(rendered: dict[int, RenderedDraft], context: RunContext) -> None:
    if not rendered:
        return
    model = register_on_first_use(MODEL_ID, model_type=ModelType.DRAFTER)
    Draft.objects.bulk_create(
        Draft(
            lead_id=pk,
            run=context.run,
            text_generated=draft.text,
            tone=context.document.persona.tone[:200],
            template_used=draft.template,
            model_version=model,
            prompt=draft.prompt,
        )
        for pk, draft in rendered.items()
    )
    Lead.objects.filter(pk__in=rendered).update(stage=LeadStage.DRAFTED, weighed_for_draft=True, **CLEARED)
