import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from signalops_site.core.models import Project, Role
from tests.factories import ProjectFactory, member


def test_a_project_tells_its_reader_what_they_may_do(viewer_api: APIClient, project: Project) -> None:
    content = viewer_api.get("/api/projects/tidewater/").json()
    assert set(content) == {
        "slug",
        "name",
        "description",
        "product_url",
        "is_active",
        "role",
        "config_number",
        "created_at",
    }
    assert (content["slug"], content["role"], content["config_number"]) == ("tidewater", "viewer", 1)


def test_a_foreign_project_is_not_found(viewer_api: APIClient, other_project: Project) -> None:
    assert viewer_api.get("/api/projects/elsewhere/").status_code == 404
    assert [row["slug"] for row in viewer_api.get("/api/projects/").json()["results"]] == ["tidewater"]


def test_the_superuser_sees_all_projects(
    superuser_api: APIClient, project: Project, other_project: Project
) -> None:
    rows = superuser_api.get("/api/projects/").json()["results"]
    assert [(row["slug"], row["role"]) for row in rows] == [("elsewhere", "operator"), ("tidewater", "operator")]


def test_an_outsider_sees_an_empty_list(outsider_api: APIClient, project: Project) -> None:
    assert outsider_api.get("/api/projects/").json() == {"results": [], "next": None, "previous": None}


def test_a_project_without_configuration_has_no_number(operator_api: APIClient, project: Project) -> None:
    Project.objects.update(active_config=None)
    assert operator_api.get("/api/projects/tidewater/").json()["config_number"] is None


def test_a_list_takes_as_many_queries_for_ten_as_for_one(superuser_api: APIClient, project: Project) -> None:
    with CaptureQueriesContext(connection) as one:
        superuser_api.get("/api/projects/")
    ProjectFactory.create_batch(9)
    with CaptureQueriesContext(connection) as ten:
        assert len(superuser_api.get("/api/projects/").json()["results"]) == 10
    assert len(ten) == len(one)


@pytest.mark.parametrize("role", list(Role))
def test_me_lists_my_projects_with_my_role(project: Project, role: Role) -> None:
    client = APIClient()
    user = member(project, role)
    client.force_login(user)
    assert client.get("/api/me/").json() == {
        "id": user.pk,
        "username": user.username,
        "name": user.username,
        "is_superuser": False,
        "projects": [{"slug": "tidewater", "name": "Tidewater", "role": role.value}],
    }
