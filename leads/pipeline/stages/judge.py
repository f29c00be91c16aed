"""Judge: is this post from somebody who asks for what the project offers?

An excluded keyword decides before any model is asked. A verdict of the same model with the same
instructions is never asked for twice. A call that fails leaves no judgment: the lead waits and is tried again.
"""

from collections.abc import Sequence

from experiments.models import ModelType, ModelVersion
from experiments.services import register_on_first_use
from signalops_site.core.bulk import insert_rows, update_values
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...facts import LEAD_COLUMNS, LeadRow, view_of
from ...judges.base import Judge, JudgeFailure, Label, PostView, Verdict
from ...judges.factory import active_judge, build_judge
from ...judges.keyword import EXCLUDE_MODEL_ID, exclude_verdict
from ...models import Judgment, Lead, LeadStage
from ..base import CLEARED, RunContext, Stage, ready_leads, record_failures, rows_in_batches, stages


@stages.register("judge")
class JudgeStage(Stage):
    name = "judge"
    after = ("normalize",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.NORMALIZED).count()

    def process(self, context: RunContext) -> None:
        waiting = ready_leads(context.project, LeadStage.NORMALIZED)
        judge: Judge | None = None
        for batch in rows_in_batches(waiting, LEAD_COLUMNS, LeadRow, limit=context.limit):
            judge = judge or _judge_of(context)
            answers = _answers(batch, judge, context.document)
            with context.batch(self.name) as tally:
                verdicts = {pk: answer for pk, answer in answers.items() if isinstance(answer, Verdict)}
                failures = {
                    pk: answer.reason for pk, answer in answers.items() if isinstance(answer, JudgeFailure)
                }
                _store(batch, verdicts)
                record_failures(failures, stage=self.name)
                tally.done += len(verdicts)
                tally.failed += len(failures)
                excluded = [verdict for verdict in verdicts.values() if verdict.model == EXCLUDE_MODEL_ID]
                tally.count_reasons({"excluded_keyword": len(excluded)})


def _judge_of(context: RunContext) -> Judge:
    model_id = active_judge(context.project, context.document, by="job:pipeline")
    return build_judge(model_id, context.document)


def _answers(
    leads: Sequence[LeadRow], judge: Judge, document: ProjectDocument
) -> dict[int, Verdict | JudgeFailure]:
    """lead id -> what the excluded keywords, an earlier judgment or the judge say; nothing is written here."""
    answers: dict[int, Verdict | JudgeFailure] = {}
    kept = _earlier(leads, judge)
    asked: dict[int, PostView] = {}
    for lead in leads:
        view = view_of(lead)
        answer = exclude_verdict(view, document.relevance) or kept.get(lead.pk)
        if answer:
            answers[lead.pk] = answer
        else:
            asked[lead.pk] = view
    said = judge.judge_batch(list(asked.values())) if asked else []
    return {**answers, **dict(zip(asked, said, strict=True))}


def _earlier(leads: Sequence[LeadRow], judge: Judge) -> dict[int, Verdict]:
    """Judgments that this model with these instructions has made of these leads before."""
    rows = Judgment.objects.filter(
        lead__in=[lead.pk for lead in leads],
        model_version__model_id=judge.model_id,
        prompt_version=judge.prompt_version,
    )
    return {
        row.lead_id: Verdict(
            label=Label(row.label),
            confidence=row.confidence,
            reasoning=row.reasoning,
            model=judge.model_id,
            prompt_version=row.prompt_version,
            latency_ms=row.latency_ms,
        )
        for row in rows
    }


def _store(leads: Sequence[LeadRow], verdicts: dict[int, Verdict]) -> None:
    models = _registered({verdict.model for verdict in verdicts.values()})
    rows = ((pk, models[verdict.model].pk, *_judgment_values(verdict)) for pk, verdict in verdicts.items())
    insert_rows(Judgment, ("lead_id", "model_version_id", *JUDGMENT_FIELDS), rows, ignore_conflicts=True)
    judged = [lead for lead in leads if lead.pk in verdicts]
    update_values(Lead, ("stage", "label", "confidence"), (_judged(lead, verdicts[lead.pk]) for lead in judged))
    Lead.objects.filter(pk__in=[lead.pk for lead in judged if lead.attempts]).update(**CLEARED)


def _judged(lead: LeadRow, verdict: Verdict) -> tuple[int, str, str, float]:
    """What a person has said of a lead stays."""
    if lead.labelled_by_human:
        return lead.pk, LeadStage.JUDGED, lead.label, lead.confidence
    return lead.pk, LeadStage.JUDGED, verdict.label, verdict.confidence


def _registered(model_ids: set[str]) -> dict[str, ModelVersion]:
    return {model_id: register_on_first_use(model_id, model_type=ModelType.JUDGE) for model_id in model_ids}


JUDGMENT_FIELDS = ("prompt_version", "label", "confidence", "reasoning", "latency_ms", "cost_usd")


def _judgment_values(verdict: Verdict) -> tuple[object, ...]:
    """In the order of JUDGMENT_FIELDS."""
    return (
        verdict.prompt_version,
        verdict.label,
        verdict.confidence,
        verdict.reasoning,
        verdict.latency_ms,
        verdict.cost_usd,
    )
