"""GET leads/, GET leads/{id}/, POST leads/{id}/label/."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from leads.models import Lead
from signalops_site.core.models import Project

from ...factories import (
    DraftFactory,
    HumanLabelFactory,
    JudgmentFactory,
    LeadFactory,
    LeadQueryFactory,
    ScoreFactory,
)

pytestmark = pytest.mark.django_db

SCRIPT = '<script>alert(1)</script> & <b>bold</b> "quotes"'


def whole_lead(project: Project, **values: Any) -> Lead:
    lead: Lead = LeadFactory.create(project=project, **values)
    JudgmentFactory.create(lead=lead)
    LeadQueryFactory.create(lead=lead)
    ScoreFactory.create(lead=lead)
    DraftFactory.create(lead=lead)
    HumanLabelFactory.create(lead=lead)
    return lead


def ids(client: APIClient, **query: Any) -> list[int]:
    answer = client.get("/api/leads/", query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_a_row_has_exactly_the_contracts_keys(viewer_api: APIClient, project: Project) -> None:
    lead = whole_lead(project, score=71.26, post__text="x" * 300)

    row = viewer_api.get("/api/leads/").json()["results"][0]

    assert set(row) == {
        "id", "project", "stage", "filter_reason", "label", "confidence", "labelled_by_human", "score",
        "scored_at", "created_at", "error", "queries", "post", "author", "draft_status", "reply",
        "copy_of", "copy_count", "assignee", "snoozed_until",
    }  # fmt: skip
    assert set(row["post"]) == {
        "platform", "availability", "url", "excerpt", "language", "posted_at",
        "likes", "replies", "reposts", "views",
    }  # fmt: skip
    assert set(row["author"]) == {"handle", "name", "followers", "verified"}
    assert (row["id"], row["project"], row["score"]) == (lead.pk, "tidewater", 71.3)
    assert (row["queries"], row["draft_status"]) == (["everything"], "pending")
    assert row["post"]["excerpt"] == "x" * 280
    assert row["post"]["views"] is None


def test_a_lead_without_author_or_draft_says_null(viewer_api: APIClient, project: Project) -> None:
    LeadFactory.create(project=project, post__author=None)

    row = viewer_api.get("/api/leads/").json()["results"][0]

    assert row["author"] is None
    assert row["draft_status"] is None


def test_the_detail_tells_everything(viewer_api: APIClient, project: Project) -> None:
    lead = whole_lead(project)

    detail = viewer_api.get(f"/api/leads/{lead.pk}/").json()

    assert detail["post"]["text"] == lead.post.text
    assert detail["author"]["bio"] == "Freelance editor"
    assert detail["judgments"][0]["model"] == "local/default"
    assert detail["human_labels"][0]["source"] == "correction"
    assert [part["plugin"] for part in detail["score_detail"]["components"]] == ["recency", "relevance_judgment"]
    assert detail["score_detail"]["rules"] == [{"name": "asks", "boost": 5.0}]
    assert detail["drafts"][0]["status"] == "pending"
    assert detail["history"] == []


def test_a_lead_that_is_not_scored_has_no_score_detail(viewer_api: APIClient, project: Project) -> None:
    lead = LeadFactory.create(project=project, stage="judged", score=0, scored_at=None)

    assert viewer_api.get(f"/api/leads/{lead.pk}/").json()["score_detail"] is None


def test_markup_in_a_post_comes_through_as_plain_json_text(viewer_api: APIClient, project: Project) -> None:
    lead = LeadFactory.create(project=project, post__text=SCRIPT, post__author__name=SCRIPT)

    answer = viewer_api.get(f"/api/leads/{lead.pk}/")

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["post"]["text"] == SCRIPT
    assert answer.json()["author"]["name"] == SCRIPT


@pytest.mark.parametrize("path", ["/api/leads/", "/api/leads/{lead}/"])
def test_a_list_or_detail_takes_as_many_queries_for_50_as_for_5(
    viewer_api: APIClient, project: Project, path: str
) -> None:
    counts = []
    for _size in (5, 50):
        while Lead.objects.count() < _size:
            lead = whole_lead(project)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert viewer_api.get(path.format(lead=lead.pk)).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 13


def test_rows_do_not_load_long_texts(viewer_api: APIClient, project: Project) -> None:
    whole_lead(project)

    with CaptureQueriesContext(connection) as captured:
        viewer_api.get("/api/leads/")

    (listing,) = [query["sql"] for query in captured if "ORDER BY" in query["sql"] and "excerpt" in query["sql"]]
    assert '"leads_author"."bio"' not in listing
    assert '"leads_post"."clean_text"' not in listing


def test_paging_over_ties_shows_each_lead_once(viewer_api: APIClient, project: Project) -> None:
    made = {LeadFactory.create(project=project, score=50).pk for _ in range(7)}
    made |= {LeadFactory.create(project=project, score=60).pk for _ in range(4)}
    seen: list[int] = []
    url: str | None = "/api/leads/?page_size=2"
    while url:
        page = viewer_api.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]

    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == made


def test_leads_come_by_score_or_by_age(viewer_api: APIClient, project: Project) -> None:
    old = LeadFactory.create(project=project, score=90)
    new = LeadFactory.create(project=project, score=10)

    assert ids(viewer_api) == [old.pk, new.pk]
    assert ids(viewer_api, ordering="created") == [new.pk, old.pk]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"label": "relevant"}, {"one"}),
        ({"stage": "filtered"}, {"two"}),
        ({"min_score": "60"}, {"one"}),
        ({"max_score": "60"}, {"two"}),
        ({"platform": "bluesky"}, {"two"}),
        ({"query": "invoices"}, {"one"}),
        ({"author": "@ADA"}, {"one"}),
        ({"assignee": "vera"}, {"two"}),
        ({"assignee": "me"}, {"two"}),
        ({"language": "de"}, {"two"}),
        ({"created_after": "2020-01-01"}, {"one", "two"}),
        ({"created_before": "2020-01-01T00:00:00Z"}, set()),
        ({"q": "LATE"}, {"one"}),
        ({"q": "100%"}, {"two"}),
        ({"q": "bert"}, {"two"}),
        ({"project": "tidewater"}, {"one", "two"}),
        ({"project": "tidewater", "min_score": "60", "label": "maybe"}, set()),
    ],
)
def test_a_filter_narrows_the_list(
    viewer_api: APIClient, project: Project, viewer: User, query: dict[str, str], found: set[str]
) -> None:
    one = LeadFactory.create(project=project, score=80, post__text="Paid late", post__author__handle="ada")
    LeadQueryFactory.create(lead=one, label="invoices")
    LeadQueryFactory.create(lead=one, label="everything")
    two = LeadFactory.create(
        project=project, score=20, label="maybe", stage="filtered", assignee=viewer, post__platform="bluesky",
        post__language="de", post__text="100% sure", post__author__handle="bert",
    )  # fmt: skip

    assert set(ids(viewer_api, **query)) == {{"one": one.pk, "two": two.pk}[name] for name in found}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("min_score", "abc"),
        ("max_score", "NaN"),
        ("label", "great"),
        ("stage", "nowhere"),
        ("created_after", "yesterday"),
        ("created_before", "0001-01-01T00:00:00+14:00"),
        ("ordering", "title"),
        ("cursor", "nonsense"),
        ("page_size", "0"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_name(viewer_api: APIClient, parameter: str, value: str) -> None:
    answer = viewer_api.get("/api/leads/", {parameter: value})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["path"] == parameter


def test_labelling_answers_the_lead_as_it_is_now(reviewer_api: APIClient, project: Project) -> None:
    lead = LeadFactory.create(project=project)

    answer = reviewer_api.post(f"/api/leads/{lead.pk}/label/", {"label": "maybe", "reason": "hm"}, format="json")

    assert answer.status_code == 200
    assert (answer.json()["label"], answer.json()["stage"]) == ("maybe", "judged")
    assert answer.json()["human_labels"][0]["user"] == "remy"
    assert answer.json()["history"][0]["kind"] == "label"


@pytest.mark.parametrize("body", [{}, {"label": ""}, {"label": "great"}, {"label": None}])
def test_a_label_that_is_none_is_refused(reviewer_api: APIClient, project: Project, body: dict[str, Any]) -> None:
    lead = LeadFactory.create(project=project)

    answer = reviewer_api.post(f"/api/leads/{lead.pk}/label/", body, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "label"


def test_viewers_may_look_but_not_label(viewer_api: APIClient, project: Project) -> None:
    lead = LeadFactory.create(project=project)

    assert viewer_api.post(f"/api/leads/{lead.pk}/label/", {"label": "maybe"}, format="json").status_code == 403


def test_other_peoples_projects_do_not_exist(
    viewer_api: APIClient, reviewer_api: APIClient, superuser_api: APIClient, other_project: Project
) -> None:
    lead = LeadFactory.create(project=other_project)

    assert ids(viewer_api) == []
    assert viewer_api.get("/api/leads/", {"project": "elsewhere"}).status_code == 404
    assert viewer_api.get("/api/leads/", {"project": "nowhere"}).status_code == 404
    assert viewer_api.get(f"/api/leads/{lead.pk}/").status_code == 404
    label = reviewer_api.post(f"/api/leads/{lead.pk}/label/", {"label": "maybe"}, format="json")
    assert label.status_code == 404
    assert ids(superuser_api) == [lead.pk]


@pytest.mark.parametrize("path", ["leads/", "leads/1/", "queue/", "queue/1/", "stats/", "stats/timeline/"])
def test_strangers_are_asked_to_sign_in(anonymous_api: APIClient, db: None, path: str) -> None:
    assert anonymous_api.get(f"/api/{path}").status_code == 401


@pytest.mark.parametrize("query", ["nosuch=1", "min_scor=5", "label=relevant&label=maybe"])
def test_a_filter_that_does_not_exist_or_comes_twice_is_refused(reviewer_api: APIClient, query: str) -> None:
    response = reviewer_api.get(f"/api/leads/?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == query.split("=", maxsplit=1)[0]
