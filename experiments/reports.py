"""Results of an experiment, read in one stream: rows are counted as they come, and none of them is kept."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db.models import FloatField
from django.db.models.functions import Cast
from django.utils import timezone

from signalops_site.core.config.versions import document_of

from .figures import ExperimentResults, SampleSize
from .models import AbResult, Experiment, ExperimentMode, Variant
from .plans import DEFAULT_MAX_LATENCY_MS, Plan
from .tallies import Answer, Subject, Tally

CHUNK = 5000
ON_ITS_WAY = timedelta(hours=1)
"""The canary follows the primary batch by batch: until then its answer is not missing, but still to come."""


class Row(NamedTuple):
    """The columns that results are counted from, in the order in which they are read."""

    subject: str
    variant: str
    author_digest: str
    label: str
    latency_ms: float
    cost: float
    human_label: str
    blind_label: str
    created_at: datetime
    attempts: int


def results_of(experiment: Experiment, *, despite_warning: bool = False) -> ExperimentResults:
    """All figures and the verdict, from what is stored now."""
    return results_from(_subjects_of(experiment), plan_of(experiment), despite_warning=despite_warning)


def results_from(subjects: Iterable[Subject], plan: Plan, *, despite_warning: bool = False) -> ExperimentResults:
    """The same of subjects from anywhere, such as a file."""
    from .analysis import analyse  # noqa: PLC0415 - scipy and statsmodels, only where results are asked for

    return analyse(Tally.of(subjects), plan, despite_warning=despite_warning)


def sample_size(mode: ExperimentMode, *, canary_pct: float) -> SampleSize:
    """The labels to plan for, for three sizes of difference."""
    from .planning import estimate  # noqa: PLC0415 - scipy and statsmodels, only where they are asked for

    return estimate(mode, canary_pct=canary_pct)


def plan_of(experiment: Experiment) -> Plan:
    version = experiment.project.active_config
    limit = document_of(version).llm.max_judge_latency_ms if version else DEFAULT_MAX_LATENCY_MS
    return Plan.of(experiment, max_latency_ms=limit)


def _subjects_of(experiment: Experiment) -> Iterator[Subject]:
    """By subject, which the unique index has in order already."""
    since = timezone.now() - ON_ITS_WAY
    rows = AbResult.objects.filter(experiment=experiment).order_by("subject", "variant")
    costed = rows.annotate(cost=Cast("cost_usd", FloatField()))
    stream = map(Row._make, costed.values_list(*Row._fields).iterator(chunk_size=CHUNK))
    for _subject, arms in groupby(stream, key=itemgetter(0)):
        yield _subject_of(list(arms), since=since)


def _subject_of(arms: list[Row], *, since: datetime) -> Subject:
    """A label may stand on one arm's row only, when the other arm answered after it was given."""
    answers = {row.variant: Answer(row.label, row.latency_ms, row.cost, row.attempts == 0) for row in arms}
    return Subject(
        author=arms[0].author_digest,
        primary=answers.get(Variant.PRIMARY),
        canary=answers.get(Variant.CANARY),
        blind=next((row.blind_label for row in arms if row.blind_label), ""),
        human=next((row.human_label for row in arms if row.human_label), ""),
        is_waiting=any(row.created_at > since for row in arms),
    )
