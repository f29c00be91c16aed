"""What enters the blind lane: leads are drawn as their judgments are stored, in the same transaction.

Whether a lead is drawn is a hash of its id, so that a run that repeats another draws nobody anew, and neither the
model nor the time of day has a say in it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from experiments.models import Experiment, ExperimentStatus
from experiments.tallies import is_relevant
from signalops_site.core.config.schema import Review
from signalops_site.core.models import Project

from ..judges.ab_test import lead_of, subject_of
from ..judges.base import Label
from ..models import LabelTask, LabelTaskKind
from .observing import primary_labels

BITS: Final = 63


def draw(project: Project, labels: Mapping[int, str], *, review: Review) -> None:
    """Ask about a random share of these leads (with what a judge says of each), and of the irrelevant ones.

    One that was drawn among the irrelevant and no longer is one leaves, unless it was answered.
    """
    irrelevant = {lead_id for lead_id, label in labels.items() if label == Label.IRRELEVANT}
    missed = _drawn(LabelTaskKind.MISSED, labels, share=review.missed_share)
    left = LabelTask.objects.filter(kind=LabelTaskKind.MISSED, answered_at__isnull=True)
    left.filter(lead__in=set(missed) - irrelevant).delete()
    tasks = [
        *_tasks(project, LabelTaskKind.RANDOM, _drawn(LabelTaskKind.RANDOM, labels, share=review.blind_share)),
        *_tasks(project, LabelTaskKind.MISSED, {pk: p for pk, p in missed.items() if pk in irrelevant}),
    ]
    LabelTask.objects.bulk_create(tasks, ignore_conflicts=True)


def draw_discordant(experiment: Experiment, canary: Mapping[str, str]) -> None:
    """Ask about all subjects of which the canary (subject -> its label) says what the primary does not.

    "maybe" counts as not relevant, as in the tests that these labels feed. Subjects that were answered in the
    blind lane have their label already.
    """
    primary = primary_labels(experiment, canary)
    differ = [lead_of(key) for key in primary if is_relevant(primary[key]) != is_relevant(canary[key])]
    answered = LabelTask.objects.filter(lead__in=differ, kind=LabelTaskKind.RANDOM, answered_at__isnull=False)
    asked = set(differ) - set(answered.values_list("lead_id", flat=True))
    tasks = _tasks(
        experiment.project, LabelTaskKind.DISCORDANT, dict.fromkeys(sorted(asked), 1.0), experiment=experiment
    )
    LabelTask.objects.bulk_create(tasks, ignore_conflicts=True)


def withdraw_discordant(project: Project) -> None:
    """Of an experiment that is over nobody needs to know more."""
    over = LabelTask.objects.filter(project=project, kind=LabelTaskKind.DISCORDANT, answered_at__isnull=True)
    over.filter(experiment__status=ExperimentStatus.COMPLETED).delete()


def _drawn(kind: LabelTaskKind, lead_ids: Iterable[int], *, share: float) -> dict[int, float]:
    """The leads that a share of 0 to 1 of all leads holds, each with its probability, which is that share."""
    if not share:
        return {}
    return {pk: share for pk in lead_ids if _place(kind, pk) / 2**BITS < share}


def _place(purpose: str, lead_id: int) -> int:
    """From 0 to 2^63 - 1, uniform over leads and independent between purposes."""
    digest = hashlib.sha256(f"{purpose}:{subject_of(lead_id)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - BITS)


def _tasks(
    project: Project,
    kind: LabelTaskKind,
    drawn: Mapping[int, float],
    *,
    experiment: Experiment | None = None,
) -> list[LabelTask]:
    return [
        LabelTask(
            project=project,
            lead_id=lead_id,
            kind=kind,
            experiment=experiment,
            sampling_probability=probability,
            place=_place("line", lead_id),
        )
        for lead_id, probability in drawn.items()
    ]
