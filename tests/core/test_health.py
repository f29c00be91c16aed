"""Readiness: what has to answer, and how long it may take."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings as SettingsWrapper
from rest_framework.test import APIClient

from signalops_site.core.api import health

pytestmark = pytest.mark.django_db
READY = "/api/health/ready/"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        yield server.getsockname()[1]


def test_redis_that_does_not_answer_makes_the_process_unready_soon(
    anonymous_api: APIClient, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setattr(health, "REDIS_SECONDS", 0.2)
    settings.REDIS_URL = f"redis://:opensesame@127.0.0.1:{silent_port}/0"
    began = time.monotonic()
    response = anonymous_api.get(READY)
    assert time.monotonic() - began < 5
    assert (response.status_code, response.json()["detail"]) == (503, "Redis cannot be reached.")


def test_redis_that_is_not_there_makes_the_process_unready(
    anonymous_api: APIClient, settings: SettingsWrapper, silent_port: int
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert anonymous_api.get(READY).status_code == 503


def test_without_redis_configured_nobody_asks_for_it(anonymous_api: APIClient, settings: SettingsWrapper) -> None:
    settings.REDIS_URL = ""
    assert anonymous_api.get(READY).status_code == 200


def test_asking_again_reads_no_migration_file_and_takes_few_queries(
    anonymous_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anonymous_api.get(READY)
    reads = health.migrations_of_this_release.cache_info().misses
    with django_assert_num_queries(2):
        anonymous_api.get(READY)
    assert health.migrations_of_this_release.cache_info().misses == reads


def test_a_table_that_is_missing_makes_the_process_unready(anonymous_api: APIClient) -> None:
    """The migrations' own records say that all is well."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_draft RENAME TO leads_draft_gone")
    response = anonymous_api.get(READY)
    assert response.status_code == 503
    assert response.json()["detail"] == "1 table of this release is missing: restore a backup."
    assert "leads_draft" not in response.content.decode()


def test_a_database_without_tables_waits_for_its_migrations(
    anonymous_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", lambda *_args, **_options: [])
    assert "migrations wait to be applied" in anonymous_api.get(READY).json()["detail"]
