"""What the API says of leads whose posts are gone at their platform."""

import pytest
from rest_framework.test import APIClient

from leads.models import Draft
from leads.services.emptying import empty_post
from signalops_site.core.models import Project

from ...factories import DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(project: Project) -> Draft:
    draft: Draft = DraftFactory.create(lead__project=project, lead__score=95)
    empty_post(draft.lead.post)
    return draft


def test_a_lead_says_that_its_post_is_gone_and_since_when(viewer_api: APIClient, gone: Draft) -> None:
    lead = viewer_api.get(f"/api/leads/{gone.lead_id}/").json()
    gone.lead.post.refresh_from_db()
    assert (lead["stage"], lead["post"]["availability"], lead["post"]["text"]) == ("gone", "gone", "")
    assert lead["post"]["gone_at"] == lead["post"]["checked_at"] is not None
    assert lead["author"] is None
    assert (lead["score"], lead["label"]) == (95.0, "relevant")


def test_a_lead_that_was_not_asked_for_yet_is_live(viewer_api: APIClient, project: Project) -> None:
    post = viewer_api.get(f"/api/leads/{LeadFactory.create(project=project).pk}/").json()["post"]
    assert (post["availability"], post["checked_at"], post["gone_at"]) == ("live", None, None)


def test_lists_leave_it_out_unless_it_is_asked_for(viewer_api: APIClient, gone: Draft, project: Project) -> None:
    other = LeadFactory.create(project=project, score=10)

    def listed(**query: str) -> list[tuple[int, str]]:
        rows = viewer_api.get("/api/leads/", {"project": project.slug, **query}).json()["results"]
        return [(row["id"], row["post"]["availability"]) for row in rows]

    assert listed() == listed(label="relevant") == [(other.pk, "live")]
    assert listed(stage="gone") == [(gone.lead_id, "gone")]


@pytest.mark.parametrize("status", ["", "superseded", "all"])
def test_the_queue_leaves_its_drafts_out(viewer_api: APIClient, gone: Draft, status: str) -> None:
    answer = viewer_api.get("/api/queue/", {"status": status} if status else {})
    assert answer.json()["results"] == []


def test_who_decides_on_its_draft_is_told(reviewer_api: APIClient, gone: Draft) -> None:
    answer = reviewer_api.post(f"/api/queue/{gone.pk}/approve/", {}, format="json")
    assert answer.status_code == 409
    assert "gone at sample" in answer.json()["detail"]


def test_counts_stay(viewer_api: APIClient, project: Project) -> None:
    lead = LeadFactory.create(project=project)
    before = viewer_api.get("/api/stats/", {"project": project.slug}).json()
    empty_post(lead.post)
    assert viewer_api.get("/api/stats/", {"project": project.slug}).json() == before
