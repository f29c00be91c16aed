"""What outcomes add to the metrics: what came of replies, and what waits to be looked at for too long."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Sum
from prometheus_client.core import GaugeMetricFamily

from signalops_site.core.metrics import Rows, gauge
from signalops_site.core.models import Project

from ..models import OutcomeType
from .recording import standing
from .schedule import overdue_looks

LATE = timedelta(days=1)


def outcome_metrics() -> Iterator[GaugeMetricFamily]:
    slugs = dict(Project.objects.values_list("pk", "slug"))
    rows = standing().order_by().values_list("project_id", "type").annotate(number=Sum("count"))
    found: Rows = {(slug, kind): 0 for slug in slugs.values() for kind in OutcomeType.values}
    found |= {(slugs.get(project, ""), kind): number for project, kind, number in rows}
    yield gauge(
        "outcomes", "What came of replies that were sent, by project and type.", ["project", "type"], found
    )
    late: Rows = {(platform,): number for platform, number in overdue_looks(late=LATE).items()}
    told = "Sent replies that were to be looked at a day ago and more, by platform."
    yield gauge("outcome_looks_overdue", told, ["platform"], late)
