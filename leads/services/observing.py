"""What leads tell experiments and traces: each arm's answers, and what people say of the same posts.

Called inside the transaction that stores the judgments or the labels, so that neither is there without the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from experiments.models import Experiment, Variant
from experiments.results import Observation, clear_human_label, record_human_label, record_observations
from signalops_site.core.bulk import update_values
from signalops_site.core.llm.requests import FailureKind
from signalops_site.core.llm.tracing import record_score
from signalops_site.core.models import Project

from ..facts import LeadRow
from ..judges.ab_test import Arm, deciding_variant, lead_of, own_failure, subject_of
from ..judges.base import Answer, Verdict
from ..models import BLIND_KINDS, HumanLabel, Judgment, LabelTask, LabelTaskKind, Lead, LeadStage


def record_arm(arm: Arm, leads: Sequence[LeadRow], answers: Mapping[int, Answer]) -> set[int]:
    """Keep what the arm said of these leads (answers by lead), and what people had said of them before.

    Judgments, which are stored already, point at the results that they are: those of the arm that decides, in the
    first experiment that saw them. Of a lead that was erased or emptied while its post was being judged nothing is
    kept: the ids of the others are returned.
    """
    experiment = arm.experiment
    if experiment is None:
        return set()
    there = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).exclude(stage=LeadStage.GONE)
    kept = set(there.select_for_update().order_by("pk").values_list("pk", flat=True))
    leads = [lead for lead in leads if lead.pk in kept]
    own = {pk: answer for pk, answer in answers.items() if isinstance(answer, Verdict) and arm.is_own(answer)}
    judgments = _judgments_of(own)
    costs = {pk: verdict.worth_usd or _cost(judgments.get(pk)) for pk, verdict in own.items()}
    stored = record_observations(experiment, _observed(arm, leads, answers, costs))
    links = [
        (judgment.pk, stored[subject_of(lead.pk), arm.variant])
        for lead in leads
        if (judgment := judgments.get(lead.pk)) and judgment.ab_result_id is None
        if arm.variant == deciding_variant(experiment, lead)
    ]
    update_values(Judgment, ("ab_result",), links)
    tell_labels(experiment.project, kept)
    return kept


def _observed(
    arm: Arm, leads: Sequence[LeadRow], answers: Mapping[int, Answer], costs: Mapping[int, Decimal]
) -> Iterator[Observation]:
    for seen in arm.observations(leads, answers, costs=costs):
        is_blameless = bool(seen.failure) and not _is_fault(answers[lead_of(seen.subject)])
        yield replace(seen, is_blameless=is_blameless)


def _is_fault(answer: Answer) -> bool:
    """Whether the arm itself failed: over the post, or in time. Who steps in for it changes nothing about that.

    Nobody knows of an answer that another model gave in an earlier run.
    """
    failure = own_failure(answer)
    if failure is None:
        return False
    return failure.is_of_the_post or (failure.kind is FailureKind.TIMEOUT and not failure.is_of_the_model)


def _cost(judgment: Judgment | None) -> Decimal:
    return judgment.cost_usd if judgment else Decimal(0)


def _judgments_of(verdicts: Mapping[int, Verdict]) -> dict[int, Judgment]:
    """By lead, the row that its verdict stands in. Where the canary only watches, there is none."""
    rows = Judgment.objects.filter(lead__in=list(verdicts)).select_related("model_version").defer("reasoning")
    found = {(row.lead_id, row.model_version.model_id, row.prompt_version): row for row in rows}
    keys = {pk: (pk, verdict.model, verdict.prompt_version) for pk, verdict in verdicts.items()}
    return {pk: found[key] for pk, key in keys.items() if key in found}


def tell_labels(project: Project, lead_ids: Iterable[int]) -> None:
    """Tell the project's experiments what people have said of these leads, of which most have no label yet."""
    lead_ids = list(lead_ids)
    for lead_id, label in _labels(lead_ids).items():
        record_human_label(project, subject_of(lead_id), label, blind=False)
    drawn = _drawn_at_random(lead_ids)
    for lead_id, label in _blind_labels(lead_ids).items():
        record_human_label(project, subject_of(lead_id), label, blind=True, is_random=lead_id in drawn)


def tell_label(lead: Lead) -> None:
    """The same of one lead, after somebody labelled it or took a label back. Its trace is told too."""
    record_score(subject_of(lead.pk), "human_label", _labels([lead.pk]).get(lead.pk))
    if not Experiment.objects.filter(project=lead.project_id).exists():
        return
    for is_blind, labels in ((False, _labels([lead.pk])), (True, _blind_labels([lead.pk]))):
        if lead.pk not in labels:
            clear_human_label(lead.project, subject_of(lead.pk), blind=is_blind)
    tell_labels(lead.project, [lead.pk])


def _labels(lead_ids: Sequence[int]) -> dict[int, str]:
    """By lead, the label that counts: the latest by the highest role."""
    rows = HumanLabel.objects.filter(lead__in=lead_ids).order_by("role_rank", "updated_at", "pk")
    return dict(rows.values_list("lead_id", "label"))


def _blind_labels(lead_ids: Sequence[int]) -> dict[int, str]:
    """The same of what was answered in the blind lane."""
    answered = LabelTask.objects.filter(lead__in=lead_ids, kind__in=BLIND_KINDS, answered_at__isnull=False)
    return dict(answered.order_by("role_rank", "answered_at", "pk").values_list("lead_id", "label"))


def _drawn_at_random(lead_ids: Sequence[int]) -> set[int]:
    """Those that people would have been asked about whatever any experiment's arms said of them."""
    answered = LabelTask.objects.filter(lead__in=lead_ids, kind=LabelTaskKind.RANDOM, answered_at__isnull=False)
    return set(answered.values_list("lead_id", flat=True))


def primary_labels(experiment: Experiment, subjects: Iterable[str]) -> dict[str, str]:
    """What the primary said of these subjects; those on which it failed are left out."""
    answers = experiment.results.filter(subject__in=list(subjects), variant=Variant.PRIMARY, failure="")
    return dict(answers.values_list("subject", "label"))
