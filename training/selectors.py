"""Named reads of preference pairs and exports."""

from django.db.models import Q, QuerySet

from connectors.policies import all_policies
from leads.models import LeadStage
from signalops_site.core.models import Project

from .models import Export, Licence, PreferencePair
from .preferences import licence_of

Projects = Project | QuerySet[Project]


def pairs_of(projects: Projects) -> QuerySet[PreferencePair]:
    """What may be seen and learned from: without those that a person removed, or whose posts are gone."""
    pairs = PreferencePair.objects.filter(removed_at=None).exclude(draft__lead__stage=LeadStage.GONE)
    pairs = pairs.filter(project=projects) if isinstance(projects, Project) else pairs.filter(project__in=projects)
    return pairs.select_related("project", "draft")


def restricted() -> Q:
    """Pairs of posts on which models must not be trained, by their tag or by what is known of the platform."""
    forbidding = [name for name in all_policies() if licence_of(name) == Licence.FORBIDDEN]
    return Q(licence=Licence.FORBIDDEN) | Q(platform__in=forbidding)


def exports_of(projects: Projects) -> QuerySet[Export]:
    rows = Export.objects.select_related("project", "requested_by")
    return rows.filter(project=projects) if isinstance(projects, Project) else rows.filter(project__in=projects)
