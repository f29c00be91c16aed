"""The model registry: register, activate, deactivate, retire. What is active is what judges in the next run.

An entry belongs to one project, or to all (`project` is empty). What a project's judge is, in this order:

    the model that its configuration names (`llm.judge_model`)
    its own active entry, which its configuration names as well once it was activated here
    the active entry for all projects
    the built-in judge

So activating an entry for all projects reaches those that have chosen none of their own. A project's drafter
(`llm.draft_model`) is chosen the same way. Whoever changes a project and the registry locks the project first.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.schema import ProjectDocument, problem_with_text
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project
from signalops_site.core.permissions import visible_projects

from .config_door import KEYS, asks, judge_named_by, name_model, named_by, named_in, projects_naming
from .hooks import objections
from .models import Experiment, ExperimentStatus, ModelType, ModelVersion
from .selectors import entry_of

LONGEST_ID = 256
CASCADE = "cascade:"
NEVER_IN_IDS = frozenset("<\"'`\\")
BUILT_IN = {ModelType.JUDGE: "local/default", ModelType.DRAFTER: "local/template"}


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model beside its id. `metrics` and `metadata` are any JSON objects."""

    display_name: str = ""
    base_model: str = ""
    training_file: str = ""
    training_examples: int | None = None
    version: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)


def provider_of(model_id: str) -> str:
    """`local` of `local/default`. Fine-tuned ids (`ft:...`) without a prefix are OpenAI's way of naming."""
    if "/" not in model_id and model_id.startswith("ft:"):
        return "openai"
    return model_id.partition("/")[0][:32]


def register_on_first_use(model_id: str, *, model_type: ModelType, project: Project | None) -> ModelVersion:
    """The entry that counts for the project; one for all projects is made when there is none yet."""
    if found := entry_of(model_id, model_type=model_type, project=project):
        return found
    version, _made = ModelVersion.objects.get_or_create(
        model_id=model_id,
        model_type=model_type,
        project=None,
        defaults={"provider": provider_of(model_id), "display_name": model_id},
    )
    return version


@transaction.atomic
def register_model(
    model_id: str,
    *,
    model_type: ModelType,
    by: audit.Actor,
    project: Project | None = None,
    facts: ModelFacts | None = None,
) -> ModelVersion:
    """A new entry, not active; or what is known of one that only its first use has made.

    Conflict when the project (or what is for all) has registered that id for the task already; DomainError when it
    is none.
    """
    require_model_id(model_id)
    facts = facts or ModelFacts()
    _require_storable(facts.metrics)
    model = ModelVersion.objects.filter(model_id=model_id, model_type=model_type, project=project).first()
    if model is not None and (facts == ModelFacts() or not _is_bare(model)):
        raise Conflict(f"A {model_type} {model_id!r} is registered already.")
    model = model or ModelVersion(model_id=model_id, model_type=model_type, project=project)
    model.provider = provider_of(model_id)
    for known in fields(facts):
        setattr(model, known.name, getattr(facts, known.name))
    model.display_name = facts.display_name or model_id
    model.save()
    named = {"model_id": model_id, "model_type": str(model_type)}
    audit.record("model.register", by=by, project=project, on=model, fields=named)
    return model


def _is_bare(model: ModelVersion) -> bool:
    """Whether nothing is known of it but its id, and it may still be used."""
    known = ModelFacts(**{known.name: getattr(model, known.name) for known in fields(ModelFacts)})
    return model.retired_at is None and known == ModelFacts(display_name=model.model_id)


def require_model_id(model_id: str) -> None:
    is_word = (
        model_id.split() == [model_id] and not problem_with_text(model_id) and not set(model_id) & NEVER_IN_IDS
    )
    if not is_word or len(model_id) > LONGEST_ID:
        raise DomainError(f"A model id is one word of at most {LONGEST_ID} characters, such as local/default.")
    parts = model_id.removeprefix(CASCADE).split(">")
    if len(parts) != 1 + model_id.startswith(CASCADE) or not all(parts):
        raise DomainError(f"{model_id!r} is no model id: a cascade is written as {CASCADE}FIRST>SECOND.")


def _require_storable(metrics: dict[str, Any]) -> None:
    """JSON knows no NaN, and PostgreSQL no NUL; whichever door they came by."""
    try:
        json.dumps(metrics, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise DomainError("Metrics are names and values in JSON, whose numbers are finite.") from None
    if problem := next(filter(None, map(problem_with_text, _texts_in(metrics))), None):
        raise DomainError(f"A text in the metrics {problem}.")


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for each in pair for text in _texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts_in(each))


def active_model(project: Project, model_type: ModelType) -> ModelVersion | None:
    """The project's own active entry, else the one for all projects. (What its configuration names goes first.)"""
    active = ModelVersion.objects.filter(model_type=model_type, is_active=True)
    return active.filter(project=project).first() or active.filter(project=None).first()


def judge_of(project: Project) -> str:
    """The model id of the project's judge, but for an experiment. Nothing is registered."""
    return model_of(project, ModelType.JUDGE)


def model_of(project: Project, model_type: ModelType) -> str:
    """The model id of the project's judge (but for an experiment) or drafter. Nothing is registered."""
    active = active_model(project, model_type)
    return named_by(project, model_type) or (active.model_id if active else BUILT_IN[model_type])


def chosen_judge(project: Project) -> str | None:
    """The project's own choice; None: it follows the judge of all projects."""
    own = ModelVersion.objects.filter(project=project, model_type=ModelType.JUDGE, is_active=True).first()
    return judge_named_by(project) or (own.model_id if own else None)


@transaction.atomic
def activate_model(model: ModelVersion, *, by: audit.Actor, project: Project | None = None) -> ModelVersion:
    """Make it the model of its project, of one `project`, or (an entry for all) of all that have chosen none.

    The other one of its scope is deactivated. For a project it is written into a new configuration version.
    Conflict when it is retired, another project's, or could not be run here; nothing is changed then.
    """
    scope = _locked_scope(model, project)
    model = _locked(model)
    require_runnable(model)
    _deactivate_others(model, scope)
    if model.project_id == (scope.pk if scope else None):
        _set_active(model, True)
    if scope is not None:
        name_model(scope, model.model_type, model.model_id, by=by)
    audit.record("model.activate", by=by, project=scope, on=model, fields={"model_id": model.model_id})
    return model


@transaction.atomic
def deactivate_model(model: ModelVersion, *, by: audit.Actor, project: Project | None = None) -> ModelVersion:
    """The contrary of `activate_model` with the same `project`. Conflict when it is not active there."""
    scope = _locked_scope(model, project)
    model = _locked(model)
    own = model.project_id == (scope.pk if scope else None)
    named = scope is not None and named_by(scope, model.model_type) == model.model_id
    if not named and not (own and model.is_active):
        raise Conflict(f"The model {model.model_id!r} is not active there.")
    if own:
        _set_active(model, False)
    if scope is not None and named:
        name_model(scope, model.model_type, None, by=by)
    audit.record("model.deactivate", by=by, project=scope, on=model, fields={"model_id": model.model_id})
    return model


@transaction.atomic
def retire_model(model: ModelVersion, *, by: audit.Actor) -> ModelVersion:
    """Put a model out of service for good. What it judged stays. Conflict while it is in use.

    That of one project is put out of service there: others that name the same id do not hear of it. What is for
    all does not ask projects that have an entry of their own. What works where nothing is chosen stays.
    """
    model = _locked(model)
    if model.model_id == BUILT_IN[ModelType(model.model_type)]:
        raise Conflict(f"{model.model_id} works where nothing else is chosen: it is never retired.")
    if model.retired_at is not None:
        raise Conflict(f"The model {model.model_id!r} is retired already.")
    named = projects_naming(model.model_id, model_type=ModelType(model.model_type))
    users = [project for project in named if _counts_for(model, project.pk)]
    if model.is_active or users or _is_part_of_active(model):
        where = f" ({_told_to(by, users)})" if users else ""
        raise Conflict(f"The model {model.model_id!r} is in use{where}: deactivate it first.")
    if experiment := _live_experiment_with(model):
        where = "an experiment" if _is_hidden(experiment.project, by) else f"the experiment {experiment}"
        raise Conflict(f"The model {model.model_id!r} takes part in {where}: end that first.")
    model.retired_at = timezone.now()
    model.save(update_fields=["retired_at"])
    audit.record("model.retire", by=by, project=model.project, on=model, fields={"model_id": model.model_id})
    return model


@transaction.atomic
def follow_config(
    project: Project, model_id: str, *, by: audit.Actor, model_type: ModelType = ModelType.JUDGE
) -> ModelVersion:
    """The other door: the project's configuration names this model, so the registry shows it as the active one.

    Registers it on first use. Conflict when it was retired.
    """
    model = register_on_first_use(model_id, model_type=model_type, project=project)
    is_own = model.project_id == project.pk
    if model.retired_at is not None:
        key = KEYS[model_type]
        raise Conflict(f"The {model_type} {model_id!r} is retired: name another one in llm.{key}.")
    changed = _deactivate_others(model, project)
    if is_own and not model.is_active:
        _set_active(model, True)
        changed += 1
    if changed:
        audit.record("model.activate", by=by, project=project, on=model, fields={"model_id": model_id})
    return model


def _is_part_of_active(model: ModelVersion) -> bool:
    """Whether an active cascade asks it."""
    active = ModelVersion.objects.filter(is_active=True, model_type=model.model_type)
    rows = active.values_list("model_id", "project")
    return any(asks(named, model.model_id) and _counts_for(model, of) for named, of in rows)


def _live_experiment_with(model: ModelVersion) -> Experiment | None:
    if model.model_type != ModelType.JUDGE:
        return None
    live = Experiment.objects.exclude(status=ExperimentStatus.COMPLETED).select_related("project")
    both = ((experiment, (experiment.primary_model, experiment.canary_model)) for experiment in live)
    taking = (found for found, named in both if any(asks(one, model.model_id) for one in named))
    return next((found for found in taking if _counts_for(model, found.project_id)), None)


def _counts_for(model: ModelVersion, project_id: int | None) -> bool:
    """Whether it is the entry by which a project (None: all that have chosen none) knows the id."""
    if model.project_id is not None or project_id is None:
        return model.project_id == project_id
    own = ModelVersion.objects.filter(model_id=model.model_id, model_type=model.model_type, project=project_id)
    return not own.exists()


def _told_to(by: audit.Actor, users: list[Project]) -> str:
    """The projects by their slugs, but for those that this person must not know of."""
    seen = [project.slug for project in users if not _is_hidden(project, by)]
    hidden = ["another project"] if len(seen) < len(users) else []
    return " and ".join([*([f"project {', '.join(seen)}"] if seen else []), *hidden])


def _is_hidden(project: Project, by: audit.Actor) -> bool:
    return isinstance(by, User) and not visible_projects(by).filter(pk=project.pk).exists()


def follow_activation(project: Project, document: ProjectDocument, by: audit.Actor) -> None:
    """A new version of the configuration is active: what it names is active, and where it names none, none is.

    Conflict when it names a model that is retired.
    """
    lock_registry()
    for model_type in ModelType:
        named = named_in(document, model_type)
        if named:
            follow_config(project, named, by=by, model_type=model_type)
        else:
            _deactivate_own(project, model_type, by=by)


def _deactivate_own(project: Project, model_type: ModelType, *, by: audit.Actor) -> None:
    for model in ModelVersion.objects.filter(project=project, model_type=model_type, is_active=True):
        _set_active(model, False)
        audit.record("model.deactivate", by=by, project=project, on=model, fields={"model_id": model.model_id})


def lock_registry() -> list[ModelVersion]:
    """All entries, locked in one order: of two activations one goes first."""
    registry = ModelVersion.objects.select_for_update(of=("self",))
    return list(registry.select_related("project").order_by("pk"))


def _locked(model: ModelVersion) -> ModelVersion:
    return next(entry for entry in lock_registry() if entry.pk == model.pk)


def _locked_scope(model: ModelVersion, project: Project | None) -> Project | None:
    if model.project is None or project is None or project.pk == model.project_id:
        scope = model.project or project
        return scope and Project.objects.select_for_update().get(pk=scope.pk)
    raise Conflict(f"The model {model.model_id!r} belongs to the project {model.project.slug!r}.")


def require_runnable(model: ModelVersion) -> None:
    """Conflict says why nothing here could run it."""
    if model.retired_at is not None:
        raise Conflict(f"The model {model.model_id!r} is retired.")
    for _app, objection in objections.run(model):
        if objection:
            raise Conflict(objection)


def _deactivate_others(model: ModelVersion, scope: Project | None) -> int:
    rivals = ModelVersion.objects.filter(model_type=model.model_type, project=scope, is_active=True)
    return rivals.exclude(pk=model.pk).update(is_active=False)


def _set_active(model: ModelVersion, active: bool) -> None:
    model.is_active = active
    if active:
        model.deployed_at = timezone.now()
    model.save(update_fields=["is_active", "deployed_at"])
