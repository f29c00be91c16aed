"""The review queue over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from leads.models import Draft
from signalops_site.core.models import Project

from ...factories import DraftFactory, JudgmentFactory, LeadQueryFactory, ProjectFactory, ScoreFactory

pytestmark = pytest.mark.django_db

ACTS = ["approve", "edit", "reject", "undo"]


def whole_draft(project: Project, **values: Any) -> Draft:
    draft: Draft = DraftFactory.create(lead__project=project, **values)
    JudgmentFactory.create(lead=draft.lead)
    LeadQueryFactory.create(lead=draft.lead)
    ScoreFactory.create(lead=draft.lead)
    return draft


def post(client: APIClient, draft: Draft, act: str, **body: Any) -> Any:
    return client.post(f"/api/queue/{draft.pk}/{act}/", body, format="json")


def test_an_item_holds_everything_needed_to_decide(viewer_api: APIClient, project: Project) -> None:
    draft = whole_draft(project)

    (item,) = viewer_api.get("/api/queue/").json()["results"]

    assert set(item) == {
        "id", "lead", "project", "status", "score", "label", "confidence", "text", "text_generated",
        "max_length", "template_used", "tone", "created_at", "decided_at", "reviewer", "reject_reason",
        "better_text", "queries", "platform", "post", "author", "reply", "judgment", "components",
        "rules", "delivery", "touch", "assignee", "snoozed_until", "hold",
    }  # fmt: skip
    assert (item["id"], item["lead"], item["project"]) == (draft.pk, draft.lead_id, "tidewater")
    assert (item["text"], item["max_length"], item["platform"]) == (draft.text_generated, 500, "sample")
    assert item["judgment"] == {
        "model": "local/default", "label": "relevant", "confidence": 0.8, "reasoning": "Asks for a tool.",
    }  # fmt: skip
    assert [part["plugin"] for part in item["components"]] == ["recency", "relevance_judgment"]
    assert item["rules"] == [{"name": "asks", "boost": 5.0}]
    assert item["reviewer"] is None
    assert item["post"]["text"] == draft.lead.post.text


def test_an_item_without_judgment_score_or_author_is_still_whole(viewer_api: APIClient, project: Project) -> None:
    DraftFactory.create(lead__project=project, lead__post__author=None)

    (item,) = viewer_api.get("/api/queue/").json()["results"]

    assert (item["judgment"], item["author"], item["components"], item["rules"]) == (None, None, [], [])


def test_the_queue_shows_what_waits_unless_asked_otherwise(viewer_api: APIClient, project: Project) -> None:
    waiting = DraftFactory.create(lead__project=project)
    rejected = DraftFactory.create(lead__project=project, status="rejected")

    def shown(**query: str) -> set[int]:
        return {item["id"] for item in viewer_api.get("/api/queue/", query).json()["results"]}

    assert shown() == shown(status="pending") == {waiting.pk}
    assert shown(status="rejected", project="tidewater") == {rejected.pk}
    assert shown(status="all") == {waiting.pk, rejected.pk}
    assert viewer_api.get("/api/queue/", {"status": "lost"}).status_code == 400


def test_the_best_leads_come_first_and_paging_over_ties_shows_each_once(
    viewer_api: APIClient, project: Project
) -> None:
    scores = [50.0, 90.0, 50.0, 70.0, 50.0]
    drafts = [DraftFactory.create(lead__project=project, lead__score=score) for score in scores]
    seen: list[int] = []
    url: str | None = "/api/queue/?page_size=2"
    while url:
        page = viewer_api.get(url).json()
        seen += [item["id"] for item in page["results"]]
        url = page["next"]

    assert seen == [drafts[n].pk for n in (1, 3, 4, 2, 0)]


def test_the_queue_takes_as_many_queries_for_20_as_for_5(viewer_api: APIClient, project: Project) -> None:
    counts = []
    for size in (5, 20):
        while Draft.objects.count() < size:
            whole_draft(project)
        with CaptureQueriesContext(connection) as captured:
            assert len(viewer_api.get("/api/queue/").json()["results"]) == size
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 10


def test_approve_edit_reject_and_undo_answer_the_item_as_it_is_now(
    reviewer_api: APIClient, project: Project
) -> None:
    draft = whole_draft(project)

    approved = post(reviewer_api, draft, "approve", seconds_spent=4).json()
    assert (approved["status"], approved["reviewer"]) == ("approved", "remy")
    assert post(reviewer_api, draft, "undo").json()["status"] == "pending"
    edited = post(reviewer_api, draft, "edit", text="Changed.").json()
    assert (edited["status"], edited["text"], edited["text_generated"]) == (
        "edited",
        "Changed.",
        draft.text_generated,
    )
    post(reviewer_api, draft, "undo")
    rejected = post(reviewer_api, draft, "reject", reason="wrong_tone", better_text="Kinder.").json()
    assert (rejected["status"], rejected["reject_reason"]) == ("rejected", "wrong_tone")
    assert rejected["better_text"] == "Kinder."


def test_the_second_to_decide_gets_a_conflict_that_says_who_was_first(
    reviewer_api: APIClient, operator_api: APIClient, project: Project
) -> None:
    draft = DraftFactory.create(lead__project=project)
    post(reviewer_api, draft, "approve")

    answer = post(operator_api, draft, "reject")

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "remy approved it" in answer.json()["detail"]
    assert post(operator_api, draft, "undo").status_code == 409


@pytest.mark.parametrize("text", ["", "   ", "a" * 501])
def test_a_text_that_cannot_be_sent_is_refused(reviewer_api: APIClient, project: Project, text: str) -> None:
    draft = DraftFactory.create(lead__project=project)

    assert post(reviewer_api, draft, "edit", text=text).status_code == 400
    assert Draft.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("act", "body", "path"),
    [
        ("edit", {}, "text"),
        ("approve", {"seconds_spent": -1}, "seconds_spent"),
        ("reject", {"reason": "x" * 501}, "reason"),
    ],
)
def test_a_request_that_does_not_hold_names_the_field(
    reviewer_api: APIClient, project: Project, act: str, body: dict[str, Any], path: str
) -> None:
    answer = post(reviewer_api, DraftFactory.create(lead__project=project), act, **body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == path


@pytest.mark.parametrize("act", ACTS)
def test_viewers_may_not_decide_and_strangers_see_nothing(
    viewer_api: APIClient, outsider_api: APIClient, project: Project, act: str
) -> None:
    draft = DraftFactory.create(lead__project=project)

    assert post(viewer_api, draft, act, text="Mine.").status_code == 403
    assert post(outsider_api, draft, act, text="Mine.").status_code == 404
    assert outsider_api.get(f"/api/queue/{draft.pk}/").status_code == 404
    assert outsider_api.get("/api/queue/").json()["results"] == []
    assert outsider_api.get("/api/queue/", {"project": "tidewater"}).status_code == 404
    assert Draft.objects.get().status == "pending"


def test_a_superuser_decides_anywhere(superuser_api: APIClient) -> None:
    draft = DraftFactory.create(lead__project=ProjectFactory.create())

    assert post(superuser_api, draft, "approve").status_code == 200
