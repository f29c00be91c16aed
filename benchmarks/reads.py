"""Server time of the pages that people look at, with all the leads of one size in the database.

Requests go through the whole stack (authentication, filters, serializers, JSON) inside this process; each is asked
once to warm up and then several times, of which the median counts. Queries are counted on a request of its own.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from rest_framework.test import APIClient

from leads.models import Draft, Lead
from leads.views import LeadViewSet, QueueViewSet
from signalops_site.core.models import Membership, Project, Role
from signalops_site.core.pagination import Cursor, Ordering, _salt, _write_cursor

TIMES = 5
RARE, COMMON, MISSING = '"thank you for reading"', "the", "zzzzzz"


@dataclass(frozen=True, slots=True)
class ReadResult:
    page: str
    milliseconds: float
    queries: int
    rows: int


def measure_reads(project: Project) -> list[ReadResult]:
    client = _client(project)
    scope = f"project={project.slug}"
    leads, queue = f"/api/leads/?{scope}", f"/api/queue/?{scope}"
    middle, last = _leads_at(project, 0.5), _leads_at(project, 0.999)
    pages = {
        "leads by score": leads,
        "leads by score, in the middle": f"{leads}&cursor={_cursor(middle, 'score')}",
        "leads by score, at the end": f"{leads}&cursor={_cursor(last, 'score')}",
        "leads by age": f"{leads}&ordering=created",
        "leads by age, in the middle": f"{leads}&ordering=created&cursor={_cursor(middle, 'created')}",
        "leads, 200 a page": f"{leads}&page_size=200",
        "leads of all projects": "/api/leads/",
        "leads, one label": f"{leads}&label=maybe",
        "leads, one stage": f"{leads}&stage=scored",
        "leads, one platform": f"{leads}&platform=file",
        "leads, one query": f"{leads}&query=bench",
        "leads, one language": f"{leads}&language=de",
        "leads, one author": f"{leads}&author=person7",
        "leads, a range of scores": f"{leads}&min_score=20&max_score=30",
        "search, a rare phrase": f"{leads}&q={RARE}",
        "search, a common word": f"{leads}&q={COMMON}",
        "search, a common word by age": f"{leads}&ordering=created&q={COMMON}",
        "search, several words": f"{leads}&q=business website -hiring",
        "search, nothing there": f"{leads}&q={MISSING}",
        "search in all projects": f"/api/leads/?q={RARE}",
        "one lead": f"/api/leads/{middle.pk}/",
        "queue": queue,
        "queue, decided ones too": f"{queue}&status=all",
        "queue, in the middle": f"{queue}&cursor={_queue_cursor(project)}",
        "stats": f"/api/stats/?{scope}",
        "stats, timeline": f"/api/stats/timeline/?{scope}",
        "runs": f"/api/runs/?{scope}",
    }
    return [_measure(client, name, url) for name, url in pages.items()]


def _client(project: Project) -> APIClient:
    user = User.objects.create_user("bench")
    Membership.objects.create(user=user, project=project, role=Role.REVIEWER)
    client = APIClient(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


def _measure(client: APIClient, name: str, url: str) -> ReadResult:
    counted = _Counter()
    with connection.execute_wrapper(counted):
        answer = client.get(url)
    if answer.status_code != 200:
        raise SystemExit(f"{url} answers {answer.status_code}: {answer.content[:500]!r}")
    content = answer.json()
    rows = len(content["results"]) if isinstance(content, dict) and "results" in content else 1
    times = [_seconds(lambda: client.get(url)) for _ in range(TIMES)]
    return ReadResult(name, 1000 * statistics.median(times), counted.queries, rows)


class _Counter:
    """How many statements pass; Django's own record of them is emptied when a request starts."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _leads_at(project: Project, share: float) -> Lead:
    leads = Lead.objects.filter(project=project).order_by("-score", "-pk")
    return leads[int(share * leads.count())]


def _cursor(lead: Lead, name: str) -> str:
    return _written(Lead.objects.all(), LeadViewSet.keyset_orderings, name, lead)


def _queue_cursor(project: Project) -> str:
    drafts = Draft.objects.filter(lead__project=project, status="pending").order_by("-lead__score", "-pk")
    return _written(Draft.objects.all(), QueueViewSet.keyset_orderings, "score", drafts[drafts.count() // 2])


def _written(
    rows: "QuerySet[Lead] | QuerySet[Draft]", orderings: Mapping[str, Sequence[str]], name: str, row: object
) -> str:
    ordering = Ordering.of(name, orderings[name])
    return _write_cursor(Cursor(ordering.position(row)), _salt(rows, ordering))
