"""Named reads of experiments."""

from signalops_site.core.models import Project

from .models import Experiment, ExperimentStatus


def active_experiment(project: Project) -> Experiment | None:
    """The one that the project's judging takes part in now; None also when it is paused."""
    return Experiment.objects.filter(project=project, status=ExperimentStatus.ACTIVE).first()
