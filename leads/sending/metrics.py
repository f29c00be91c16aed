"""What sending adds to the metrics: deliveries by where they stand, and which projects are paused."""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily

from signalops_site.core.metrics import Rows, gauge
from signalops_site.core.models import Project
from signalops_site.core.pauses import active_pauses

from ..models import Delivery, DeliveryStatus


def sending_metrics() -> Iterator[GaugeMetricFamily]:
    slugs = dict(Project.objects.values_list("pk", "slug"))
    rows = Delivery.objects.order_by().values_list("project_id", "status").annotate(number=Count("pk"))
    found: Rows = {(slug, status.value): 0 for slug in slugs.values() for status in DeliveryStatus}
    found |= {(slugs.get(project, ""), status): number for project, status, number in rows}
    yield gauge("deliveries", "Replies on their way or sent, by project and status.", ["project", "status"], found)
    held = set(active_pauses().values_list("project_id", flat=True))
    paused: Rows = {(slug,): int(pk in held or None in held) for pk, slug in slugs.items()}
    yield gauge("sending_paused", "Whether sending is paused, by project.", ["project"], paused)
