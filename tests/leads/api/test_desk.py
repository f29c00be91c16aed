"""Putting off, assigning, holding, many at once and taking back, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from leads.models import Draft, Hold, Lead
from signalops_site.core.models import Project

from ...factories import DraftFactory, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db

IN_PROJECT = {"project": "tidewater"}


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project)


def tomorrow() -> str:
    return (timezone.now() + timedelta(days=1)).isoformat()


def post(client: APIClient, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
    answer = client.post(f"/api/{path}/", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def listed(client: APIClient, path: str, **query: str) -> set[int]:
    return {row["id"] for row in client.get(f"/api/{path}/", {**IN_PROJECT, **query}).json()["results"]}


def test_a_draft_is_put_off_and_assigned_and_lists_say_so(
    draft: Draft, project: Project, reviewer_api: APIClient, operator: User
) -> None:
    other = DraftFactory.create(lead__project=project)
    until = tomorrow()

    item = post(reviewer_api, f"queue/{draft.pk}/snooze", {"until": until, "seconds_spent": 3})
    assert item["snoozed_until"] is not None
    assert post(reviewer_api, f"leads/{draft.lead_id}/assign", {"to": "otto"})["assignee"] == "otto"

    assert listed(reviewer_api, "queue") == listed(reviewer_api, "queue", snoozed="false") == {other.pk}
    assert listed(reviewer_api, "queue", snoozed="true") == {draft.pk}
    assert listed(reviewer_api, "queue", snoozed="all", status="all") == {draft.pk, other.pk}
    assert listed(reviewer_api, "leads") == {other.lead_id}
    assert listed(reviewer_api, "leads", snoozed="true", assignee="otto") == {draft.lead_id}
    assert listed(reviewer_api, "leads", snoozed="all") == {draft.lead_id, other.lead_id}
    assert post(reviewer_api, f"leads/{draft.lead_id}/snooze", {"until": None})["snoozed_until"] is None
    assert listed(reviewer_api, "queue", assignee="otto") == {draft.pk}
    assert listed(reviewer_api, "queue", assignee="none") == {other.pk}
    assert listed(reviewer_api, "leads", assignee="none") == {other.lead_id}
    post(reviewer_api, f"queue/{other.pk}/assign", {"to": "remy"})
    assert listed(reviewer_api, "queue", assignee="me") == listed(reviewer_api, "queue", assignee="remy")
    assert listed(reviewer_api, "leads", assignee="me") == {other.lead_id}
    assert listed(reviewer_api, "leads", assignee="nobody-called-so") == set()
    assert reviewer_api.get("/api/queue/", {"snoozed": "perhaps"}).status_code == 400
    history = reviewer_api.get(f"/api/leads/{draft.lead_id}/").json()["history"]
    assert [(act["kind"], act["seconds_spent"]) for act in history] == [
        ("wake", None),
        ("assign", None),
        ("snooze", 3),
    ]


def test_a_time_that_is_over_is_not_shown(draft: Draft, viewer_api: APIClient) -> None:
    over = timezone.now() - timedelta(minutes=1)
    Lead.objects.update(snoozed_until=over)
    Hold.objects.create(draft=draft, user=UserFactory.create(), since=over, until=over)

    item = viewer_api.get(f"/api/queue/{draft.pk}/").json()

    assert (item["snoozed_until"], item["hold"]) == (None, None)
    assert viewer_api.get("/api/leads/").json()["results"][0]["snoozed_until"] is None


def test_the_second_is_told_who_is_on_it_and_decides_all_the_same(
    draft: Draft, reviewer_api: APIClient, operator_api: APIClient
) -> None:
    mine = post(reviewer_api, f"queue/{draft.pk}/hold")
    assert set(mine) == {"user", "since", "until"}
    assert post(operator_api, f"queue/{draft.pk}/hold") == mine
    (item,) = operator_api.get("/api/queue/").json()["results"]
    assert item["hold"] == mine

    assert post(operator_api, f"queue/{draft.pk}/approve")["hold"] is None
    refused = post(reviewer_api, f"queue/{draft.pk}/hold", status=409)
    assert "otto approved it" in refused["detail"]
    assert reviewer_api.delete(f"/api/queue/{draft.pk}/hold/").status_code == 204


def test_who_lets_go_leaves_it_to_the_next(draft: Draft, reviewer_api: APIClient, operator_api: APIClient) -> None:
    post(reviewer_api, f"queue/{draft.pk}/hold")
    assert reviewer_api.delete(f"/api/queue/{draft.pk}/hold/").status_code == 204

    assert post(operator_api, f"queue/{draft.pk}/hold")["user"] == "otto"


def test_many_answer_one_by_one_and_undo_says_what_it_took_back(
    draft: Draft, project: Project, reviewer_api: APIClient, operator_api: APIClient
) -> None:
    second = DraftFactory.create(lead__project=project)
    post(operator_api, f"queue/{draft.pk}/approve")
    ids = [draft.pk, second.pk]

    done = post(reviewer_api, "queue/bulk", {**IN_PROJECT, "act": "reject", "drafts": ids, "reason": "wrong_tone"})
    assert [(each["id"], each["done"]) for each in done["results"]] == [(draft.pk, False), (second.pk, True)]
    assert "otto approved it" in done["results"][0]["problem"]
    assert done["results"][1]["problem"] == ""
    leads = {**IN_PROJECT, "leads": [draft.lead_id]}
    assert post(reviewer_api, "leads/bulk", {**leads, "act": "label", "label": "maybe"})["results"][0]["done"]

    (label, reject) = reviewer_api.get("/api/queue/undo/", IN_PROJECT).json()["results"]
    assert (label["kind"], reject["kind"], reject["draft"]) == ("label", "reject", second.pk)
    undone = post(reviewer_api, "queue/undo", {**IN_PROJECT, "decision": reject["id"]})
    assert (undone["decision"]["id"], undone["decision"]["lead"]) == (reject["id"], second.lead_id)
    assert (undone["item"]["id"], undone["item"]["status"]) == (second.pk, "pending")
    undone = post(reviewer_api, "queue/undo", IN_PROJECT)
    assert (undone["decision"]["kind"], undone["item"]) == ("label", None)
    assert "no decision left" in post(reviewer_api, "queue/undo", IN_PROJECT, status=409)["detail"]


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("queue/bulk", {"act": "snooze", "drafts": [1]}, "until"),
        ("queue/bulk", {"act": "assign", "drafts": [1]}, "to"),
        ("queue/bulk", {"act": "approve", "drafts": [1], "reason": "because"}, "reason"),
        ("queue/bulk", {"act": "edit", "drafts": [1]}, "act"),
        ("queue/bulk", {"act": "approve", "drafts": list(range(1, 202))}, "drafts"),
        ("queue/bulk", {"act": "approve", "drafts": []}, "drafts"),
        ("leads/bulk", {"act": "label", "leads": [1]}, "label"),
        ("leads/bulk", {"act": "assign", "leads": [1], "to": None, "label": "maybe"}, "label"),
        ("leads/export.csv", {"leads": list(range(1, 202))}, "leads"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_by_name(
    reviewer_api: APIClient, path: str, body: dict[str, Any], wrong: str
) -> None:
    (error,) = post(reviewer_api, path, {**IN_PROJECT, **body}, status=400)["errors"]
    assert error["path"] == wrong


def test_leads_are_given_only_to_people_who_review(
    draft: Draft, viewer: User, viewer_api: APIClient, operator: User, reviewer_api: APIClient
) -> None:
    answer = viewer_api.get("/api/queue/assignees/", IN_PROJECT).json()
    assert answer == {"results": [{"username": "otto"}, {"username": "remy"}]}
    for nobody in ("vera", "nils", "nobody-at-all"):
        post(reviewer_api, f"leads/{draft.lead_id}/assign", {"to": nobody}, status=400)
    body = {**IN_PROJECT, "act": "assign", "to": "vera", "drafts": [draft.pk]}
    assert "nobody who reviews" in post(reviewer_api, "queue/bulk", body, status=400)["detail"]


def test_a_file_says_how_many_are_not_in_it(draft: Draft, reviewer_api: APIClient) -> None:
    body = {**IN_PROJECT, "leads": [draft.lead_id, draft.lead_id + 1]}

    answer = reviewer_api.post("/api/leads/export.csv/", body, format="json")

    assert (answer["Content-Type"], answer["X-Left-Out"]) == ("text/csv; charset=utf-8", "1")
    assert 'filename="leads-tidewater.csv"' in answer["Content-Disposition"]
    assert len(answer.content.decode().splitlines()) == 2


def test_lists_ask_no_more_when_rows_are_assigned_held_and_put_off(
    project: Project, reviewer: User, reviewer_api: APIClient
) -> None:
    def asked(path: str, **query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert reviewer_api.get(path, {**query, "snoozed": "all"}).json()["results"]
        return len(captured)

    def fill(count: int) -> None:
        now = timezone.now()
        for _ in range(count):
            values = {"lead__assignee": reviewer, "lead__snoozed_until": now + timedelta(days=1)}
            draft = DraftFactory.create(lead__project=project, **values)
            Hold.objects.create(draft=draft, user=reviewer, since=now, until=now + timedelta(days=1))

    fill(2)
    few = [asked("/api/queue/", assignee="me"), asked("/api/leads/", assignee="me")]
    fill(8)
    assert [asked("/api/queue/", assignee="me"), asked("/api/leads/", assignee="me")] == few


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are told by SQLite in these words")
def test_what_is_put_off_is_found_by_its_index_and_nothing_else_is_sorted(
    project: Project, reviewer_api: APIClient
) -> None:
    LeadFactory.create(project=project)

    def plan_of(**query: str) -> str:
        with CaptureQueriesContext(connection) as captured:
            reviewer_api.get("/api/leads/", {**IN_PROJECT, **query})
        keys = next(each["sql"] for each in captured.captured_queries if "snoozed_until" in each["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {keys}")
            return " ".join(row[3] for row in cursor.fetchall())

    assert "lead_snoozed" in plan_of(snoozed="true")
    assert "lead_by_score" in plan_of()
    assert "TEMP B-TREE" not in plan_of() + plan_of(assignee="none") + plan_of(ordering="created")
