"""Named reads of experiments."""

from django.db.models import F, QuerySet

from signalops_site.core.models import Project
from signalops_site.core.permissions import Person, visible_projects

from .models import Experiment, ExperimentStatus, ModelType, ModelVersion


def active_experiment(project: Project) -> Experiment | None:
    """The one that the project's judging takes part in now.

    None also when it is paused, or `experiments.enabled` is not set in the project's active configuration.
    """
    active = Experiment.objects.filter(project=project, status=ExperimentStatus.ACTIVE)
    return active.filter(project__active_config__document__experiments__enabled=True).first()


def experiments_seen_by(user: Person) -> QuerySet[Experiment]:
    return Experiment.objects.filter(project__in=visible_projects(user)).select_related("project__active_config")


def models_for(project: Project) -> QuerySet[ModelVersion]:
    """The registry as a project sees it: its own models and those for all projects."""
    own = ModelVersion.objects.filter(project=project) | ModelVersion.objects.filter(project=None)
    return own.select_related("project")


def entry_of(model_id: str, *, model_type: ModelType, project: Project | None) -> ModelVersion | None:
    """The registry's entry that counts for a project (None: for all): its own, else the one for all projects."""
    seen = ModelVersion.objects.filter(project=None) if project is None else models_for(project)
    entries = seen.filter(model_id=model_id, model_type=model_type)
    return entries.order_by(F("project").asc(nulls_last=True)).first()
