"""Runs and their events."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import runs
from ..authentication import signed_in
from ..models import Role, Run, RunEvent
from ..permissions import require_role, visible_projects
from ..problems import problem_responses
from ..serializers import RunEventSerializer, RunSerializer
from .base import PROJECT_PARAMETER, required_project

MAX_SEQ = 2**63 - 1


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
