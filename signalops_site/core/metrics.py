"""Metrics for Prometheus. What each means, and which are of this process only: docs/observability.md.

Counts of requests and sockets belong to the process that counted them. Everything else is read from the database
when somebody asks, so any process answers the same. An upper floor adds what it knows (`AppConfig.ready`):

    database_metrics.register("leads", lead_metrics)
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .budgets import spent
from .jobs import BELIEVED_FOR, Cluster, last_beat
from .llm.spending import scope_of
from .models import BudgetUnit, Project, Run, RunStatus, WorkerCluster

log = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "signalops_"
KEPT_SECONDS = 15.0
"""How old counts over whole tables may be."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()
ProcessCollector(registry=registry)

_request_seconds = Histogram(
    f"{PREFIX}http_request_duration_seconds",
    "Time to answer a request, by the name of its route.",
    ["route", "method", "status"],
    buckets=_BUCKETS,
    registry=registry,
)
open_sockets = Gauge(f"{PREFIX}websockets_open", "WebSockets that this process serves now.", registry=registry)

Metrics = Callable[[], Iterable[GaugeMetricFamily]]
Rows = dict[tuple[str, ...], float]
"""The values of a gauge by those of its labels."""


def observe_request(route: str, *, method: str, status: int, seconds: float) -> None:
    """Statuses are counted by class (`2xx`), so that their number stays small."""
    _request_seconds.labels(route, method, f"{status // 100}xx").observe(seconds)


def gauge(name: str, description: str, labels: Iterable[str], rows: Rows) -> GaugeMetricFamily:
    """A gauge with a value for each combination of labels."""
    family = GaugeMetricFamily(f"{PREFIX}{name}", description, labels=list(labels))
    for values, number in rows.items():
        family.add_metric(list(values), number)
    return family


class Kept:
    """Metrics that are computed at most every KEPT_SECONDS, however many ask at once."""

    def __init__(self, compute: Metrics) -> None:
        self.compute = compute
        self._lock = threading.Lock()
        self._families: list[GaugeMetricFamily] = []
        self._until = 0.0

    def __call__(self) -> list[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._families = list(self.compute())
                self._until = time.monotonic() + KEPT_SECONDS
            return self._families

    def forget(self) -> None:
        self._until = 0.0


class DatabaseMetrics(Collector):
    """What the database tells, a named source after the other. One that cannot be read leaves its metrics out."""

    def __init__(self) -> None:
        self._sources: dict[str, Metrics] = {}

    def register(self, name: str, source: Metrics) -> None:
        self._sources[name] = source

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        reached = True
        for name in sorted(self._sources):
            try:
                yield from list(self._sources[name]())
            except DatabaseError:
                log.warning("the metrics of %s could not be read", name, exc_info=True)
                reached = False
        yield gauge("database_up", "1 when the metrics of the database could be read.", [], {(): float(reached)})

    def forget(self) -> None:
        """Compute everything anew at the next request."""
        for source in self._sources.values():
            if isinstance(source, Kept):
                source.forget()


database_metrics = DatabaseMetrics()
registry.register(database_metrics)


def as_text() -> bytes:
    """Everything, in Prometheus' text format."""
    return generate_latest(registry)


def run_counts() -> Iterator[GaugeMetricFamily]:
    counted = Run.objects.order_by().values_list("status").annotate(number=Count("pk"))
    counts: Rows = {(status,): 0 for status in RunStatus.values}
    counts |= {(status,): number for status, number in counted}
    yield gauge("runs", "Runs in the database, by status.", ["status"], counts)


def run_heartbeats() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    live = Run.objects.filter(status=RunStatus.RUNNING, heartbeat_at__isnull=False)
    ages: Rows = {
        (slug, kind): (now - heartbeat).total_seconds()
        for slug, kind, heartbeat in live.order_by().values_list("project__slug", "kind", "heartbeat_at")
        if heartbeat
    }
    description = "Seconds since each running run last gave a sign of life; its lease is lost after 15."
    yield gauge("run_heartbeat_age_seconds", description, ["project", "kind"], ages)


def job_queues() -> Iterator[GaugeMetricFamily]:
    """A job that waits is unlocked since it was queued; one that a worker has is locked into the future."""
    now = timezone.now()
    depth: Rows = {(name.value,): 0 for name in Cluster}
    age: Rows = dict(depth)
    waiting = OrmQ.objects.filter(lock__lte=now).order_by().values_list("key")
    for name, number, oldest in waiting.annotate(number=Count("pk"), oldest=Min("lock")):
        depth[name,] = number
        age[name,] = (now - oldest).total_seconds()
    yield gauge("jobs_waiting", "Jobs that wait for a worker, by cluster.", ["cluster"], depth)
    yield gauge("jobs_oldest_wait_seconds", "How long the oldest of them has waited.", ["cluster"], age)


def workers() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    seen = WorkerCluster.objects.filter(seen_at__gte=now - BELIEVED_FOR).order_by().values_list("name")
    up: Rows = {(name.value,): 0 for name in Cluster}
    up |= {(name,): number for name, number in seen.annotate(number=Count("pk"))}
    yield gauge(
        "worker_clusters_up", "Workers that have lately given a sign of life, by cluster.", ["cluster"], up
    )
    last = last_beat()
    age: Rows = {(): (now - last).total_seconds()} if last else {}
    yield gauge(
        "beat_age_seconds", "Seconds since the beat last did something; absent when it never has.", [], age
    )


def model_spending() -> Iterator[GaugeMetricFamily]:
    """From the budgets' months, of which there are few, and not from the ledger."""
    slugs = {scope_of(project): project.slug for project in Project.objects.only("slug")}
    rows: Rows = {
        (slugs[scope],): float(amounts.get(BudgetUnit.USD, 0)) for scope, amounts in spent(slugs).items()
    }
    description = "What each project's models have cost in this month (UTC), in US dollars."
    yield gauge("models_spent_usd", description, ["project"], rows)


database_metrics.register("jobs", job_queues)
database_metrics.register("models", Kept(model_spending))
database_metrics.register("runs", Kept(run_counts))
database_metrics.register("runs-live", run_heartbeats)
database_metrics.register("workers", workers)
