"""Metrics: who may read them, what they say, and that reading them stays cheap."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings as SettingsWrapper
from rest_framework.test import APIClient

from leads.models import LeadStage
from signalops_site.core import metrics
from signalops_site.core.models import Project, Run, RunStatus
from signalops_site.core.runs import create_run
from tests.factories import DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db
PAGE = Path(django_settings.BASE_DIR) / "docs" / "observability.md"
ADDRESSES = ("/metrics", "/api/metrics/")


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    metrics.database_metrics.forget()
    yield
    metrics.database_metrics.forget()


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float | None:
    found = samples(metrics.as_text().decode())
    return found.get((f"signalops_{name}", tuple(sorted(labels.items()))))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_is_asked_to_sign_in(anonymous_api: APIClient, address: str) -> None:
    response = anonymous_api.get(address)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_members_of_projects_are_told_that_there_is_nothing(operator_api: APIClient, address: str) -> None:
    response = operator_api.get(address)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_superuser_reads_them(superuser_api: APIClient, address: str) -> None:
    response = superuser_api.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert ("signalops_database_up", ()) in samples(response.content.decode())


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("sent", "status"),
    [("Bearer opensesame", 200), ("bearer opensesame", 200), ("Bearer opensesam", 401), ("Basic opensesame", 401)],
)
def test_a_monitoring_system_reads_them_with_the_token(
    anonymous_api: APIClient, settings: SettingsWrapper, address: str, sent: str, status: int
) -> None:
    settings.METRICS_TOKEN = "opensesame"
    accept = "application/openmetrics-text;version=1.0.0"
    assert anonymous_api.get(address, headers={"Authorization": sent, "Accept": accept}).status_code == status


@pytest.mark.parametrize("sent", ["Bearer ", "Bearer", "Bearer x"])
def test_without_a_token_configured_none_opens_them(
    anonymous_api: APIClient, settings: SettingsWrapper, sent: str
) -> None:
    settings.METRICS_TOKEN = ""
    assert anonymous_api.get("/metrics", headers={"Authorization": sent}).status_code == 401


def test_the_token_opens_nothing_else(anonymous_api: APIClient, settings: SettingsWrapper) -> None:
    settings.METRICS_TOKEN = "opensesame"
    assert anonymous_api.get("/api/leads/", headers={"Authorization": "Bearer opensesame"}).status_code == 401


def test_leads_are_counted_by_project_and_stage(project: Project) -> None:
    LeadFactory.create_batch(2, project=project, stage=LeadStage.SCORED)
    LeadFactory.create(project=project, stage=LeadStage.COLLECTED)
    assert value("leads", project="tidewater", stage="scored") == 2
    assert value("leads", project="tidewater", stage="collected") == 1


def test_drafts_that_wait_are_counted(project: Project, other_project: Project) -> None:
    DraftFactory.create(lead__project=project)
    DraftFactory.create(lead__project=project, status="rejected")
    assert value("drafts_pending", project="tidewater") == 1
    assert value("drafts_pending", project="elsewhere") == 0


def test_runs_are_counted_and_a_silent_one_shows(project: Project) -> None:
    run = create_run(project, trigger="command", by="command:test")
    silent = timezone.now() - timedelta(seconds=40)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, heartbeat_at=silent)
    assert value("runs", status="running") == 1
    assert value("runs", status="failed") == 0
    age = value("run_heartbeat_age_seconds", project="tidewater", kind="pipeline")
    assert age == pytest.approx(200, abs=160)


def test_jobs_that_wait_are_counted_and_those_that_a_worker_has_are_not() -> None:
    now = timezone.now()
    OrmQ.objects.create(key="runs", payload="", lock=now - timedelta(seconds=90))
    OrmQ.objects.create(key="runs", payload="", lock=now - timedelta(seconds=30))
    OrmQ.objects.create(key="runs", payload="", lock=now + timedelta(seconds=600))
    assert value("jobs_waiting", cluster="runs") == 2
    assert value("jobs_oldest_wait_seconds", cluster="runs") == pytest.approx(250, abs=160)
    assert value("jobs_waiting", cluster="short") == 0
    assert value("jobs_oldest_wait_seconds", cluster="short") == 0


def test_requests_are_timed_by_the_name_of_their_route(operator_api: APIClient, project: Project) -> None:
    labels = {"route": "lead-detail", "method": "GET", "status": "4xx"}
    before = value("http_request_duration_seconds_count", **labels) or 0
    operator_api.get("/api/leads/987654321/")
    operator_api.get("/api/leads/987654322/")
    assert value("http_request_duration_seconds_count", **labels) == before + 2
    assert "98765432" not in metrics.as_text().decode()


def test_an_address_without_a_route_and_a_made_up_method_add_no_label(anonymous_api: APIClient) -> None:
    anonymous_api.get("/api/nowhere-at-all/")
    anonymous_api.generic("BREW", "/api/leads/")
    text = metrics.as_text().decode()
    assert "nowhere-at-all" not in text
    assert "BREW" not in text
    assert value("http_request_duration_seconds_count", route="none", method="GET", status="4xx")


def test_reading_takes_the_same_few_queries_however_much_there_is(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(16):
        metrics.as_text()
    LeadFactory.create_batch(5, project=project)
    DraftFactory.create_batch(2, lead__project=project)
    metrics.database_metrics.forget()
    with django_assert_num_queries(16):
        metrics.as_text()


def test_whole_tables_are_not_counted_again_for_some_seconds(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics.as_text()
    LeadFactory.create(project=project, stage=LeadStage.SCORED)
    with django_assert_num_queries(4):
        assert value("leads", project="tidewater", stage="scored") is None
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 0.0)
    metrics.database_metrics.forget()
    assert value("leads", project="tidewater", stage="scored") == 1


def test_without_its_database_a_process_still_tells_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[object]:
        raise DatabaseError("gone")

    for name in list(metrics.database_metrics._sources):
        monkeypatch.setitem(metrics.database_metrics._sources, name, fail)
    assert value("database_up") == 0
    assert value("leads") is None
    assert "process_cpu_seconds_total" in metrics.as_text().decode()


def test_every_metric_is_documented_and_every_documented_metric_exists(project: Project) -> None:
    LeadFactory.create(project=project)
    metrics.observe_request("documented", method="GET", status=200, seconds=0.1)
    families = {family.name for family in text_string_to_metric_families(metrics.as_text().decode())}
    ours = {name for name in families if name.startswith("signalops_")} - {
        "signalops_http_request_duration_seconds_created"
    }
    documented = set(re.findall(r"`(signalops_[a-z_]+)`", PAGE.read_text(encoding="utf-8")))
    assert documented == ours
