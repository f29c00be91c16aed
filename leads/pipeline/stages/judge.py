"""Judge: is this post from somebody who asks for what the project offers?

An excluded keyword decides before any model is asked. A verdict of the same model with the same
instructions is never asked for twice. A call that fails leaves no judgment: the lead waits and is tried again.
"""

from collections.abc import Sequence

from experiments.models import ModelType, ModelVersion
from experiments.services import register_on_first_use
from signalops_site.core.bulk import update_rows
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from ...facts import view_of
from ...judges.base import Judge, JudgeFailure, Label, Verdict
from ...judges.factory import DEFAULT_MODEL_ID, build_judge
from ...judges.keyword import exclude_verdict
from ...models import Judgment, Lead, LeadStage
from ..base import CLEARED, RunContext, Stage, in_batches, ready_leads, record_failures, stages

BATCH = 200
"""Small enough for a run to show progress and to stop soon, large enough for judges that answer in bulk."""


@stages.register("judge")
class JudgeStage(Stage):
    name = "judge"
    after = ("normalize",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.NORMALIZED).count()

    def process(self, context: RunContext) -> None:
        leads = ready_leads(context.project, LeadStage.NORMALIZED).select_related("post__author")
        judge: Judge | None = None
        for batch in in_batches(leads, limit=context.limit, size=BATCH):
            judge = judge or build_judge(context.document.llm.judge_model or DEFAULT_MODEL_ID, context.document)
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


def _answers(leads: Sequence[Lead], judge: Judge, document: ProjectDocument) -> dict[int, Verdict | JudgeFailure]:
    """lead id -> what the excluded keywords, an earlier judgment or the judge say; nothing is written here."""
    answers: dict[int, Verdict | JudgeFailure] = {}
    kept = _earlier(leads, judge)
    asked: list[Lead] = []
    for lead in leads:
        excluded = exclude_verdict(view_of(lead.post), document.relevance)
        if excluded or lead.pk in kept:
            answers[lead.pk] = excluded or kept[lead.pk]
        else:
            asked.append(lead)
    said = judge.judge_batch([view_of(lead.post) for lead in asked]) if asked else []
    answers.update({lead.pk: answer for lead, answer in zip(asked, said, strict=True)})
    return answers


def _earlier(leads: Sequence[Lead], judge: Judge) -> dict[int, Verdict]:
    """Judgments that this model with these instructions has made of these leads before."""
    rows = Judgment.objects.filter(
        lead__in=leads, model_version__model_id=judge.model_id, prompt_version=judge.prompt_version
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


def _store(leads: Sequence[Lead], verdicts: dict[int, Verdict]) -> None:
    models = _registered({verdict.model for verdict in verdicts.values()})
    judgments = [_judgment(pk, verdict, models[verdict.model]) for pk, verdict in verdicts.items()]
    Judgment.objects.bulk_create(judgments, ignore_conflicts=True)
    judged = [lead for lead in leads if lead.pk in verdicts]
    for lead in judged:
        lead.stage = LeadStage.JUDGED
        if not lead.labelled_by_human:
            lead.label = verdicts[lead.pk].label
            lead.confidence = verdicts[lead.pk].confidence
    update_rows(judged, ["stage", "label", "confidence"])
    Lead.objects.filter(pk__in=[lead.pk for lead in judged if lead.attempts]).update(**CLEARED)


def _registered(model_ids: set[str]) -> dict[str, ModelVersion]:
    return {model_id: register_on_first_use(model_id, model_type=ModelType.JUDGE) for model_id in model_ids}


def _judgment(lead_id: int, verdict: Verdict, model: ModelVersion) -> Judgment:
    return Judgment(
        lead_id=lead_id,
        model_version=model,
        prompt_version=verdict.prompt_version,
        label=verdict.label,
        confidence=verdict.confidence,
        reasoning=verdict.reasoning,
        latency_ms=verdict.latency_ms,
        cost_usd=verdict.cost_usd,
    )
