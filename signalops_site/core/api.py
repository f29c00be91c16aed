"""Core's endpoints: sign-in, who am I, projects, runs and their events, health, documentation.

Views parse, call one function and present; every list and every row is scoped by `permissions`.
"""

from functools import cache
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from . import runs
from .authentication import enforce_csrf, signed_in
from .errors import Unavailable
from .models import Membership, Project, Role, Run, RunEvent
from .permissions import require_role, visible_project, visible_projects
from .problems import problem_responses
from .serializers import (
    CsrfTokenSerializer,
    HealthSerializer,
    MeSerializer,
    ProjectSerializer,
    RunEventSerializer,
    RunSerializer,
    SignInSerializer,
)

MAX_SEQ = 2**63 - 1

PROJECT_PARAMETER = OpenApiParameter("project", str, required=True, description="the project's slug")


def required_project(request: Request, *, role: Role = Role.VIEWER) -> Project:
    """The project that `?project=` names; a 400 that says so when it is absent."""
    slug = request.query_params.get("project", "")
    if not slug:
        raise ValidationError({"project": ["name the project: ?project=SLUG"]})
    return visible_project(signed_in(request), slug, role=role)


def projects_of(user: User) -> QuerySet[Project]:
    """The projects that a user sees, each with `role`: what they may do in it."""
    role: Any = Value(Role.OPERATOR.value)
    if not user.is_superuser:
        own = Membership.objects.filter(user=user, project=OuterRef("pk"))
        role = Subquery(own.values("role")[:1])
    annotated: QuerySet[Project] = visible_projects(user).annotate(role=role)
    return annotated.select_related("active_config")


class OpenView(APIView):
    """For everyone: nobody is signed in by it, so nothing here may depend on who asks."""

    authentication_classes = ()
    permission_classes: tuple[type[BasePermission], ...] = (AllowAny,)


@extend_schema(tags=["Sign-in"])
class CsrfView(OpenView):
    @extend_schema(operation_id="get_csrf_token", responses=CsrfTokenSerializer)
    def get(self, request: Request) -> Response:
        """A CSRF token, and the cookie that belongs to it."""
        return Response({"csrf_token": get_token(request._request)}, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["Sign-in"])
class SignInView(OpenView):
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign_in"

    @extend_schema(
        operation_id="sign_in",
        request=SignInSerializer,
        responses={200: MeSerializer, **problem_responses(400, 403, 429)},
    )
    def post(self, request: Request) -> Response:
        """Open a session. An unknown name, a wrong password and a closed account get the same answer."""
        enforce_csrf(request)
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request._request, **given.validated_data)
        if not isinstance(user, User):
            raise ValidationError("The user name or the password is not right.")
        login(request._request, user)
        return Response(_me(user))


@extend_schema(tags=["Sign-in"])
class SignOutView(APIView):
    @extend_schema(operation_id="sign_out", request=None, responses={204: None, **problem_responses(401, 403)})
    def post(self, request: Request) -> Response:
        """Close the session."""
        logout(request._request)
        return Response(status=204)


@extend_schema(tags=["Sign-in"])
class MeView(APIView):
    @extend_schema(operation_id="get_me", responses={200: MeSerializer, **problem_responses(401)})
    def get(self, request: Request) -> Response:
        """Who is signed in, and what they may do where."""
        return Response(_me(signed_in(request)))


def _me(user: User) -> dict[str, Any]:
    values = {
        "id": user.pk,
        "username": user.get_username(),
        "name": user.get_full_name() or user.get_username(),
        "is_superuser": user.is_superuser,
        "projects": projects_of(user),
    }
    return dict(MeSerializer(values).data)


@extend_schema_view(
    get=extend_schema(tags=["Projects"], operation_id="list_projects", responses=ProjectSerializer(many=True))
)
class ProjectsView(ListAPIView[Project]):
    """The projects that you are a member of, by name of their slug."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    keyset_orderings = {"slug": ("slug",)}

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(signed_in(self.request))


@extend_schema_view(
    get=extend_schema(
        tags=["Projects"],
        operation_id="get_project",
        responses={200: ProjectSerializer, **problem_responses(401, 404)},
    )
)
class ProjectView(RetrieveAPIView[Project]):
    """One project."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(signed_in(self.request))


def runs_of(user: User) -> QuerySet[Run]:
    seen = Run.objects.filter(project__in=visible_projects(user))
    return seen.select_related("project", "config_version", "requested_by")


@extend_schema(tags=["Runs"])
class RunsView(ListAPIView[Run]):
    """Reading runs. What can be run is known above: the floor that has the pipeline adds the start."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Run]:
        return runs_of(signed_in(self.request)).filter(project=required_project(self.request))

    @extend_schema(
        operation_id="list_runs",
        parameters=[PROJECT_PARAMETER],
        responses={200: RunSerializer(many=True), **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project's runs, the newest first."""
        return super().get(request, *args, **kwargs)


@extend_schema_view(
    get=extend_schema(
        tags=["Runs"], operation_id="get_run", responses={200: RunSerializer, **problem_responses(401, 404)}
    )
)
class RunView(RetrieveAPIView[Run]):
    """One run."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        return runs_of(signed_in(self.request))


@extend_schema(tags=["Runs"])
class RunCancelView(APIView):
    @extend_schema(
        operation_id="cancel_run",
        request=None,
        responses={200: RunSerializer, **problem_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Stop a queued run at once, a running one at its next batch. 409 when it has ended."""
        user = signed_in(request)
        run = get_object_or_404(runs_of(user), pk=pk)
        require_role(user, run.project, Role.REVIEWER)
        return Response(RunSerializer(runs.request_cancel(run, by=user)).data)


@extend_schema_view(
    get=extend_schema(
        tags=["Runs"],
        operation_id="list_run_events",
        parameters=[
            OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH),
            OpenApiParameter("after", OpenApiTypes.INT, description="only events with a greater `seq`"),
        ],
        responses={200: RunEventSerializer(many=True), **problem_responses(400, 401, 404)},
    )
)
class RunEventsView(ListAPIView[RunEvent]):
    """What a run has told so far, in order: the same messages as the socket sends."""

    queryset = RunEvent.objects.all()
    serializer_class = RunEventSerializer
    keyset_orderings = {"seq": ("seq",)}

    def get_queryset(self) -> QuerySet[RunEvent]:
        run = get_object_or_404(runs_of(signed_in(self.request)), pk=self.kwargs["pk"])
        after = read_seq(self.request.query_params.get("after", "0"))
        if after is None:
            raise ValidationError({"after": ["is the `seq` of an event: a whole number from 0"]})
        return RunEvent.objects.filter(run=run, seq__gt=after)


def read_seq(text: str) -> int | None:
    """A sequence number from a query string; None when it is not one."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEQ))):
        return None
    return int(text) if int(text) <= MAX_SEQ else None


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


@require_safe
@never_cache
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation on one page, without scripts or anything from elsewhere."""
    response = render(request, "core/api_docs.html", {"tags": _operations_by_tag()})
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return response


@cache
def _operations_by_tag() -> list[dict[str, Any]]:
    """The schema as the page shows it; it cannot change while the process lives."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            shown = _shown(path, method, operation)
            tags.setdefault(operation.get("tags", ["Other"])[0], []).append(shown)
    return [{"name": name, "operations": tags[name]} for name in sorted(tags)]


def _shown(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "description": operation.get("description", ""),
        "is_open": {} in operation.get("security", [{}]) or not operation.get("security"),
        "parameters": operation.get("parameters", []),
        "body": [_type_name(media["schema"]) for media in body.values()][:1],
        "responses": [
            {
                "status": status,
                "body": [_type_name(m.get("schema", {})) for m in answer.get("content", {}).values()][:1],
            }
            for status, answer in sorted(operation["responses"].items())
        ],
    }


def _type_name(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "items" in schema:
        return f"list of {_type_name(schema['items'])}"
    return str(schema.get("type", "any"))
