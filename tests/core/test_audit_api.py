"""Reading the audit log over REST: who may, and what it can be narrowed to."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from signalops_site.core import audit
from signalops_site.core.models import Project

pytestmark = pytest.mark.django_db
URL = "/api/audit/?project=tidewater"


@pytest.fixture
def written(project: Project, other_project: Project, operator: User) -> None:
    audit.record("config.import", by="command:importproject", project=project)
    audit.record("lead.label", by=operator, project=project, on=project, fields={"changed": ["label"]})
    audit.record("lead.label", by="job:pipeline", project=other_project)
    audit.record("person.erase", by="command:erase", fields={"counts": {"leads.Post": 1}})


def listed(api: APIClient, url: str) -> list[tuple[str, str]]:
    response = api.get(url)
    assert response.status_code == 200, response.json()
    return [(row["actor"], row["action"]) for row in response.json()["results"]]


def test_an_operator_reads_the_projects_entries_the_newest_first(written: None, operator_api: APIClient) -> None:
    assert listed(operator_api, URL) == [("otto", "lead.label"), ("command:importproject", "config.import")]


def test_an_entry_says_who_what_on_what_which_fields_and_when(
    written: None, operator_api: APIClient, operator: User, project: Project
) -> None:
    row: dict[str, Any] = operator_api.get(URL).json()["results"][0]
    assert (row["project"], row["sequence"], row["actor_id"]) == ("tidewater", 2, operator.pk)
    assert (row["target_type"], row["target_id"]) == ("core.project", str(project.pk))
    assert row["fields_changed"] == {"changed": ["label"]}
    assert row["at"]
    assert row["digest"].startswith("v2:")


@pytest.mark.parametrize(
    ("narrowed", "actions"),
    [
        ("action=lead.label", ["lead.label"]),
        ("actor=command:importproject", ["config.import"]),
        ("actor=nobody", []),
        ("target=core.project", ["lead.label"]),
        ("target=core.project:0", []),
        ("after=2000-01-01T00:00:00Z", ["lead.label", "config.import"]),
        ("before=2000-01-01T00:00:00Z", []),
    ],
)
def test_the_list_can_be_narrowed(
    written: None, operator_api: APIClient, narrowed: str, actions: list[str]
) -> None:
    assert [action for _actor, action in listed(operator_api, f"{URL}&{narrowed}")] == actions


@pytest.mark.parametrize("wrong", ["acton=lead.label", "after=yesterday", "action=a&action=b", "actor=%00"])
def test_a_filter_that_cannot_be_read_is_refused(written: None, operator_api: APIClient, wrong: str) -> None:
    assert operator_api.get(f"{URL}&{wrong}").status_code == 400


def test_pages_follow_each_other(written: None, operator_api: APIClient) -> None:
    first = operator_api.get(f"{URL}&page_size=1").json()
    assert listed(operator_api, first["next"]) == [("command:importproject", "config.import")]


def test_it_takes_an_operator(
    written: None, reviewer_api: APIClient, outsider_api: APIClient, anonymous_api: APIClient
) -> None:
    assert reviewer_api.get(URL).status_code == 403
    assert outsider_api.get(URL).status_code == 404
    assert anonymous_api.get(URL).status_code == 401


def test_only_a_superuser_reads_all_projects_and_what_belongs_to_none(
    written: None, superuser_api: APIClient, operator_api: APIClient
) -> None:
    assert listed(superuser_api, "/api/audit/")[:2] == [
        ("command:erase", "person.erase"),
        ("job:pipeline", "lead.label"),
    ]
    assert operator_api.get("/api/audit/").status_code == 400


def test_nothing_can_be_written_or_removed(written: None, superuser_api: APIClient) -> None:
    assert superuser_api.post("/api/audit/", {}, format="json").status_code == 405
    assert superuser_api.delete("/api/audit/").status_code == 405
