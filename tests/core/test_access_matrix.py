"""Every route, every method, everybody: the URL table against `tests/access_table.py`."""

import json
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from django.core.cache import cache as throttle_memory
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from signalops_site.core.routing import socket_routes
from tests.access_table import OPEN, SOCKETS, TABLE, Asker, Given, Row, Values, World, build_world

ADMIN = "admin"
PARTS = {"app_label": "core"}
ADMIN_LOGIN = "/admin/login/"
ADMIN_DOORS = {ADMIN_LOGIN, "/admin/logout/"}


@pytest.fixture
def world(db: None) -> World:
    """Built once for a walk over all routes: each try is rolled back to it."""
    return build_world()


@cache
def routes() -> tuple[tuple[str, URLPattern], ...]:
    """(namespace, pattern) of everything that is served."""
    return tuple(walk(get_resolver().url_patterns))


def walk(patterns: Any, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, entry.namespace or namespace)
        else:
            yield namespace, entry


def methods_of(view: Any) -> set[str]:
    """What a view answers; a plain function is asked with GET."""
    if actions := getattr(view, "actions", None):
        return {method.upper() for method in actions} - {"HEAD", "OPTIONS"}
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if kind is None:
        return {"GET"}
    return {name.upper() for name in kind.http_method_names if hasattr(kind, name)} - {"HEAD", "OPTIONS"}


def served() -> dict[tuple[str, str], URLPattern]:
    """Route name and method, for all but the admin."""
    found = [
        (pattern, method)
        for space, pattern in routes()
        if space != ADMIN
        for method in methods_of(pattern.callback)
    ]
    return {(str(pattern.name), method): pattern for pattern, method in found}


def names_in(pattern: URLPattern) -> list[str]:
    """What an address needs to have filled in."""
    return list(pattern.pattern.regex.groupindex)


def values_of(given: Given, world: World) -> Values:
    return given(world) if callable(given) else given


def address_of(pattern: URLPattern, row: Row, world: World) -> str:
    parts = {
        name: world.project.slug if name == "slug" else getattr(world, row.at).pk for name in names_in(pattern)
    }
    return reverse(str(pattern.name), kwargs=parts)


def answer_to(asker: Asker, method: str, pattern: URLPattern, row: Row, world: World) -> Any:
    """What an asker gets, with everything as it was before."""
    address = address_of(pattern, row, world)
    query = values_of(row.query, world)
    body = None if row.body is None else values_of(row.body, world)
    throttle_memory.clear()
    cookies = copy(asker.client.cookies)
    with transaction.atomic():
        response = asker.client.generic(
            method,
            address,
            data="" if body is None else json.dumps(dict(body)),
            content_type="application/json",
            query_params=query,
        )
        transaction.set_rollback(True)
    asker.client.cookies = cookies
    return response


def test_every_route_and_method_has_a_row() -> None:
    assert all(pattern.name for space, pattern in routes() if space != ADMIN), "a route needs a name"
    missing = [
        f"Say in tests/access_table.py who may {method} {pattern.pattern} ({name!r})."
        for (name, method), pattern in served().items()
        if (name, method) not in TABLE
    ]
    assert missing == []


def test_every_row_has_its_route() -> None:
    assert sorted(set(TABLE) - set(served())) == []


def test_no_two_routes_share_a_name() -> None:
    names = [pattern.name for space, pattern in routes() if space != ADMIN]
    assert len(names) == len(set(names))


def test_everybody_gets_the_answer_of_the_table(world: World, subtests: pytest.Subtests) -> None:
    for name, method, row, pattern in rows():
        with subtests.test(f"{method} {name}"):
            wrong = []
            for asker in askers_of(row, world):
                response, expected = answer_to(asker, method, pattern, row, world), row.expected(asker)
                if response.status_code not in expected or not is_well_formed(response):
                    wrong.append(
                        f"{asker.name} gets {response.status_code}, not {' or '.join(map(str, expected))}"
                    )
            assert wrong == []


def is_well_formed(response: Any) -> bool:
    """A refusal is a problem that programs can read; one of a stranger says how to sign in."""
    if response.status_code not in {401, 403, 404}:
        return True
    is_problem = response["Content-Type"] == "application/problem+json"
    return is_problem and (response.status_code != 401 or "WWW-Authenticate" in response)


def rows() -> Iterator[tuple[str, str, Row, URLPattern]]:
    """The table's rows, with their routes; what lacks either fails in a test of its own."""
    for (name, method), pattern in sorted(served().items(), key=lambda item: item[0]):
        if (name, method) in TABLE:
            yield name, method, TABLE[name, method], pattern


def askers_of(row: Row, world: World) -> list[Asker]:
    """What is open to a stranger and to one with bad credentials is open to all."""
    return [asker for asker in world.askers if row.need != OPEN or not asker.is_known]


def test_strangers_are_not_told_what_a_route_takes(world: World, subtests: pytest.Subtests) -> None:
    """OPTIONS describes a view's fields to those who may ask for them."""
    for name, _method, row, pattern in rows():
        with subtests.test(name):
            response = answer_to(world.askers[0], "OPTIONS", pattern, row, world)
            assert row.need == OPEN or response.status_code in {401, 405} or b"actions" not in response.content


def test_a_body_that_does_not_hold_hides_no_refusal(world: World, subtests: pytest.Subtests) -> None:
    """Permission comes before the body: else its shape could be found out, one 400 at a time."""
    for name, method, row, pattern in rows():
        spoilt = spoilt_body(row, world)
        asked = replace(row, body=spoilt)
        for asker in askers_of(row, world) if spoilt else []:
            with subtests.test(f"{method} {name}", asker=asker.name):
                status = answer_to(asker, method, pattern, asked, world).status_code
                refusal = row.expected(asker)
                assert status in ({400, 422} if refusal == row.answers else refusal)


def spoilt_body(row: Row, world: World) -> dict[str, Any]:
    """The row's body with values that cannot hold, but for what says which project is meant; empty without any."""
    body = values_of(row.body or {}, world)
    told = {key: value for key, value in body.items() if key in {"project", "projects"}}
    spoilt: dict[str, Any] = {key: {"?": "?"} for key in body if key not in told}
    return {**told, **spoilt} if spoilt else {}


def test_a_list_without_a_project_shows_nothing_foreign(world: World, subtests: pytest.Subtests) -> None:
    for name, method, row, pattern in rows():
        if method != "GET" or row.need == OPEN or names_in(pattern):
            continue
        for asker in world.askers:
            if asker.is_known and asker.role is None:
                with subtests.test(name, asker=asker.name):
                    response = answer_to(asker, method, pattern, replace(row, query={}), world)
                    assert b"tidewater" not in b"".join(response)


def test_every_socket_has_a_row() -> None:
    assert sorted(str(route.name) for route in socket_routes) == sorted(SOCKETS)


def admin_addresses() -> list[str]:
    """Every page of the admin, with an id that need not exist: who asks comes before what is asked for."""
    return [
        reverse(f"{ADMIN}:{pattern.name}", kwargs={name: PARTS.get(name, "1") for name in names_in(pattern)})
        for space, pattern in routes()
        if space == ADMIN and pattern.name
    ]


def test_the_admin_is_for_its_staff_and_opens_for_sessions_only(world: World) -> None:
    addresses = [address for address in admin_addresses() if address not in ADMIN_DOORS]
    assert "/admin/" in addresses
    by_name = {asker.name: asker.client for asker in world.askers}
    assert by_name["a superuser"].get("/admin/").status_code == 200
    for name in ("a stranger", "an operator", "a superuser's token", "a superuser's key"):
        for address in addresses:
            response = by_name[name].get(address)
            assert response.get("Location", "").startswith(ADMIN_LOGIN), (name, address)
