"""Sending by REST: preview, confirm, by hand, pause and resume."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from connectors.base import connectors
from connectors.rules import Mode, PlatformPolicy, Rule
from leads.models import Delivery, Draft
from leads.sending.worker import send_due
from leads.services.review import approve_draft
from signalops_site.core.models import Project
from tests.factories import DraftFactory, ProjectFactory, document
from tests.leads.sending.conftest import OPEN
from tests.leads.sending.harbour import WELCOME, Quay, QuayConnector

BY_HAND = PlatformPolicy(rules=(Rule(Mode.ASSISTED, "A person may reply.", "", WELCOME.read_on),))


@pytest.fixture
def project(db: None) -> Project:
    given = document(review={"undo_seconds": 0}, rate_limits=OPEN)
    return ProjectFactory.create(slug="tidewater", document=given)


@pytest.fixture(autouse=True)
def quay(monkeypatch: pytest.MonkeyPatch) -> Quay:
    connectors.load()
    monkeypatch.setitem(connectors._items, "quay", QuayConnector)
    QuayConnector.quay = Quay()
    return QuayConnector.quay


@pytest.fixture
def draft(project: Project, reviewer: User) -> Draft:
    made = DraftFactory.create(lead__project=project, lead__post__platform="quay")
    return approve_draft(made, by=reviewer)


def posted(client: APIClient, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/queue/{path}/", body, format="json")


def test_what_a_send_would_do_is_shown_and_only_what_is_confirmed_leaves(
    project: Project, draft: Draft, reviewer: User, reviewer_api: APIClient, quay: Quay
) -> None:
    other = approve_draft(
        DraftFactory.create(lead__project=project, lead__post__platform="quay", lead__score=5), by=reviewer
    )
    shown = reviewer_api.get("/api/queue/send-preview/?project=tidewater").json()
    assert (shown["total"], shown["queued"], shown["held_by"]) == (2, 0, "")
    assert [(row["draft"], row["verdict"]) for row in shown["rows"]] == [(draft.pk, "ready"), (other.pk, "ready")]
    assert shown["rows"][0]["reply"]["rule"] == WELCOME.sentence
    assert {cap["span"]: cap["used"] for cap in shown["caps"]} == {"hour": 0, "day": 0}

    answer = posted(reviewer_api, "send", {"project": "tidewater", "drafts": [draft.pk, 10**6]}).json()
    assert answer["queued"] == 1
    assert answer["results"][1]["problem"] == "There is no draft 1000000 in the project."
    assert reviewer_api.get(f"/api/queue/{draft.pk}/").json()["status"] == "queued"
    send_due(project)
    item = reviewer_api.get(f"/api/queue/{draft.pk}/").json()
    assert (item["status"], item["delivery"]["url"]) == ("sent", "https://quay.example/1")
    assert len(quay.posted) == 1
    stats = reviewer_api.get("/api/stats/?project=tidewater").json()
    assert (stats["sent"], stats["approved"]) == (1, 2)


def test_where_a_person_must_post_the_text_is_handed_over_and_settled(
    project: Project,
    draft: Draft,
    reviewer_api: APIClient,
    operator_api: APIClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QuayConnector, "policy", BY_HAND)
    (row,) = reviewer_api.get("/api/queue/send-preview/?project=tidewater").json()["rows"]
    assert row["verdict"] == "by_hand"
    refused = posted(reviewer_api, "send", {"project": "tidewater", "drafts": [draft.pk]}).json()
    assert "by hand" in refused["results"][0]["problem"]

    assist = posted(reviewer_api, f"{draft.pk}/assist", {}).json()
    assert (assist["text"], assist["url"]) == (draft.text_final, draft.lead.post.url)
    assert posted(reviewer_api, f"{draft.pk}/assist", {}).json()["delivery"] == assist["delivery"]
    assert posted(operator_api, f"{draft.pk}/assist", {}).status_code == 409
    assert posted(reviewer_api, f"{draft.pk}/undo", {}).status_code == 409
    assert posted(reviewer_api, f"{draft.pk}/posted", {"url": "javascript:alert(1)"}).status_code == 400
    done = posted(reviewer_api, f"{draft.pk}/posted", {"url": "https://quay.example/77"}).json()
    assert (done["status"], done["mode"], done["url"]) == ("sent", "assisted", "https://quay.example/77")
    assert posted(reviewer_api, f"{draft.pk}/posted", {"posted": False}).status_code == 409


def test_a_text_that_was_not_posted_after_all_may_be_sent_again(
    project: Project, draft: Draft, reviewer_api: APIClient
) -> None:
    posted(reviewer_api, f"{draft.pk}/assist", {})
    assert posted(reviewer_api, f"{draft.pk}/posted", {"posted": False}).json()["status"] == "cancelled"
    assert reviewer_api.get(f"/api/queue/{draft.pk}/").json()["status"] == "approved"
    assert posted(reviewer_api, "send", {"project": "tidewater", "drafts": [draft.pk]}).json()["queued"] == 1
    assert Delivery.objects.count() == 1


def test_a_pause_is_shown_and_ended(project: Project, draft: Draft, reviewer_api: APIClient) -> None:
    body = {"project": "tidewater", "why": "A wrong link"}
    assert posted(reviewer_api, "pause", body).status_code == 201
    assert posted(reviewer_api, "pause", {"until": "2001-01-01T00:00:00Z", **body}).status_code == 400
    (pause,) = reviewer_api.get("/api/queue/pauses/?project=tidewater").json()["results"]
    assert (pause["by"], pause["why"], pause["until"]) == ("remy", "A wrong link", None)
    shown = reviewer_api.get("/api/queue/send-preview/?project=tidewater").json()
    assert shown["held_by"] == "Sending of tidewater is paused: A wrong link."
    assert shown["rows"][0]["verdict"] == "waits"
    assert posted(reviewer_api, f"{draft.pk}/assist", {}).status_code == 409
    assert posted(reviewer_api, "resume", {"project": "tidewater"}).status_code == 200
    assert posted(reviewer_api, "resume", {"project": "tidewater"}).status_code == 409
    assert posted(reviewer_api, "pause", {}).status_code == 403
