"""Bodies that no program could mean are refused in words, and never answered with an error of ours."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from signalops_site.core.models import ApiKey, Project, Run
from signalops_site.core.runs import holder_is_gone
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' + "[" * 5000 + "]" * 5000 + "}",
        '{"username": "\\ud800", "password": "x"}',
        '{"\\udfff": 1}',
    ],
)
@pytest.mark.parametrize("address", ["/api/auth/token/", "/api/auth/token/refresh/"])
def test_a_body_that_cannot_be_meant_is_a_400_for_strangers_too(
    anonymous_api: APIClient, address: str, body: str
) -> None:
    answer = anonymous_api.post(address, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/api/members/", "/api/runs/", "/api/connectors/accounts/"])
def test_half_a_character_names_no_project(operator_api: APIClient, project: Project, address: str) -> None:
    body = '{"project": "\\ud800"}'
    assert operator_api.post(address, body, content_type="application/json").status_code == 400


def test_a_body_beyond_what_is_read_is_a_413(anonymous_api: APIClient) -> None:
    body = json.dumps({"username": "x" * 3_000_000, "password": "y"})
    answer = anonymous_api.post("/api/auth/token/", body, content_type="application/json")

    assert answer.status_code == 413
    assert answer.json()["title"] == "The body is too large"


@pytest.mark.parametrize(
    ("address", "body", "unknown"),
    [
        ("/api/keys/", {"name": "k", "role": "viewer", "projects": [], "expires": "2030-01-01"}, "expires"),
        ("/api/keys/", {"name": "k", "role": "viewer", "project": ["tidewater"]}, "project"),
        ("/api/runs/", {"project": "tidewater", "stage": ["score"]}, "stage"),
        ("/api/members/", {"project": "tidewater", "username": "vera", "role": "viewer", "rôle": "x"}, "rôle"),
        ("/api/leads/{lead}/label/", {"label": "maybe", "reson": "x"}, "reson"),
        ("/api/leads/{lead}/note/", {"text": "x", "txt": "y"}, "txt"),
    ],
)
def test_a_field_that_does_not_exist_is_refused_by_name(
    operator_api: APIClient, project: Project, address: str, body: dict[str, object], unknown: str
) -> None:
    lead = LeadFactory.create(project=project)
    answer = operator_api.post(address.format(lead=lead.pk), body, format="json")

    assert answer.status_code == 400
    assert unknown in [error["path"] for error in answer.json()["errors"]]
    assert not ApiKey.objects.exists()
    assert not Run.objects.exists()


def test_a_key_for_all_projects_has_to_be_asked_for(operator_api: APIClient, project: Project) -> None:
    answer = operator_api.post("/api/keys/", {"name": "k", "role": "viewer"}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "projects"


@pytest.mark.parametrize(("ahead", "gone"), [(timedelta(days=3650), True), (timedelta(seconds=20), False)])
def test_a_heartbeat_from_the_far_future_keeps_no_run(
    project: Project, operator: User, ahead: timedelta, gone: bool
) -> None:
    run = Run(project=project, heartbeat_at=timezone.now() + ahead, lease_holder="elsewhere:1:x")
    assert holder_is_gone(run) is gone
