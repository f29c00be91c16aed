"""What is kept of the arms' answers and of people's labels, and which subjects still wait."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from experiments.models import AbResult, Experiment, ExperimentStatus
from experiments.results import (
    MOST_ATTEMPTS,
    RETRY_AFTER,
    Observation,
    clear_human_label,
    discordant_subjects,
    forget_subjects,
    record_human_label,
    record_observations,
    subjects_without_canary,
)
from experiments.selectors import active_experiment
from signalops_site.core.models import Project
from tests.factories import ProjectFactory, document

from .builders import CANARY, PRIMARY, experiment_in, pair, said


@pytest.fixture
def experiment(project: Project) -> Experiment:
    return experiment_in(project)


def labels(subject: str) -> list[tuple[str, str]]:
    return list(AbResult.objects.filter(subject=subject).values_list("human_label", "blind_label"))


def test_what_was_observed_is_kept_and_its_ids_are_told(experiment: Experiment) -> None:
    seen = said("lead:1", PRIMARY, "maybe", confidence=0.4, latency_ms=12.5, cost_usd=Decimal("0.0002"))
    ids = record_observations(experiment, [seen, said("lead:1", CANARY, failure="timeout")])
    assert set(ids) == {("lead:1", PRIMARY), ("lead:1", CANARY)}
    row = AbResult.objects.get(pk=ids["lead:1", PRIMARY])
    assert (row.label, row.confidence, row.latency_ms, row.cost_usd) == ("maybe", 0.4, 12.5, Decimal("0.0002"))
    assert AbResult.objects.get(pk=ids["lead:1", CANARY]).failure == "timeout"


def test_no_row_names_an_author(experiment: Experiment) -> None:
    record_observations(experiment, [said("lead:1", PRIMARY, "maybe", author="x:987654321")])
    assert "987654321" not in str(AbResult.objects.values().get())


def test_an_answer_is_never_overwritten(experiment: Experiment) -> None:
    first = record_observations(experiment, [said("lead:1", CANARY, "relevant")])
    again = record_observations(experiment, [said("lead:1", CANARY, "irrelevant")])
    failed = record_observations(experiment, [said("lead:1", CANARY, failure="timeout")])
    assert first == again == failed
    assert AbResult.objects.get().label == "relevant"


def test_a_failure_gives_way_to_a_later_answer(experiment: Experiment) -> None:
    first = record_observations(experiment, [said("lead:1", CANARY, failure="timeout")])
    later = record_observations(experiment, [said("lead:1", CANARY, "relevant", latency_ms=7)])
    row = AbResult.objects.get()
    assert first == later == {("lead:1", CANARY): row.pk}
    assert (row.label, row.failure, row.attempts, row.latency_ms) == ("relevant", "", 2, 7)


@pytest.mark.parametrize("values", [{}, {"label": "relevant", "failure": "timeout"}, {"label": "great"}])
def test_an_observation_is_a_label_or_a_failure(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?i)label"):
        Observation("lead:1", "x:1", PRIMARY, "m", **values)


def test_a_persons_label_reaches_both_arms_and_a_blind_one_is_kept_apart(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "irrelevant")
    assert record_human_label(experiment.project, "lead:1", "relevant", blind=True) == 2
    assert record_human_label(experiment.project, "lead:1", "irrelevant", blind=False) == 2
    assert labels("lead:1") == [("irrelevant", "relevant")] * 2


def test_a_label_that_is_taken_back_is_gone(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "irrelevant")
    for blind in (True, False):
        record_human_label(experiment.project, "lead:1", "maybe", blind=blind)
    assert clear_human_label(experiment.project, "lead:1", blind=False) == 2
    assert labels("lead:1") == [("", "maybe")] * 2
    clear_human_label(experiment.project, "lead:1")
    assert labels("lead:1") == [("", "")] * 2


def test_another_projects_subjects_are_left_alone(experiment: Experiment, other_project: Project) -> None:
    pair(experiment, "lead:1", "relevant", "irrelevant")
    assert record_human_label(other_project, "lead:1", "relevant", blind=True) == 0
    assert clear_human_label(other_project, "lead:1") == 0
    assert labels("lead:1") == [("", "")] * 2


def test_the_subjects_that_the_canary_has_not_answered_wait_for_it(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "irrelevant")
    primaries = [said(f"lead:{n}", PRIMARY, "relevant") for n in (2, 3, 4)]
    record_observations(experiment, [*primaries, said("lead:5", PRIMARY, failure="timeout")])
    record_observations(experiment, [said("lead:2", CANARY, failure="timeout")])
    assert subjects_without_canary(experiment, limit=10) == ["lead:3", "lead:4", "lead:2"]
    assert subjects_without_canary(experiment, limit=1) == ["lead:3"]


def test_a_canary_that_failed_often_enough_is_asked_no_more(experiment: Experiment) -> None:
    record_observations(experiment, [said("lead:1", PRIMARY, "relevant")])
    for attempt in range(MOST_ATTEMPTS):
        assert subjects_without_canary(experiment, limit=10) == ["lead:1"], attempt
        record_observations(experiment, [said("lead:1", CANARY, failure="timeout")])
    assert subjects_without_canary(experiment, limit=10) == []


def test_a_canary_that_could_not_be_asked_in_earnest_is_asked_again_for_as_long_as_it_takes(
    experiment: Experiment,
) -> None:
    record_observations(experiment, [said("lead:1", PRIMARY, "relevant")])
    for _run in range(MOST_ATTEMPTS + 1):
        record_observations(experiment, [said("lead:1", CANARY, failure="No money.", is_blameless=True)])
        assert subjects_without_canary(experiment, limit=10) == []
        AbResult.objects.update(created_at=timezone.now() - RETRY_AFTER)
        assert subjects_without_canary(experiment, limit=10) == ["lead:1"]
    assert AbResult.objects.get(variant=CANARY).attempts == 0


def test_arms_disagree_where_one_finds_a_subject_relevant(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "maybe")
    pair(experiment, "lead:2", "irrelevant", "relevant")
    pair(experiment, "lead:3", "maybe", "irrelevant")
    pair(experiment, "lead:4", "relevant", "relevant")
    record_observations(
        experiment, [said("lead:5", PRIMARY, "relevant"), said("lead:5", CANARY, failure="timeout")]
    )
    assert discordant_subjects(experiment, limit=10) == ["lead:1", "lead:2"]
    assert discordant_subjects(experiment, limit=1) == ["lead:1"]


def test_only_a_blind_label_settles_a_disagreement(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "maybe")
    record_human_label(experiment.project, "lead:1", "relevant", blind=False)
    assert discordant_subjects(experiment, limit=10) == ["lead:1"]
    record_human_label(experiment.project, "lead:1", "relevant", blind=True)
    assert discordant_subjects(experiment, limit=10) == []


def test_subjects_are_forgotten(experiment: Experiment) -> None:
    pair(experiment, "lead:1", "relevant", "maybe")
    pair(experiment, "lead:2", "relevant", "maybe")
    assert forget_subjects(["lead:1", "lead:9"]) == 2
    assert set(AbResult.objects.values_list("subject", flat=True)) == {"lead:2"}


def test_what_is_active_takes_part_and_what_is_paused_does_not(db: None) -> None:
    allowed = document(project_id="ledger", experiments={"enabled": True})
    experiment = experiment_in(ProjectFactory.create(slug="ledger", document=allowed))
    assert active_experiment(experiment.project) == experiment
    Experiment.objects.update(status=ExperimentStatus.PAUSED)
    assert active_experiment(experiment.project) is None


def test_one_experiment_is_active_in_a_project(experiment: Experiment, other_project: Project) -> None:
    experiment_in(other_project)
    experiment_in(experiment.project, status=ExperimentStatus.PAUSED)
    with pytest.raises(IntegrityError), transaction.atomic():
        experiment_in(experiment.project)


@pytest.mark.parametrize(
    "values",
    [
        {"canary_pct": 0.0},
        {"canary_pct": 1.0},
        {"canary_pct": 10.0},
        {"canary_model": "local/default"},
        {"margin": 0.0},
        {"max_n": 0},
        {"status": ExperimentStatus.COMPLETED},
    ],
)
def test_the_database_refuses_an_experiment_that_makes_no_sense(
    project: Project, values: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        experiment_in(project, **values)


def test_a_subject_has_one_result_per_arm(experiment: Experiment) -> None:
    row = {"experiment": experiment, "subject": "lead:1", "variant": PRIMARY, "model_used": "m", "label": "maybe"}
    AbResult.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        AbResult.objects.create(**row)


def test_disagreements_of_another_experiment_are_no_sample_of_what_two_arms_agree_on(project: Project) -> None:
    """They are the hard ones: both experiments would seem to be worse than they are."""
    first = experiment_in(project, status=ExperimentStatus.COMPLETED, ended_at=timezone.now())
    second = experiment_in(project, canary_model="openai/gpt-4o")
    pair(first, "lead:1", "relevant", "irrelevant")
    pair(second, "lead:1", "relevant", "relevant")
    AbResult.objects.filter(experiment=second).update(blind_label="irrelevant")

    record_human_label(project, "lead:1", "relevant", blind=True, is_random=False)
    assert blind_labels(first) == {"relevant"}
    assert blind_labels(second) == {""}

    record_human_label(project, "lead:1", "relevant", blind=True, is_random=True)
    assert blind_labels(second) == {"relevant"}


def blind_labels(experiment: Experiment) -> set[str]:
    return set(AbResult.objects.filter(experiment=experiment).values_list("blind_label", flat=True))
