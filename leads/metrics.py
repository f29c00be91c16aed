"""What leads add to the metrics: how many stand where, and how many drafts wait for a person."""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily

from signalops_site.core.metrics import Rows, gauge
from signalops_site.core.models import Project

from .models import Draft, DraftStatus, Lead


def lead_metrics() -> Iterator[GaugeMetricFamily]:
    slugs = dict(Project.objects.values_list("pk", "slug"))
    # One walk along the index (project, stage, id).
    stages = Lead.objects.order_by().values_list("project_id", "stage").annotate(number=Count("pk"))
    leads: Rows = {(slugs.get(project, ""), stage): number for project, stage, number in stages}
    yield gauge("leads", "Leads, by project and by the stage that they have come to.", ["project", "stage"], leads)
    pending = Draft.objects.filter(status=DraftStatus.PENDING).order_by().values_list("lead__project_id")
    drafts: Rows = {(slug,): 0 for slug in slugs.values()}
    drafts |= {(slugs.get(project, ""),): number for project, number in pending.annotate(number=Count("pk"))}
    yield gauge("drafts_pending", "Drafts that wait for a decision, by project.", ["project"], drafts)
