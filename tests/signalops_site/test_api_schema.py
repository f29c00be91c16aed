"""What the schema promises, asked of the API itself: made-up requests for every operation, good ones and bad ones.

An answer that is an error of ours, has a status or a content type that the schema does not name, or a body of
another shape, fails. Requests come from a fixed seed, so that a failure comes again.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from signalops_site.core.access.tokens import issue_tokens
from tests.access_table import TABLE, World, build_world

CASES = 5
"""For each operation; about half of them break the schema's own rules on purpose."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = json.loads((django_settings.BASE_DIR / "frontend" / "openapi.json").read_text())


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(SCHEMA)
    schema.app = WSGIHandler()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        yield pytest.param(operation, id=f"{operation.method.upper()} {operation.path}")


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The handler closes what is unusable between requests, as a server should; here it is the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """Otto's, who operates the project of the world."""
    return {"Authorization": f"Bearer {issue_tokens(User.objects.get(username='otto')).access}"}


@pytest.mark.parametrize("operation", list(operations()))
def test_whatever_is_asked_the_answer_is_one_that_the_schema_names(
    operation: Any, world: World, headers: dict[str, str]
) -> None:
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    cases = modes.flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

    @settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, in_the_world=st.booleans())
    def asked(case: "Case[Any]", in_the_world: bool) -> None:
        if in_the_world:
            place(case, world)
        cache.clear()  # nobody is told to wait
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    asked()


def place(case: "Case[Any]", world: World) -> None:
    """Let it ask for what there is: by chance alone nearly every id and project would be unknown."""
    route = resolve(case.operation.path.replace("{id}", "1").replace("{slug}", "a"))
    row = TABLE.get((str(route.url_name), case.method.upper()))
    if "id" in case.path_parameters and row is not None:
        case.path_parameters["id"] = getattr(world, row.at).pk
    if "slug" in case.path_parameters:
        case.path_parameters["slug"] = world.project.slug
    for part in (case.query, case.body):
        if isinstance(part, dict) and "project" in part:
            part["project"] = world.project.slug


def test_every_operation_of_the_schema_is_asked() -> None:
    told = {(path, method) for path, item in SCHEMA["paths"].items() for method in item if method != "parameters"}
    assert len(list(operations())) == len(told) > 30
