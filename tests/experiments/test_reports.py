"""From stored rows to subjects: what is missing, what is still to come, and what nobody could help."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import AbResult, Experiment, Verdict
from experiments.reports import ON_ITS_WAY, results_of
from experiments.results import record_observations
from signalops_site.core.models import Project

from .builders import CANARY, PRIMARY, experiment_in, said


@pytest.fixture
def experiment(project: Project) -> Experiment:
    return experiment_in(project)


def is_older(by: timedelta = ON_ITS_WAY * 2) -> None:
    AbResult.objects.update(created_at=timezone.now() - by)


def observe(experiment: Experiment, count: int, *, canary: str = "irrelevant", start: int = 0) -> None:
    """Pairs; without the canary's half where its label is empty."""
    for n in range(start, start + count):
        record_observations(experiment, [said(f"lead:{n}", PRIMARY, "irrelevant")])
        if canary:
            record_observations(experiment, [said(f"lead:{n}", CANARY, canary)])


def test_a_primary_that_failed_a_few_times_breaks_no_experiment(experiment: Experiment) -> None:
    observe(experiment, 40)
    failures = [said(f"lead:{n}", PRIMARY, failure="timeout") for n in range(100, 106)]
    record_observations(experiment, failures)
    is_older()
    assert not results_of(experiment).srm.alarm


def test_the_canarys_batch_that_is_on_its_way_is_not_missing_and_later_it_is(experiment: Experiment) -> None:
    observe(experiment, 40)
    observe(experiment, 20, canary="", start=100)
    assert not results_of(experiment).srm.alarm
    is_older()
    assert results_of(experiment).srm.alarm


def test_an_answer_is_as_old_as_itself_and_not_as_the_failure_before_it(experiment: Experiment) -> None:
    record_observations(experiment, [said(f"lead:{n}", PRIMARY, failure="timeout") for n in range(20)])
    is_older()
    record_observations(experiment, [said(f"lead:{n}", PRIMARY, "maybe") for n in range(20)])
    assert not results_of(experiment).srm.alarm


def test_what_no_arm_could_help_is_neither_a_failure_nor_missing(experiment: Experiment) -> None:
    observe(experiment, 40)
    observe(experiment, 30, canary="", start=100)
    refused = [said(f"lead:{n}", CANARY, failure="No money.", is_blameless=True) for n in range(100, 130)]
    record_observations(experiment, refused)
    is_older()
    found = results_of(experiment)
    assert (found.srm.alarm, found.arms.canary.failures, found.arms.canary.n) == (False, 0, 40)
    assert found.verdict != Verdict.BROKEN
