"""Starting a run again that did not go well."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from leads.models import Lead, LeadStage
from signalops_site.core.models import AuditEntry, Project, Run, RunStatus
from signalops_site.core.runs import create_run, finish_run
from tests.factories import LeadFactory

OPTIONS = {"stages": ["judge", "score"], "limit": 5}


@pytest.fixture
def failed(project: Project) -> Run:
    return ended(project, RunStatus.FAILED)


def ended(project: Project, status: RunStatus) -> Run:
    run = create_run(project, trigger="command", by="command:test", options=OPTIONS)
    finish_run(run, status)
    return run


def failing_lead(project: Project, *, stage: str = "judge", attempts: int = 2) -> Lead:
    return LeadFactory.create(
        project=project,
        stage=LeadStage.NORMALIZED,
        error="the model did not answer",
        error_stage=stage,
        attempts=attempts,
        retry_at=timezone.now() + timedelta(hours=1),
    )


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.CANCELLED])
def test_a_new_run_asks_for_the_same(
    reviewer_api: APIClient, reviewer: User, project: Project, status: RunStatus
) -> None:
    run = ended(project, status)
    response = reviewer_api.post(f"/api/runs/{run.pk}/retry/")
    content = response.json()
    assert response.status_code == 201
    assert content["id"] != run.pk
    assert (content["status"], content["trigger"], content["options"]) == ("queued", "api", OPTIONS)
    assert content["requested_by"] == reviewer.username
    assert [job.task["kwargs"] for job in OrmQ.objects.filter(key="runs")] == [{"run_id": content["id"]}]
    entry = AuditEntry.objects.get(action="run.retry")
    assert (entry.actor, entry.target_id, entry.fields) == (
        reviewer,
        str(run.pk),
        {"run": content["id"], "leads": 0},
    )


def test_what_failed_is_tried_at_once_and_what_was_given_up_again(
    reviewer_api: APIClient, project: Project, other_project: Project, failed: Run
) -> None:
    waiting, given_up = failing_lead(project), failing_lead(project, attempts=5)
    elsewhere, unasked = failing_lead(other_project), failing_lead(project, stage="draft")
    reviewer_api.post(f"/api/runs/{failed.pk}/retry/")
    for lead in (waiting, given_up):
        lead.refresh_from_db()
        assert (lead.attempts, lead.retry_at, lead.error) == (0, None, "")
    for lead in (elsewhere, unasked):
        lead.refresh_from_db()
        assert lead.attempts == 2
    assert AuditEntry.objects.get(action="run.retry").fields["leads"] == 2


def test_a_run_that_went_well_is_not_repeated(reviewer_api: APIClient, project: Project) -> None:
    run = ended(project, RunStatus.SUCCEEDED)
    response = reviewer_api.post(f"/api/runs/{run.pk}/retry/")
    assert response.status_code == 409
    assert "has succeeded" in response.json()["detail"]


def test_a_live_run_is_not_repeated(reviewer_api: APIClient, project: Project) -> None:
    run = create_run(project, trigger="command", by="command:test")
    response = reviewer_api.post(f"/api/runs/{run.pk}/retry/")
    assert response.status_code == 409
    assert Run.objects.count() == 1


def test_while_another_is_live_nothing_is_touched(reviewer_api: APIClient, project: Project, failed: Run) -> None:
    create_run(project, trigger="command", by="command:test")
    lead = failing_lead(project)
    response = reviewer_api.post(f"/api/runs/{failed.pk}/retry/")
    assert response.status_code == 409
    assert response.json()["type"] == "urn:signalops:problem:run-is-live"
    lead.refresh_from_db()
    assert lead.attempts == 2


def test_it_takes_a_reviewer_of_the_project(viewer_api: APIClient, outsider_api: APIClient, failed: Run) -> None:
    assert viewer_api.post(f"/api/runs/{failed.pk}/retry/").status_code == 403
    assert outsider_api.post(f"/api/runs/{failed.pk}/retry/").status_code == 404
    assert Run.objects.count() == 1
