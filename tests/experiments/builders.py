"""Experiments and what was observed in them, as short as tests can say it."""

from typing import Any

from experiments.models import Experiment, ExperimentMode, ExperimentStatus, Variant
from experiments.results import Observation, record_observations
from signalops_site.core.models import Project

PRIMARY, CANARY = Variant.PRIMARY, Variant.CANARY


def experiment_in(project: Project, **values: object) -> Experiment:
    """An active shadow experiment of `local/default` against `local/keyword`."""
    facts: dict[str, object] = {
        "experiment_id": f"{project.slug}-{Experiment.objects.count() + 1}",
        "primary_model": "local/default",
        "canary_model": "local/keyword",
        "canary_pct": 0.5,
        "mode": ExperimentMode.SHADOW,
        "status": ExperimentStatus.ACTIVE,
        "margin": 0.05,
        "max_n": 200,
        "salt": "salt",
    }
    return Experiment.objects.create(project=project, **{**facts, **values})


def said(subject: str, variant: Variant, label: str = "", **values: object) -> Observation:
    facts: dict[str, Any] = {"author": f"sample:{subject}", "model": f"local/{variant}", **values}
    return Observation(subject, variant=variant, label=label, **facts)


def pair(experiment: Experiment, subject: str, primary: str, canary: str) -> None:
    record_observations(experiment, [said(subject, PRIMARY, primary), said(subject, CANARY, canary)])
