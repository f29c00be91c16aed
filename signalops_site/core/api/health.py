"""Whether this process and its database can do their work."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ..errors import Unavailable
from ..problems import problem_responses
from ..serializers import HealthSerializer
from .base import OpenView


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
        """The database can be reached, and its tables are those of this release."""
        require_database()
        return Response({"status": "ready"})


def require_database() -> None:
    """Unavailable when the database does not answer, or when migrations wait to be applied."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise Unavailable("The database cannot be reached.") from error
    if waiting:
        raise Unavailable(f"{len(waiting)} migrations wait to be applied: run `manage.py migrate`.")
