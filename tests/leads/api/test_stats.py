"""Counts and the timeline."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from leads.models import Draft, Lead
from leads.selectors import stats_counts
from signalops_site.core.models import Project

from ...factories import DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db

KEYS = [
    *("collected", "normalized", "filtered", "judged", "relevant", "maybe", "irrelevant", "scored"),
    *("drafted", "pending", "approved", "edited", "rejected", "sent", "failed", "unknown"),
]


@pytest.fixture
def busy(project: Project, other_project: Project) -> Project:
    LeadFactory.create(project=project, stage="collected", label="", scored_at=None)
    LeadFactory.create(project=project, stage="filtered", label="", scored_at=None)
    LeadFactory.create(project=project, stage="judged", label="maybe", scored_at=None)
    LeadFactory.create(project=project, label="irrelevant")
    twice = DraftFactory.create(lead__project=project, status="rejected")
    DraftFactory.create(lead=twice.lead)
    for status in ("approved", "edited", "superseded"):
        DraftFactory.create(lead__project=project, status=status)
    DraftFactory.create(lead__project=other_project)
    return project


def test_the_counts_are_those_of_the_project(viewer_api: APIClient, busy: Project) -> None:
    counts = viewer_api.get("/api/stats/", {"project": "tidewater"}).json()

    assert list(counts) == KEYS
    assert counts == dict(zip(KEYS, [8, 6, 1, 6, 4, 1, 1, 5, 4, 1, 2, 1, 1, 0, 0, 0], strict=True))


def test_an_empty_project_counts_zero(viewer_api: APIClient, project: Project) -> None:
    assert set(viewer_api.get("/api/stats/", {"project": "tidewater"}).json().values()) == {0}


def test_the_counts_take_four_queries(busy: Project, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):
        stats_counts(busy)


def test_the_timeline_has_every_day_and_todays_counts(viewer_api: APIClient, project: Project) -> None:
    today = timezone.now().astimezone(UTC)
    three_days_ago = today - timedelta(days=3)
    lead = LeadFactory.create(project=project)
    Lead.objects.filter(pk=lead.pk).update(created_at=three_days_ago)
    LeadFactory.create(project=project, label="maybe")
    DraftFactory.create(lead=lead, status="edited", decided_at=today)
    DraftFactory.create(lead=lead, status="rejected", decided_at=three_days_ago)
    Draft.objects.filter(status="rejected").update(created_at=datetime(2020, 1, 1, tzinfo=UTC))

    days = viewer_api.get("/api/stats/timeline/", {"project": "tidewater", "days": "4"}).json()["results"]

    assert [day["date"] for day in days] == [(today - timedelta(days=n)).date().isoformat() for n in (3, 2, 1, 0)]
    empty = {"collected": 0, "relevant": 0, "drafted": 0, "approved": 0, "rejected": 0}
    assert days[0] == {"date": days[0]["date"], **empty, "collected": 1, "relevant": 1, "rejected": 1}
    assert days[1] == {"date": days[1]["date"], **empty}
    assert days[3] == {"date": days[3]["date"], **empty, "collected": 1, "drafted": 1, "approved": 1}


@pytest.mark.parametrize("path", ["stats/", "stats/timeline/"])
def test_a_project_must_be_named_and_visible(viewer_api: APIClient, other_project: Project, path: str) -> None:
    missing = viewer_api.get(f"/api/{path}")
    assert (missing.status_code, missing.json()["errors"][0]["path"]) == (400, "project")
    assert viewer_api.get(f"/api/{path}", {"project": "elsewhere"}).status_code == 404
    assert viewer_api.get(f"/api/{path}", {"project": "nowhere"}).status_code == 404


@pytest.mark.parametrize("days", ["0", "367", "many"])
def test_an_impossible_number_of_days_is_refused(viewer_api: APIClient, days: str) -> None:
    answer = viewer_api.get("/api/stats/timeline/", {"project": "tidewater", "days": days})

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "days")
