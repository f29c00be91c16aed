"""Score: facts are built once per batch, the engine is pure, and every component is stored."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from scoring.engine import Component, ScoreResult, build_profile, score_batch
from signalops_site.core.bulk import insert_rows, update_values
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...facts import LEAD_COLUMNS, LeadRow, facts_of
from ...models import Draft, DraftStatus, Lead, LeadQuery, LeadStage, Score, ScoringPluginResult
from ..base import RunContext, Stage, ready_leads, rows_in_batches, stages


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
        waiting = ready_leads(context.project, LeadStage.JUDGED)
        for batch in rows_in_batches(waiting, LEAD_COLUMNS, LeadRow, limit=context.limit):
            queries = _queries(batch)
            facts = (facts_of(lead, now=now, queries=queries[lead.pk]) for lead in batch)
            results = list(score_batch(facts, profile=profile))
            with context.batch(self.name) as tally:
                _store(batch, results, now=now, version=version)
                tally.done += len(batch)
                _note_plugin_errors(results, tally.problems)


def _queries(leads: Sequence[LeadRow]) -> dict[int, tuple[str, ...]]:
    labels: dict[int, tuple[str, ...]] = defaultdict(tuple)
    found = LeadQuery.objects.filter(lead__in=[lead.pk for lead in leads]).order_by("pk")
    for lead_id, label in found.values_list("lead_id", "label"):
        labels[lead_id] += (label,)
    return labels


def _store(leads: Sequence[LeadRow], results: Sequence[ScoreResult], *, now: datetime, version: str) -> None:
    scored = Score.objects.filter(lead__in=[lead.pk for lead in leads])
    scored.delete()
    rows = (
        (lead.pk, *_score_values(result, now=now, version=version))
        for lead, result in zip(leads, results, strict=True)
    )
    insert_rows(Score, ("lead_id", *SCORE_FIELDS), rows)
    score_of = dict(scored.values_list("lead_id", "pk"))
    plugin_results = (
        (score_of[lead.pk], *_plugin_values(component, now=now))
        for lead, result in zip(leads, results, strict=True)
        for component in result.components
    )
    insert_rows(ScoringPluginResult, ("score_id", *PLUGIN_RESULT_FIELDS), plugin_results)
    stage_after = _stages_after(leads)
    update_values(
        Lead,
        ("score", "scored_at", "stage", "weighed_for_draft"),
        (
            (lead.pk, result.total, now, stage_after.get(lead.pk, LeadStage.SCORED), False)
            for lead, result in zip(leads, results, strict=True)
        ),
    )


def _stages_after(leads: Sequence[LeadRow]) -> dict[int, LeadStage]:
    """A lead that is scored again goes back to where its drafts had brought it."""
    after: dict[int, LeadStage] = {}
    drafts = Draft.objects.filter(lead__in=[lead.pk for lead in leads]).exclude(status=DraftStatus.SUPERSEDED)
    for lead_id, status in drafts.order_by("pk").values_list("lead_id", "status"):
        after[lead_id] = LeadStage.DRAFTED if status == DraftStatus.PENDING else LeadStage.REVIEWED
    return after


SCORE_FIELDS = ("total", "components", "rules", "scoring_plugins", "version", "created_at")


def _score_values(result: ScoreResult, *, now: datetime, version: str) -> tuple[object, ...]:
    """In the order of SCORE_FIELDS."""
    return (
        result.total,
        {component.plugin: component.contribution for component in result.components},
        [{"name": hit.name, "boost": hit.boost} for hit in result.rules] if result.rules else NONE,
        _plugins_used(tuple([(component.plugin, component.version) for component in result.components])),
        version,
        now,
    )


NONE: list[dict[str, object]] = []
NOTHING: dict[str, object] = {}
"""Shared by the rows that have none, as what `_plugins_used` gives is: they become JSON once a batch."""


@lru_cache(maxsize=8)
def _plugins_used(versions: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "version": version} for name, version in versions]


PLUGIN_RESULT_FIELDS = (
    "plugin_name",
    "plugin_version",
    "plugin_score",
    "weight",
    "contribution",
    "reason",
    "error",
    "details",
    "created_at",
)


def _plugin_values(component: Component, *, now: datetime) -> tuple[object, ...]:
    """In the order of PLUGIN_RESULT_FIELDS."""
    return (
        component.plugin,
        component.version,
        component.score,
        component.weight,
        component.contribution,
        component.reason,
        component.error or "",
        dict(component.details) if component.details else NOTHING,
        now,
    )


def _note_plugin_errors(results: Sequence[ScoreResult], problems: list[str]) -> None:
    for result in results:
        for component in result.errors:
            # Only the error's type: its message may quote the post, and a run outlives the person's erasure.
            message = f"plugin {component.plugin}: {(component.error or '').partition(':')[0]}"
            if message not in problems and len(problems) < 20:
                problems.append(message)
