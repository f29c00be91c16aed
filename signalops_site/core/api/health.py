"""Whether this process and what it stands on can do their work."""

from collections.abc import Collection
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ..errors import Unavailable
from ..problems import problem_responses
from ..serializers import HealthSerializer
from .base import OpenView

REDIS_SECONDS = 2.0
"""How long Redis may take to answer before it counts as gone."""


@extend_schema(tags=["Health"])
class LiveView(OpenView):
    @extend_schema(operation_id="get_liveness", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """This process answers."""
        return Response({"status": "live"})


@extend_schema(tags=["Health"])
class ReadyView(OpenView):
    @extend_schema(operation_id="get_readiness", responses={200: HealthSerializer, **problem_responses(503)})
    def get(self, request: Request) -> Response:
        """The database answers and its tables are those of this release; so does Redis, where there is one."""
        require_database()
        require_redis()
        return Response({"status": "ready"})


def require_database() -> None:
    """Unavailable when the database does not answer, when migrations wait to be applied, or when tables lack."""
    try:
        tables = connection.introspection.table_names()
        waiting = migrations_of_this_release() - _applied_migrations(tables)
    except DatabaseError as error:
        raise Unavailable("The database cannot be reached.") from error
    if waiting:
        raise Unavailable(f"{len(waiting)} migrations wait to be applied: run `manage.py migrate`.")
    if missing := missing_tables(tables):
        are = "table of this release is" if len(missing) == 1 else "tables of this release are"
        raise Unavailable(f"{len(missing)} {are} missing: restore a backup.")


def missing_tables(existing: Collection[str]) -> list[str]:
    """The models' tables that are not among those of the database."""
    return sorted(tables_of_this_release().difference(existing))


@cache
def tables_of_this_release() -> frozenset[str]:
    return frozenset(connection.introspection.django_table_names(only_existing=False, include_views=False))


def _applied_migrations(tables: Collection[str]) -> set[tuple[str, str]]:
    """As the database records them. Whether there is such a record is known from its tables, without a query."""
    recorder = MigrationRecorder(connection)
    if recorder.Migration._meta.db_table not in tables:
        return set()
    return set(recorder.migration_qs.values_list("app", "name"))


@cache
def migrations_of_this_release() -> frozenset[tuple[str, str]]:
    """Every (app, name); read from the disk once, since they cannot change while the process lives."""
    return frozenset(MigrationLoader(None).graph.nodes)


def require_redis() -> None:
    """The channel layer and the cache; nothing to ask where REDIS_URL is not set."""
    if settings.REDIS_URL and not _redis_answers(settings.REDIS_URL):
        raise Unavailable("Redis cannot be reached.")


def _redis_answers(url: str) -> bool:
    """Over a connection of its own, tried once: those of the channel layer and the cache would wait for long."""
    from redis import Redis, RedisError  # noqa: PLC0415 - a fifth of a second, and most installs have none
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    try:
        with Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False
