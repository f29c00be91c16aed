"""Shared fixtures: one project, its people, and an API client for each of them."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from signalops_site.core.models import Project, Role

from .factories import ProjectFactory, UserFactory, member

hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")
"""How busy a machine is says nothing about the code."""

LONGEST_FILES = frozenset(
    {
        "test_worker_kill",
        "test_killed_run",
        "test_batch_kill",
        "test_killed_sending",
        "test_plugins",
        "test_deployment",
        "test_serve",
        "test_admin",
        "test_doctor",
        "test_schedule_clusters",
    }
)
"""They start processes, or open every page."""


THE_SAME_ANYWHERE = frozenset(
    {
        "test_access_matrix",
        "test_admin",
        "test_admin_actions",
        "test_api_schema",
        "test_bodies",
        "test_connect_api",
        "test_connecting",
        "test_deployment",
        "test_docs",
        "test_gateway",
        "test_injections",
        "test_killed_sending",
        "test_llm",
        "test_logs",
        "test_masking",
        "test_metrics",
        "test_plugins",
        "test_query_preview",
        "test_serve",
    }
)
"""Pages, processes and providers' answers that meet a database and say little of it. `test_killed_sending` brings
both by itself.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--meets-database", action="store_true", help="only the tests that read or write a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What has no database is the same on every one. The longest files go first: then nobody waits for them."""
    items.sort(key=lambda item: item.path.stem not in LONGEST_FILES)
    if config.getoption("--meets-database"):
        config.hook.pytest_deselected(items=[item for item in items if not _meets_database(item)])
        items[:] = [item for item in items if _meets_database(item)]


def _meets_database(item: pytest.Item) -> bool:
    if item.path.stem in THE_SAME_ANYWHERE:
        return False
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def pytest_configure() -> None:
    """Give each process that runs tests side by side with others a Redis database of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker and settings.REDIS_URL:
        url = urlsplit(settings.REDIS_URL)._replace(path=f"/{int(worker) + 1}").geturl()
        os.environ["REDIS_URL"] = settings.REDIS_URL = url
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
        settings.CHANNEL_LAYERS = {"default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": [url]}}}


@pytest.fixture(scope="session", autouse=True)
def _no_connection_left_behind(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Threads that served sockets keep their connection, and PostgreSQL drops no database that is in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def project(db: None) -> Project:
    return ProjectFactory.create(slug="tidewater")


@pytest.fixture
def other_project(db: None) -> Project:
    """A project in which none of the cast but the superuser has a role."""
    return ProjectFactory.create(slug="elsewhere")


@pytest.fixture
def viewer(project: Project) -> User:
    return member(project, Role.VIEWER)


@pytest.fixture
def reviewer(project: Project) -> User:
    return member(project, Role.REVIEWER)


@pytest.fixture
def operator(project: Project) -> User:
    return member(project, Role.OPERATOR)


@pytest.fixture
def superuser(db: None) -> User:
    return UserFactory.create(username="suri", is_superuser=True, is_staff=True)


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody with an account and no project."""
    return UserFactory.create(username="nils")


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def anonymous_api() -> APIClient:
    return APIClient()


@pytest.fixture
def viewer_api(viewer: User) -> APIClient:
    return signed_in(viewer)


@pytest.fixture
def reviewer_api(reviewer: User) -> APIClient:
    return signed_in(reviewer)


@pytest.fixture
def operator_api(operator: User) -> APIClient:
    return signed_in(operator)


@pytest.fixture
def superuser_api(superuser: User) -> APIClient:
    return signed_in(superuser)


@pytest.fixture
def outsider_api(outsider: User) -> APIClient:
    return signed_in(outsider)


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an importable package `plugged`, empty, whose modules are forgotten afterwards."""
    package = tmp_path / "plugged"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "plugged"]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return package
