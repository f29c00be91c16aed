from typing import Any

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from signalops_site.core.models import AuditEntry, Project, Run, RunEvent, RunStatus
from signalops_site.core.runs import create_run, publish

WANTED: dict[str, Any] = {
    "project": "tidewater",
    "stages": ["judge"],
    "limit": 5,
    "refresh": "judge",
    "since": "2026-03-01",
}


@pytest.fixture
def run(project: Project) -> Run:
    return create_run(project, trigger="command", by="command:runpipeline")


def test_a_reviewer_queues_a_run_and_its_job(
    reviewer_api: APIClient,
    reviewer: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = reviewer_api.post("/api/runs/", WANTED, format="json")
    content = response.json()
    assert response.status_code == 201
    assert (content["status"], content["trigger"], content["config_number"]) == ("queued", "api", 1)
    assert content["options"] == {name: WANTED[name] for name in ("stages", "limit", "refresh", "since")}
    assert content["requested_by"] == reviewer.username
    job = OrmQ.objects.get().task
    assert (job["func"], job["kwargs"]) == ("leads.tasks.run_pipeline", {"run_id": content["id"]})
    assert AuditEntry.objects.filter(action="run.create").count() == 1


def test_a_stored_run_is_shown_as_it_was_asked_for(reviewer_api: APIClient, project: Project) -> None:
    number = reviewer_api.post("/api/runs/", WANTED, format="json").json()["id"]
    Run.objects.update(stages={"judge": {"done": 3, "failed": 1, "skipped": 0, "seconds": 1.5}, "score": {}})
    content = reviewer_api.get(f"/api/runs/{number}/").json()
    assert content["options"]["since"] == "2026-03-01"
    told: dict[str, object] = {"problems": [], "queries": {}, "reasons": {}, "figures": {}, "notes": []}
    nothing = {"done": 0, "failed": 0, "skipped": 0, "seconds": 0.0, **told}
    assert content["stages"]["judge"] == {**nothing, "done": 3, "failed": 1, "seconds": 1.5}
    assert content["stages"]["score"] == nothing


def test_without_options_all_of_the_pipeline_runs(reviewer_api: APIClient, project: Project) -> None:
    content = reviewer_api.post("/api/runs/", {"project": "tidewater"}, format="json").json()
    assert (content["options"], content["stages"]) == ({}, {})


def test_a_viewer_cannot_start_or_cancel(viewer_api: APIClient, run: Run) -> None:
    assert viewer_api.post("/api/runs/", {"project": "tidewater"}, format="json").status_code == 403
    assert viewer_api.post(f"/api/runs/{run.pk}/cancel/").status_code == 403
    assert viewer_api.get(f"/api/runs/{run.pk}/").status_code == 200
    assert Run.objects.get().status == RunStatus.QUEUED


def test_a_second_run_is_a_conflict(reviewer_api: APIClient, run: Run) -> None:
    response = reviewer_api.post("/api/runs/", {"project": "tidewater"}, format="json")
    assert response.status_code == 409
    assert response.json()["type"] == "urn:signalops:problem:run-is-live"
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"stages": ["JUDGE; DROP"]}, "stages.0"),
        ({"stages": []}, "stages"),
        ({"limit": 0}, "limit"),
        ({"refresh": "collect"}, "refresh"),
        ({"refresh": None}, "refresh"),
        ({"since": "yesterday"}, "since"),
        ({"project": None}, "project"),
    ],
)
def test_a_wrong_option_is_named(
    reviewer_api: APIClient, project: Project, changes: dict[str, Any], path: str
) -> None:
    response = reviewer_api.post("/api/runs/", WANTED | changes, format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == path


@pytest.mark.parametrize(("alone", "missing"), [("since", "refresh"), ("refresh", "since")])
def test_refresh_and_since_go_together(
    reviewer_api: APIClient, project: Project, alone: str, missing: str
) -> None:
    response = reviewer_api.post("/api/runs/", {"project": "tidewater", alone: WANTED[alone]}, format="json")
    assert response.json()["errors"][0]["path"] == missing


def test_the_list_needs_a_project(viewer_api: APIClient, run: Run) -> None:
    response = viewer_api.get("/api/runs/")
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "project"
    listed = viewer_api.get("/api/runs/?project=tidewater").json()["results"]
    assert [row["id"] for row in listed] == [run.pk]


def test_a_cancelled_queued_run_ends_at_once_and_only_once(reviewer_api: APIClient, run: Run) -> None:
    assert reviewer_api.post(f"/api/runs/{run.pk}/cancel/").json()["status"] == "cancelled"
    assert reviewer_api.post(f"/api/runs/{run.pk}/cancel/").status_code == 409


def test_events_come_in_order_after_a_number(viewer_api: APIClient, project: Project, run: Run) -> None:
    for done in range(1, 5):
        publish(project, "pipeline_progress", run=run, stage="judge", done=done, total=4, detail={"n": done})
    publish(project, "queue_update", detail={"draft": 1})
    first = viewer_api.get(f"/api/runs/{run.pk}/events/?after=1&page_size=3").json()
    assert [event["seq"] for event in first["results"]] == [2, 3, 4]
    assert first["results"][0] | {"at": ""} == {
        "type": "pipeline_progress",
        "seq": 2,
        "run": run.pk,
        "stage": "judge",
        "done": 1,
        "total": 4,
        "progress": 0.25,
        "detail": {"n": 1},
        "at": "",
    }
    second = viewer_api.get(first["next"]).json()
    assert [event["seq"] for event in second["results"]] == [5]
    assert viewer_api.get(f"/api/runs/{run.pk}/events/").json()["results"][0]["progress"] is None


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "1.5", "²"])
def test_a_wrong_number_is_refused(viewer_api: APIClient, run: Run, after: str) -> None:
    assert viewer_api.get(f"/api/runs/{run.pk}/events/", {"after": after}).status_code == 400


def test_a_foreign_run_is_not_found(outsider_api: APIClient, run: Run) -> None:
    assert outsider_api.get("/api/runs/?project=tidewater").status_code == 404
    assert outsider_api.get(f"/api/runs/{run.pk}/").status_code == 404
    assert outsider_api.get(f"/api/runs/{run.pk}/events/").status_code == 404
    assert outsider_api.post(f"/api/runs/{run.pk}/cancel/").status_code == 404
    assert outsider_api.post("/api/runs/", {"project": "tidewater"}, format="json").status_code == 404
    assert RunEvent.objects.count() == 1


def test_a_number_that_no_database_holds_is_not_found(viewer_api: APIClient) -> None:
    assert viewer_api.get(f"/api/runs/{10**30}/").status_code == 404
