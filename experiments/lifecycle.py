"""What becomes of an experiment: created, paused, resumed, stopped, promoted, rolled back. Never deleted.

active <-> paused        by pause and resume
   |          |
   `----------+--> completed, by stop (the judge stays), promote (the canary becomes the judge)
                   or roll back (the primary is the judge, again after a promotion)
"""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from .models import Experiment, ExperimentMode, ExperimentStatus, ModelType, ModelVersion
from .plans import DEFAULT_MARGIN
from .reports import results_of
from .services import (
    activate_model,
    chosen_judge,
    deactivate_model,
    judge_of,
    lock_registry,
    register_on_first_use,
    require_model_id,
    require_runnable,
)

DEFAULT_MAX_N = 200
MOST_N = 1_000_000
LONGEST_HYPOTHESIS = 2000

BEFORE = "before"
"""In an experiment's metadata: the project's `judge` at its creation, and which it had itself `chosen`, if any."""

PROMOTED, ROLLED_BACK, STOPPED = "promoted", "rolled_back", "stopped"
SWITCHED_OFF = (
    "Experiments are switched off for the project {slug!r}: "
    "set `experiments: {{enabled: true}}` in its configuration."
)


@dataclass(frozen=True, slots=True)
class Design:
    """How an experiment is laid out. What is None comes from the project: its judge, its usual canary share."""

    canary_model: str
    primary_model: str | None = None
    mode: str = ExperimentMode.SHADOW
    canary_pct: float | None = None
    margin: float = DEFAULT_MARGIN
    max_n: int = DEFAULT_MAX_N
    hypothesis: str = ""


@transaction.atomic
def create_experiment(project: Project, design: Design, *, by: audit.Actor) -> Experiment:
    """A new experiment, active at once: the next run takes part in it.

    DomainError when the design does not hold; Conflict when the project has an active one, a model could not be
    run here, or the configuration does not allow experiments.
    """
    _require_operator(by, project)
    project = Project.objects.select_for_update().get(pk=project.pk)
    share = _checked(design, project)
    primary = _judge(design.primary_model or judge_of(project), project)
    canary = _judge(design.canary_model, project)
    if primary.pk == canary.pk:
        raise DomainError(f"An experiment compares two models; {canary.model_id!r} is named twice.")
    _require_no_other(project)
    experiment = Experiment.objects.create(
        experiment_id=_new_id(project),
        project=project,
        primary_model=primary.model_id,
        canary_model=canary.model_id,
        canary_pct=share,
        mode=design.mode,
        hypothesis=design.hypothesis.strip(),
        margin=design.margin,
        max_n=design.max_n,
        salt=secrets.token_hex(8),
        metadata={BEFORE: {"judge": judge_of(project), "chosen": chosen_judge(project)}},
    )
    _record("experiment.create", experiment, by=by)
    return experiment


@transaction.atomic
def pause_experiment(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """The project's judge judges alone from the next run on. Paused already: nothing happens."""
    experiment = _live(experiment, by=by)
    if experiment.status == ExperimentStatus.ACTIVE:
        experiment.status = ExperimentStatus.PAUSED
        experiment.save(update_fields=["status"])
        _record("experiment.pause", experiment, by=by)
    return experiment


@transaction.atomic
def resume_experiment(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """Go on, each author in the same arm as before. Conflict when another one is active by now."""
    experiment = _live(experiment, by=by)
    if experiment.status == ExperimentStatus.PAUSED:
        _require_enabled(experiment.project)
        _require_no_other(experiment.project)
        for model_id in (experiment.primary_model, experiment.canary_model):
            _judge(model_id, experiment.project)
        experiment.status = ExperimentStatus.ACTIVE
        experiment.save(update_fields=["status"])
        _record("experiment.resume", experiment, by=by)
    return experiment


def stop_experiment(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """Complete it and leave the project's judge as it is. Completed already: nothing happens."""
    verdict = _verdict_now(experiment, by=by)
    with transaction.atomic():
        experiment = _locked(experiment, by=by)
        if experiment.status != ExperimentStatus.COMPLETED:
            _complete(experiment, STOPPED, verdict)
            _record("experiment.stop", experiment, by=by)
    return experiment


def promote_canary(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """The canary becomes the project's judge, in registry and configuration, and the experiment is over.

    Also of one that was only stopped. Conflict when that has happened, or the canary can no longer be run.
    """
    verdict = _verdict_now(experiment, by=by)
    with transaction.atomic():
        experiment = _locked(experiment, by=by)
        lock_registry()
        if outcome_of(experiment) in {PROMOTED, ROLLED_BACK}:
            raise Conflict(f"The experiment {experiment} was {_words(experiment)} already.")
        activate_model(_judge(experiment.canary_model, experiment.project), by=by, project=experiment.project)
        _complete(experiment, PROMOTED, verdict)
        _record("experiment.promote", experiment, by=by)
    return experiment


def roll_back(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """The primary is the project's judge (again), in the registry and in its configuration.

    A project that had chosen no judge of its own follows that of all projects again. Ends an experiment that is
    live, or takes a promotion back. Conflict when there is nothing to take back, or somebody has chosen a third
    judge since.
    """
    verdict = _verdict_now(experiment, by=by)
    with transaction.atomic():
        experiment = _locked(experiment, by=by)
        lock_registry()
        _require_something_to_roll_back(experiment)
        _restore_judge(experiment, by=by)
        _complete(experiment, ROLLED_BACK, verdict)
        _record("experiment.rollback", experiment, by=by)
    return experiment


def _require_something_to_roll_back(experiment: Experiment) -> None:
    outcome = outcome_of(experiment)
    if outcome in {STOPPED, ROLLED_BACK}:
        raise Conflict(f"The experiment {experiment} was {_words(experiment)}: there is nothing to roll back.")
    chosen = chosen_judge(experiment.project)
    if chosen not in _expected(experiment, is_promoted=outcome == PROMOTED):
        raise Conflict(
            f"The project's judge is {judge_of(experiment.project)!r} by now: activate the one that you want."
        )


def _expected(experiment: Experiment, *, is_promoted: bool) -> set[str | None]:
    """What the project may have chosen by now, without anybody having chosen a third judge."""
    if is_promoted:
        return {experiment.canary_model}
    before = experiment.metadata.get(BEFORE, {})
    return {experiment.primary_model, experiment.canary_model, before.get("chosen"), None}


def _restore_judge(experiment: Experiment, *, by: audit.Actor) -> None:
    """The primary, as the project had it: named, or followed as the judge of all.

    Experiments of earlier releases did not write down which.
    """
    project = experiment.project
    before = experiment.metadata.get(BEFORE, {})
    if before.get("judge") != experiment.primary_model or before["chosen"] is not None:
        activate_model(_judge(experiment.primary_model, project), by=by, project=project)
    elif chosen := chosen_judge(project):
        model = register_on_first_use(chosen, model_type=ModelType.JUDGE, project=project)
        deactivate_model(model, by=by, project=project)


def _verdict_now(experiment: Experiment, *, by: audit.Actor) -> str:
    """Reckoned before anything is locked: it reads all results. What a first end has written stays."""
    _require_operator(by, experiment.project)
    return experiment.verdict or results_of(experiment).verdict


def outcome_of(experiment: Experiment) -> str:
    """How it ended: promoted, rolled_back or stopped; '' while it is live."""
    return str(experiment.metadata.get("outcome", ""))


def _words(experiment: Experiment) -> str:
    return outcome_of(experiment).replace("_", " ")


def _require_operator(by: audit.Actor, project: Project) -> None:
    if isinstance(by, User):
        require_role(by, project, Role.OPERATOR)


def _checked(design: Design, project: Project) -> float:
    """The canary's share, when the design holds and the project's configuration allows it."""
    usual = _require_enabled(project)
    share = usual if design.canary_pct is None else design.canary_pct
    if not 0 < share < 1:
        raise DomainError(f"The canary's share lies between 0 and 1, both excluded, such as 0.1; it is {share}.")
    if not 0 < design.margin < 1:
        raise DomainError(f"The margin lies between 0 and 1, both excluded, such as 0.05; it is {design.margin}.")
    if not 1 <= design.max_n <= MOST_N:
        raise DomainError(f"The planned number of labels is from 1 to {MOST_N:,}; it is {design.max_n:,}.")
    if design.mode not in ExperimentMode.values:
        raise DomainError(f"{design.mode!r} is no mode: it is one of {', '.join(ExperimentMode.values)}.")
    if len(design.hypothesis) > LONGEST_HYPOTHESIS:
        raise DomainError(f"The hypothesis has at most {LONGEST_HYPOTHESIS:,} characters.")
    return share


def _require_enabled(project: Project) -> float:
    """The project's usual share of a canary."""
    section = active_document(project).experiments
    if not section.enabled:
        raise Conflict(SWITCHED_OFF.format(slug=project.slug))
    return section.default_canary_pct


def _judge(model_id: str, project: Project) -> ModelVersion:
    """The registry's entry for the project, if it can be run here; registered on first use."""
    require_model_id(model_id)
    model = register_on_first_use(model_id, model_type=ModelType.JUDGE, project=project)
    require_runnable(model)
    return model


def _require_no_other(project: Project) -> None:
    other = Experiment.objects.filter(project=project, status=ExperimentStatus.ACTIVE).first()
    if other is not None:
        raise Conflict(f"The experiment {other} is active in this project: pause or end it first.")


def _new_id(project: Project) -> str:
    """`<slug>-<number>`, cut to what fits; unique over all projects."""
    number = Experiment.objects.filter(project=project).count() + 1
    while Experiment.objects.filter(experiment_id=f"{project.slug[:52]}-{number}").exists():
        number += 1
    return f"{project.slug[:52]}-{number}"


def _locked(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    """The project comes first; the registry, where it is locked too, comes after it, as in `activate_model`."""
    _require_operator(by, experiment.project)
    project = Project.objects.select_for_update().get(pk=experiment.project_id)
    found = Experiment.objects.select_for_update().get(pk=experiment.pk)
    found.project = project
    return found


def _live(experiment: Experiment, *, by: audit.Actor) -> Experiment:
    found = _locked(experiment, by=by)
    if found.status == ExperimentStatus.COMPLETED:
        raise Conflict(f"The experiment {found} is completed: create another one.")
    return found


def _complete(experiment: Experiment, outcome: str, verdict: str) -> None:
    """Verdict and time are those of the first end: what was learned does not change by what is done about it."""
    if experiment.status != ExperimentStatus.COMPLETED:
        experiment.verdict = verdict
        experiment.ended_at = timezone.now()
    experiment.status = ExperimentStatus.COMPLETED
    experiment.metadata = {**experiment.metadata, "outcome": outcome}
    experiment.save(update_fields=["status", "verdict", "ended_at", "metadata"])


def _record(action: str, experiment: Experiment, *, by: audit.Actor) -> None:
    fields = {
        "experiment_id": experiment.experiment_id,
        "primary_model": experiment.primary_model,
        "canary_model": experiment.canary_model,
        "canary_pct": experiment.canary_pct,
        "mode": experiment.mode,
        "verdict": experiment.verdict,
    }
    audit.record(action, by=by, project=experiment.project, on=experiment, fields=fields)
