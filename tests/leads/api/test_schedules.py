"""Schedules over the API: a reviewer sets, pauses, resumes and removes them, a viewer looks."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.models import RunSchedule
from leads.pipeline.runner import RunOptions
from leads.services.schedules import Times, create_schedule, pause
from signalops_site.core.models import AuditEntry, Project, Run
from signalops_site.core.runs import create_run

ALL = "/api/runs/schedules/"


@pytest.fixture
def hourly(project: Project) -> RunSchedule:
    return create_schedule(
        project, label="hourly", times=Times(60), options=RunOptions(limit=5), by="command:test"
    )


def one(schedule: RunSchedule, act: str = "") -> str:
    return f"{ALL}{schedule.pk}/{act}"


def test_a_schedule_is_made_and_listed(reviewer_api: APIClient, viewer_api: APIClient, project: Project) -> None:
    options = {"stages": ["score", "judge"], "limit": 20}
    body = {"project": "tidewater", "label": "weekdays", "cron": "0 7 * * 1-5", "options": options}
    made = reviewer_api.post(ALL, body, format="json")
    assert made.status_code == 201, made.content
    (listed,) = viewer_api.get(ALL, {"project": "tidewater"}).json()["results"]
    assert listed == made.json()
    assert (listed["label"], listed["every_minutes"], listed["cron"]) == ("weekdays", None, "0 7 * * 1-5")
    assert listed["options"] == {"stages": ["judge", "score"], "limit": 20}
    assert listed["next_run_at"].endswith("07:00:00Z")
    assert (listed["last_outcome"], listed["last_run"], listed["paused_at"]) == ("", None, None)


def test_the_list_tells_of_the_last_run_and_why_none_was_started(
    viewer_api: APIClient, project: Project, hourly: RunSchedule
) -> None:
    run = create_run(project, trigger="schedule", by="job:schedule")
    RunSchedule.objects.update(last_run=run, last_outcome="passed_over", last_problem="Run 1 is live.")
    (listed,) = viewer_api.get(ALL, {"project": "tidewater"}).json()["results"]
    assert listed["last_run"] == {"id": run.pk, "status": "queued"}
    assert (listed["last_outcome"], listed["last_problem"]) == ("passed_over", "Run 1 is live.")


def test_the_list_is_of_one_project_and_by_label(
    superuser_api: APIClient, project: Project, other_project: Project, hourly: RunSchedule
) -> None:
    create_schedule(other_project, label="theirs", times=Times(60), options=RunOptions(), by="command:test")
    create_schedule(project, label="daily", times=Times(1440), options=RunOptions(), by="command:test")
    listed = superuser_api.get(ALL, {"project": "tidewater"}).json()["results"]
    assert [schedule["label"] for schedule in listed] == ["daily", "hourly"]
    assert superuser_api.get(ALL).status_code == 400


def test_what_is_given_is_changed_and_one_kind_of_time_replaces_the_other(
    reviewer_api: APIClient, hourly: RunSchedule
) -> None:
    changed = reviewer_api.patch(one(hourly), {"cron": "*/15 * * * *"}, format="json").json()
    assert (changed["every_minutes"], changed["cron"], changed["options"]) == (None, "*/15 * * * *", {"limit": 5})
    changed = reviewer_api.patch(one(hourly), {"every_minutes": 15, "label": "often"}, format="json").json()
    assert (changed["every_minutes"], changed["cron"], changed["label"]) == (15, "", "often")
    changed = reviewer_api.patch(one(hourly), {"options": {}}, format="json").json()
    assert (changed["every_minutes"], changed["options"]) == (15, {})


def test_it_is_paused_resumed_and_removed(reviewer_api: APIClient, hourly: RunSchedule) -> None:
    paused = reviewer_api.post(one(hourly, "pause/")).json()
    assert (paused["paused_by"], paused["next_run_at"]) == ("remy", None)
    assert paused["paused_at"] is not None
    resumed = reviewer_api.post(one(hourly, "resume/")).json()
    assert (resumed["paused_by"], resumed["paused_at"]) == (None, None)
    assert resumed["next_run_at"] is not None
    assert reviewer_api.delete(one(hourly)).status_code == 204
    assert RunSchedule.objects.count() == 0
    assert reviewer_api.delete(one(hourly)).status_code == 404
    acts = AuditEntry.objects.filter(actor__username="remy").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["schedule.pause", "schedule.resume", "schedule.remove"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"label": "x"}, "either every how many minutes"),
        ({"label": "x", "every_minutes": 5, "cron": "* * * * *"}, "not both"),
        ({"label": "x", "every_minutes": 0}, "every_minutes"),
        ({"label": "x", "every_minutes": 10_081}, "every_minutes"),
        ({"label": "x", "cron": "61 * * * *"}, "Write five fields"),
        ({"every_minutes": 5}, "label"),
        ({"label": " ", "every_minutes": 5}, "label"),
        ({"label": "x", "every_minute": 5}, "every_minutes"),
        ({"label": "x", "every_minutes": 5, "options": {"refresh": "judge"}}, "refresh"),
        ({"label": "x", "every_minutes": 5, "options": {"stages": ["polish"]}}, "no stage 'polish'"),
        ({"label": "x", "every_minutes": 5, "options": {"limit": 0}}, "limit"),
    ],
)
def test_what_does_not_hold_is_refused_and_leaves_nothing(
    reviewer_api: APIClient, project: Project, body: dict[str, Any], told: str
) -> None:
    refused = reviewer_api.post(ALL, {"project": "tidewater", **body}, format="json")
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    assert told in refused.content.decode()
    assert RunSchedule.objects.count() == 0


def test_a_label_that_is_taken_is_a_conflict(reviewer_api: APIClient, hourly: RunSchedule) -> None:
    body = {"project": "tidewater", "label": "hourly", "every_minutes": 5}
    refused = reviewer_api.post(ALL, body, format="json")
    assert refused.status_code == 409
    assert "change that one" in refused.json()["detail"]


def test_a_viewer_looks_and_changes_nothing(viewer_api: APIClient, hourly: RunSchedule) -> None:
    pause(hourly, by="command:test")
    assert viewer_api.post(one(hourly, "resume/")).status_code == 403
    assert viewer_api.patch(one(hourly), {"every_minutes": 0}, format="json").status_code == 403
    assert RunSchedule.objects.get().paused_at is not None
    assert Run.objects.count() == 0
