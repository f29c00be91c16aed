"""What the arms said, and what people said of the same subjects: written here by the floor above.

A subject's key is the caller's (`lead:12`). Labels are kept on every row that the subject has in any of the
project's experiments, and read per subject, so it does not matter which came first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from signalops_site.core.bulk import insert_rows
from signalops_site.core.models import Project

from .labels import Label
from .models import AbResult, Experiment, ExperimentMode, Variant
from .routing import digest_of

MOST_ATTEMPTS = 5
"""A canary that has failed so often on a subject is not asked about it again."""
RETRY_AFTER = timedelta(minutes=30)
"""When it is asked again about what it could not be asked in earnest: a provider may stay down for a while."""

LONGEST_FAILURE = 200
ANSWER = ("model_used", "label", "confidence", "latency_ms", "cost_usd", "failure")
INSERTED = ("experiment_id", "subject", "author_digest", "variant", "attempts", *ANSWER)

Key = tuple[str, Variant]


@dataclass(frozen=True, slots=True)
class Observation:
    """One arm's answer about a subject: a label, or the reason why there is none. Latency in milliseconds.

    `is_blameless`: a failure by no fault of the arm's, such as a spent budget. It is no attempt.
    """

    subject: str
    author: str
    variant: Variant
    model: str
    label: str = ""
    confidence: float = 0.0
    latency_ms: float = 0.0
    cost_usd: Decimal = Decimal(0)
    failure: str = ""
    is_blameless: bool = False

    def __post_init__(self) -> None:
        if bool(self.label) == bool(self.failure):
            raise ValueError("An observation holds either a label or the reason of a failure.")
        if self.label:
            Label(self.label)


class Known(NamedTuple):
    """A result that is stored already."""

    pk: int
    has_failed: bool


@transaction.atomic
def record_observations(experiment: Experiment, observations: Iterable[Observation]) -> dict[Key, int]:
    """Keep what was observed; (subject, variant) -> the id of its `AbResult`, for every pair that was given.

    An answer is never overwritten, so a run may repeat what another has recorded; a failure gives way to
    whatever comes after it.
    """
    given = {(one.subject, Variant(one.variant)): one for one in observations}
    known = _known(experiment, given)
    for key, one in given.items():
        if key in known and known[key].has_failed:
            _overwrite_failure(known[key].pk, one)
    fresh = [_values(experiment, one) for key, one in given.items() if key not in known]
    insert_rows(AbResult, INSERTED, fresh, ignore_conflicts=True)
    stored = _known(experiment, given) if fresh else known
    return {key: stored[key].pk for key in given}


def record_human_label(project: Project, subject: str, label: str, *, blind: bool, is_random: bool = True) -> int:
    """A person says what the subject is: how many results have learned it. A later label replaces an earlier one.

    `blind`: given in the blind lane, without score, label or draft in sight. Unless `is_random` the subject was
    asked about because the arms of some experiment disagree: then only those learn it whose own arms disagree
    about it, which have all such subjects labelled. What they know of the others is to be a random sample.
    """
    kept = Label(label).value
    rows = _rows_about(project, subject)
    if not blind:
        return rows.update(human_label=kept)
    if not is_random:
        disagreeing = _disagreeing_about(project, subject)
        rows.exclude(experiment__in=disagreeing).exclude(blind_label="").update(blind_label="")
        rows = rows.filter(experiment__in=disagreeing)
    return rows.update(blind_label=kept)


def _disagreeing_about(project: Project, subject: str) -> list[int]:
    """The project's shadow experiments of whose arms one finds the subject relevant and the other does not."""
    said = _rows_about(project, subject).filter(failure="", experiment__mode=ExperimentMode.SHADOW)
    found: dict[int, list[bool]] = {}
    for experiment, label in said.values_list("experiment_id", "label"):
        found.setdefault(experiment, []).append(label == Label.RELEVANT)
    return [experiment for experiment, both in found.items() if len(set(both)) > 1]


def clear_human_label(project: Project, subject: str, *, blind: bool | None = None) -> int:
    """Take people's label back: the blind one, the other one, or (None) both."""
    names = {True: ("blind_label",), False: ("human_label",), None: ("blind_label", "human_label")}[blind]
    return _rows_about(project, subject).update(**dict.fromkeys(names, ""))


def subjects_without_canary(experiment: Experiment, *, limit: int) -> list[str]:
    """Subjects that the primary has answered and the canary has not, those that it was never asked first.

    Not those on which it has failed too often, nor, for a while, those that it could not be asked in earnest.
    """
    canary = AbResult.objects.filter(experiment=experiment, subject=OuterRef("subject"), variant=Variant.CANARY)
    held = Q(attempts=0, created_at__gt=timezone.now() - RETRY_AFTER)
    settled = canary.filter(Q(failure="") | Q(attempts__gte=MOST_ATTEMPTS) | held)
    rows = _answers(experiment, Variant.PRIMARY).filter(~Exists(settled))
    tried = rows.annotate(tried=Case(When(Exists(canary), then=Value(1)), default=Value(0)))
    return list(tried.order_by("tried", "pk").values_list("subject", flat=True)[:limit])


def discordant_subjects(experiment: Experiment, *, limit: int) -> list[str]:
    """Subjects that one arm finds relevant and the other does not ("maybe" is not), without a blind label yet.

    The oldest first, which has nothing to do with who was right.
    """
    other = _answers(experiment, Variant.CANARY).filter(subject=OuterRef("subject"), blind_label="")
    relevant = Q(label=Label.RELEVANT)
    differs = (relevant & Exists(other.exclude(relevant))) | (~relevant & Exists(other.filter(relevant)))
    rows = _answers(experiment, Variant.PRIMARY).filter(differs, blind_label="")
    return list(rows.order_by("pk").values_list("subject", flat=True)[:limit])


def forget_subjects(subjects: Sequence[str]) -> int:
    """Remove every result about them, for whoever erases a person: how many."""
    return AbResult.objects.filter(subject__in=subjects).delete()[0]


def leave_out(experiment: Experiment, subjects: Sequence[str]) -> int:
    """Remove from an experiment those of these subjects that the canary has not answered, as nobody will ask it
    about them any more: how many results. What is left compares both arms on the same subjects.
    """
    answered = _answers(experiment, Variant.CANARY).filter(subject__in=subjects).values("subject")
    rows = AbResult.objects.filter(experiment=experiment, subject__in=subjects).exclude(subject__in=answered)
    return rows.delete()[0]


def _answers(experiment: Experiment, variant: Variant) -> QuerySet[AbResult]:
    return AbResult.objects.filter(experiment=experiment, variant=variant, failure="")


def _rows_about(project: Project, subject: str) -> QuerySet[AbResult]:
    experiments = Experiment.objects.filter(project=project).values("pk")
    return AbResult.objects.filter(subject=subject, experiment__in=experiments)


def _known(experiment: Experiment, keys: Iterable[Key]) -> dict[Key, Known]:
    subjects = {subject for subject, _variant in keys}
    rows = AbResult.objects.filter(experiment=experiment, subject__in=subjects)
    found = rows.values_list("subject", "variant", "pk", "failure")
    return {(subject, Variant(variant)): Known(pk, failure != "") for subject, variant, pk, failure in found}


def _values(experiment: Experiment, one: Observation) -> tuple[object, ...]:
    """In the order of INSERTED."""
    digest = digest_of(one.author, experiment_id=experiment.experiment_id, salt=experiment.salt)
    return (experiment.pk, one.subject, digest, Variant(one.variant).value, _attempt(one), *_answer(one))


def _attempt(one: Observation) -> int:
    return 0 if one.is_blameless else 1


def _answer(one: Observation) -> tuple[object, ...]:
    """In the order of ANSWER."""
    failure = one.failure[:LONGEST_FAILURE]
    return (one.model, one.label, one.confidence, one.latency_ms, one.cost_usd, failure)


def _overwrite_failure(pk: int, one: Observation) -> None:
    """Only while it still is a failure: another worker's answer is not lost to ours. What was paid adds up."""
    values = dict(zip(ANSWER, _answer(one), strict=True)) | {"cost_usd": F("cost_usd") + one.cost_usd}
    failed = AbResult.objects.filter(pk=pk).exclude(failure="")
    failed.update(**values, attempts=F("attempts") + _attempt(one), created_at=timezone.now())
