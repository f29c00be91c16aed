import json
import logging
from typing import Any

import pytest
from django.http import Http404, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory
from rest_framework import exceptions

from signalops_site.core.errors import ConfigError, ConfigProblem, DomainError, NotAllowed, RunIsLive, Unavailable
from signalops_site.core.problems import page_not_found, problem_details, server_error


def content_of(response: HttpResponseBase) -> Any:
    assert isinstance(response, HttpResponse)
    return json.loads(response.content)


CONTEXT = {"request": None, "view": None}


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (DomainError("No."), 400, "domain-error"),
        (NotAllowed("No."), 403, "not-allowed"),
        (RunIsLive("Run 3 is live."), 409, "run-is-live"),
        (Unavailable("No."), 503, "unavailable"),
        (Http404("secret table"), 404, "not-found"),
        (exceptions.NotAuthenticated(), 401, "not-authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method-not-allowed"),
    ],
)
def test_every_refusal_has_a_status_and_a_name(error: Exception, status: int, kind: str) -> None:
    response = problem_details(error, CONTEXT)
    content = content_of(response)
    assert response.status_code == content["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert content["type"] == f"urn:signalops:problem:{kind}"
    assert set(content) == {"type", "title", "status", "detail", "errors"}
    assert "secret" not in content["detail"]


def test_a_validation_error_is_a_flat_list_with_dotted_paths() -> None:
    error = exceptions.ValidationError(
        {"stages": {"1": ["is not a stage"]}, "items": [{}, {"text": ["is empty"]}], "non_field_errors": ["no"]}
    )
    assert content_of(problem_details(error, CONTEXT))["errors"] == [
        {"path": "stages.1", "message": "is not a stage"},
        {"path": "items.1.text", "message": "is empty"},
        {"path": "", "message": "no"},
    ]


def test_a_config_error_names_the_line_of_every_problem() -> None:
    error = ConfigError([ConfigProblem("queries.0.text", "this key is required", 4, 3)])
    assert content_of(problem_details(error, CONTEXT))["errors"] == [
        {"path": "queries.0.text", "message": "this key is required", "line": 4, "column": 3}
    ]


def test_a_throttled_client_is_told_when_to_come_back() -> None:
    response = problem_details(exceptions.Throttled(wait=11.2), CONTEXT)
    assert (response.status_code, response["Retry-After"]) == (429, "12")


def test_an_unexpected_error_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = problem_details(RuntimeError("password=hunter2"), CONTEXT)
    assert response.status_code == 500
    assert "hunter2" not in str(content_of(response))
    assert "hunter2" in caplog.text


def test_an_unknown_api_address_is_a_problem(client: Client) -> None:
    for path in ("/api/nowhere/", "/api/nowhere", "/api"):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_pages_outside_the_api_keep_their_own_error_pages(rf: RequestFactory) -> None:
    assert page_not_found(rf.get("/admin/x"), Http404())["Content-Type"].startswith("text/html")
    assert server_error(rf.get("/admin/x"))["Content-Type"].startswith("text/html")
    assert server_error(rf.get("/api/x"))["Content-Type"] == "application/problem+json"
