"""Judge: is this post from somebody who asks for what the project offers?

Who that judge is, `arms.py` says: while an experiment is active there are two, and each knows its leads.

An excluded keyword decides before any model is asked. A verdict of the same model with the same
instructions is never asked for twice. A call that fails leaves no judgment: the lead waits and is tried again.

Answers that take their time are stored in portions, as they come. No transaction is open while calls wait.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial

from experiments.models import ModelType, ModelVersion
from experiments.services import register_on_first_use
from signalops_site.core.bulk import insert_rows, update_values
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.llm.ledger import forget
from signalops_site.core.models import Project
from signalops_site.core.runs import RunYields

from ...facts import LEAD_COLUMNS, LeadRow, view_of
from ...judges.ab_test import Arm
from ...judges.base import (
    Answer,
    Judge,
    JudgeFailure,
    Label,
    PostView,
    StreamingJudge,
    Verdict,
    as_they_come,
    known_as,
)
from ...judges.cascade import CascadeJudge
from ...judges.factory import build_judge
from ...judges.keyword import EXCLUDE_MODEL_ID, exclude_verdict
from ...judges.llm import shared_subject
from ...judges.reporting import count_of_cascade, describe_judging
from ...models import Judgment, Lead, LeadStage
from ...notifying.alerts import A_MONTH, alert
from ...services.answers import lock_living
from ...services.observing import record_arm
from ...services.sampling import draw, withdraw_discordant
from ..arms import Arms
from ..base import BATCH, CLEARED, RunContext, Stage, Tally, ready_leads, record_failures, rows_in_batches, stages
from ..shadow import MADE_UP_PER_RUN, Shadow

PORTION = 50
"""Answers that are stored together, of a judge whose answers come one by one."""
PORTION_SECONDS = 1.0
"""And for how long they are gathered at most, as long as any come."""


@stages.register("judge")
class JudgeStage(Stage):
    name = "judge"
    after = ("normalize",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return ready_leads(project, LeadStage.NORMALIZED).count()

    def process(self, context: RunContext) -> None:
        waiting = ready_leads(context.project, LeadStage.NORMALIZED)
        arms = Arms(context, partial(_build, context))
        shadow = Shadow(arms, context, stage=self.name, ask=partial(_in_portions, document=context.document))
        for batch in rows_in_batches(waiting, LEAD_COLUMNS, LeadRow, limit=context.limit):
            for arm, leads in arms.split(batch):
                self._judge_batch(leads, arm, context)
            shadow.follow(limit=len(batch))
        shadow.follow(limit=MADE_UP_PER_RUN if context.limit is None else min(context.limit, MADE_UP_PER_RUN))
        withdraw_discordant(context.project)
        self._tell(arms, context)

    def _tell(self, arms: Arms, context: RunContext) -> None:
        notes = list(arms.notes)
        if arms.streaming:
            forget([shared_subject(context.project.pk)])
        if not (arms.streaming or notes):
            return
        with context.batch(self.name) as tally:
            for judge in arms.streaming:
                notes += describe_judging(judge, tally.figures, project=context.project, run=context.run)
            tally.notes = list(dict.fromkeys(notes))

    def _judge_batch(self, batch: Sequence[LeadRow], arm: Arm, context: RunContext) -> None:
        """Store what is said of the batch, portion by portion. Who is to yield does so when all of it has come."""
        is_to_yield = False
        with closing(_in_portions(batch, arm.judge, document=context.document)) as portions:
            for came in portions:
                try:
                    with context.batch(self.name) as tally:
                        living = lock_living(context.project, came)
                        portion = {pk: answer for pk, answer in came.items() if pk in living}
                        self._store(batch, portion, arm.judge, tally, context.project)
                        record_arm(arm, [lead for lead in batch if lead.pk in portion], portion)
                        _draw(portion, context)
                except RunYields:
                    is_to_yield = True
        if isinstance(arm.judge, StreamingJudge) and (spent := arm.judge.findings.spent_budget):
            alert(context.project, "budget", spent, once_in=A_MONTH)
        if is_to_yield:
            raise RunYields

    def _store(
        self,
        batch: Sequence[LeadRow],
        portion: dict[int, Answer],
        judge: Judge,
        tally: Tally,
        project: Project,
    ) -> None:
        verdicts = {pk: answer for pk, answer in portion.items() if isinstance(answer, Verdict)}
        failures = {pk: answer for pk, answer in portion.items() if isinstance(answer, JudgeFailure)}
        _store([lead for lead in batch if lead.pk in portion], verdicts, project)
        for gives_up in (True, False):
            told = {pk: failure.reason for pk, failure in failures.items() if failure.is_of_the_post == gives_up}
            record_failures(told, stage=self.name, gives_up=gives_up)
        tally.done += len(verdicts)
        tally.failed += len(failures)
        excluded = [verdict for verdict in verdicts.values() if verdict.model == EXCLUDE_MODEL_ID]
        tally.count_reasons({"excluded_keyword": len(excluded)})
        if isinstance(judge, StreamingJudge):
            tally.tell(judge.findings.problems)
        if isinstance(judge, CascadeJudge):
            for name, amount in count_of_cascade(judge, verdicts.values()).items():
                tally.count(name, amount)


def _build(context: RunContext, model_id: str, tags: tuple[str, ...], *, is_alone: bool) -> Judge:
    return build_judge(
        model_id, context.document, project=context.project, run=context.run, tags=tags, is_alone=is_alone
    )


def _draw(portion: dict[int, Answer], context: RunContext) -> None:
    """Some of what was judged enters the blind lane, whoever judged it."""
    labels = {pk: answer.label for pk, answer in portion.items() if isinstance(answer, Verdict)}
    draw(context.project, labels, review=context.document.review)


def _in_portions(
    leads: Sequence[LeadRow], judge: Judge, *, document: ProjectDocument
) -> Generator[dict[int, Answer]]:
    with closing(_answers(leads, judge, document)) as answers:
        yield from _portions(answers, size=PORTION if isinstance(judge, StreamingJudge) else BATCH)


def _answers(leads: Sequence[LeadRow], judge: Judge, document: ProjectDocument) -> Generator[tuple[int, Answer]]:
    """(lead id, what the excluded keywords, an earlier judgment or the judge say); nothing is written here."""
    kept = _earlier(leads, judge)
    asked: list[tuple[int, PostView]] = []
    for lead in leads:
        view = view_of(lead)
        answer = exclude_verdict(view, document.relevance) or kept.get(lead.pk)
        if answer:
            yield lead.pk, answer
        else:
            asked.append((lead.pk, view))
    if asked:
        for place, said in as_they_come(judge, [view for _pk, view in asked]):
            yield asked[place][0], said


def _portions(answers: Iterable[tuple[int, Answer]], *, size: int) -> Iterator[dict[int, Answer]]:
    """About `size` answers, fewer when they come slowly.

    Answers of one call are never parted, so that a run that goes on asks about the others in the same calls.
    """
    portion: dict[int, Answer] = {}
    began = time.monotonic()
    for pk, answer in answers:
        portion[pk] = answer
        if isinstance(answer, Verdict) and not answer.ends_call:
            continue
        if len(portion) >= size or (size < BATCH and time.monotonic() - began >= PORTION_SECONDS):
            yield portion
            portion, began = {}, time.monotonic()
    if portion:
        yield portion


def _earlier(leads: Sequence[LeadRow], judge: Judge) -> dict[int, Verdict]:
    """Judgments of these leads that this judge, with these instructions, would not ask for again."""
    rows = Judgment.objects.filter(lead__in=[lead.pk for lead in leads]).select_related("model_version")
    return {
        row.lead_id: Verdict(
            label=Label(row.label),
            confidence=row.confidence,
            reasoning=row.reasoning,
            model=row.model_version.model_id,
            prompt_version=row.prompt_version,
            latency_ms=row.latency_ms,
        )
        for model_id, version in known_as(judge)
        for row in rows.filter(model_version__model_id=model_id, prompt_version=version)
    }


def _store(leads: Sequence[LeadRow], verdicts: dict[int, Verdict], project: Project) -> None:
    models = _registered({verdict.model for verdict in verdicts.values()}, project=project)
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


def _registered(model_ids: set[str], *, project: Project) -> dict[str, ModelVersion]:
    return {
        model_id: register_on_first_use(model_id, model_type=ModelType.JUDGE, project=project)
        for model_id in model_ids
    }


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
