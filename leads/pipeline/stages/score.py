"""Score: facts are built once per batch, the engine is pure, and every component is stored."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from scoring.engine import Component, ScoreResult, build_profile, score_batch
from signalops_site.core.bulk import update_rows
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...facts import facts_of
from ...models import Draft, DraftStatus, Lead, LeadQuery, LeadStage, Score, ScoringPluginResult
from ..base import RunContext, Stage, in_batches, ready_leads, stages


@stages.register("score")
class ScoreStage(Stage):
    name = "score"
    after = ("judge",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.JUDGED).count()

    def process(self, context: RunContext) -> None:
        profile = build_profile(context.document)
        version = str(context.run.config_version.number)
        now = timezone.now()
        leads = ready_leads(context.project, LeadStage.JUDGED).select_related("post__author")
        for batch in in_batches(leads, limit=context.limit):
            queries = _queries(batch)
            facts = (facts_of(lead, now=now, queries=queries[lead.pk]) for lead in batch)
            results = list(score_batch(facts, profile=profile))
            with context.batch(self.name) as tally:
                _store(batch, results, now=now, version=version)
                tally.done += len(batch)
                _note_plugin_errors(results, tally.problems)


def _queries(leads: Sequence[Lead]) -> dict[int, tuple[str, ...]]:
    labels: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for lead_id, label in LeadQuery.objects.filter(lead__in=leads).order_by("pk").values_list("lead_id", "label"):
        labels[lead_id] += (label,)
    return labels


def _store(leads: Sequence[Lead], results: Sequence[ScoreResult], *, now: datetime, version: str) -> None:
    Score.objects.filter(lead__in=leads).delete()
    scores = [_score(lead, result, version) for lead, result in zip(leads, results, strict=True)]
    Score.objects.bulk_create(scores)
    rows = (
        _plugin_result(score, component)
        for score, result in zip(scores, results, strict=True)
        for component in result.components
    )
    ScoringPluginResult.objects.bulk_create(rows, batch_size=1000)
    stage_after = _stages_after(leads)
    for lead, result in zip(leads, results, strict=True):
        lead.score = result.total
        lead.scored_at = now
        lead.stage = stage_after.get(lead.pk, LeadStage.SCORED)
        lead.weighed_for_draft = False
    update_rows(leads, ["score", "scored_at", "stage", "weighed_for_draft"])


def _stages_after(leads: Sequence[Lead]) -> dict[int, LeadStage]:
    """A lead that is scored again goes back to where its drafts had brought it."""
    after: dict[int, LeadStage] = {}
    drafts = Draft.objects.filter(lead__in=leads).exclude(status=DraftStatus.SUPERSEDED)
    for lead_id, status in drafts.order_by("pk").values_list("lead_id", "status"):
        after[lead_id] = LeadStage.DRAFTED if status == DraftStatus.PENDING else LeadStage.REVIEWED
    return after


def _score(lead: Lead, result: ScoreResult, version: str) -> Score:
    return Score(
        lead=lead,
        total=result.total,
        components={component.plugin: component.contribution for component in result.components},
        rules=[{"name": hit.name, "boost": hit.boost} for hit in result.rules],
        scoring_plugins=[
            {"name": component.plugin, "version": component.version} for component in result.components
        ],
        version=version,
    )


def _plugin_result(score: Score, component: Component) -> ScoringPluginResult:
    return ScoringPluginResult(
        score=score,
        plugin_name=component.plugin,
        plugin_version=component.version,
        plugin_score=component.score,
        weight=component.weight,
        contribution=component.contribution,
        reason=component.reason,
        error=component.error or "",
        details=dict(component.details),
    )


def _note_plugin_errors(results: Sequence[ScoreResult], problems: list[str]) -> None:
    for result in results:
        for component in result.errors:
            message = f"plugin {component.plugin}: {component.error}"
            if message not in problems and len(problems) < 20:
                problems.append(message)
