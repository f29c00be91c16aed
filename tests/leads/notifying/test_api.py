from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.models import Notification
from signalops_site.core.models import AuditEntry, Project
from tests.connectors.standin import StandIn, reply

from .conftest import DISCORD_SECRET, SIGNING_SECRET, SLACK_SECRET, only, project_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet(configured: dict[str, Any], project: Project) -> Project:
    """The project of the cast, with Slack, and not enabled yet."""
    made = project_with(only(configured, "slack_webhook", enabled=False, digest="hourly"), slug="other")
    project.active_config = made.active_config
    project.save()
    return project


def test_the_state_says_how_each_target_does_and_no_secret(
    quiet: Project, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = operator_api.get("/api/notifications/state/?project=tidewater").json()
    assert (state["enabled"], state["digest"], state["next_digest_at"]) == (False, "hourly", None)
    assert [target["configured"] for target in state["targets"]] == [True, False, False]
    assert state["targets"][0]["problem"] == ""
    monkeypatch.delenv("N_SLACK")
    (slack, *_) = operator_api.get("/api/notifications/state/?project=tidewater").json()["targets"]
    assert slack["problem"] == "${N_SLACK} is not set in the environment."


def test_a_test_says_whether_it_arrived(quiet: Project, operator_api: APIClient, stand_in: StandIn) -> None:
    asked = {"project": "tidewater", "target": "slack"}
    assert operator_api.post("/api/notifications/test/", asked, format="json").json()["status"] == "sent"
    stand_in.routes["/slack/"] = lambda _asked: reply({}, 403)
    answer = operator_api.post("/api/notifications/test/", asked, format="json")
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (
        201,
        "failed",
        "Slack answered 403.",
    )
    refused = operator_api.post("/api/notifications/test/", {**asked, "target": "discord"}, format="json")
    assert (refused.status_code, "names: slack" in refused.json()["detail"]) == (400, True)
    assert AuditEntry.objects.filter(action="notification.test").count() == 2


def test_what_failed_is_found_in_the_log_and_replayed(
    quiet: Project, operator_api: APIClient, operator: object
) -> None:
    rows = [Notification.objects.create(project=quiet, target="slack", kind="alert") for _ in range(3)]
    Notification.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(status="failed", error="No.")
    log = operator_api.get("/api/notifications/?project=tidewater&status=failed").json()["results"]
    assert [row["id"] for row in log] == [rows[1].pk, rows[0].pk]
    assert log[0]["leads"] == 0
    assert operator_api.post(f"/api/notifications/{rows[0].pk}/replay/").json()["status"] == "waiting"
    assert operator_api.post(f"/api/notifications/{rows[2].pk}/replay/").status_code == 409
    assert operator_api.post("/api/notifications/replay/", {"project": "tidewater"}, format="json").json() == {
        "replayed": 1
    }
    assert operator_api.get("/api/notifications/?project=tidewater&status=failed").json()["results"] == []


def test_no_answer_holds_a_secret(quiet: Project, operator_api: APIClient) -> None:
    operator_api.post("/api/notifications/test/", {"project": "tidewater", "target": "slack"}, format="json")
    pages = ("notifications", "notifications/state", "audit")
    told = "".join(operator_api.get(f"/api/{page}/?project=tidewater").content.decode() for page in pages)
    assert "slack" in told
    for secret in (SLACK_SECRET, DISCORD_SECRET, SIGNING_SECRET):
        assert secret not in told
