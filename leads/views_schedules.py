"""The API of schedules: when a project's pipeline runs by itself."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role, visible_projects
from signalops_site.core.problems import problem_responses

from .models import RunSchedule
from .serializers_schedules import ChangeScheduleSerializer, CreateScheduleSerializer, RunScheduleSerializer
from .services import schedules
from .services.schedules import Times


def schedules_of(user: User) -> QuerySet[RunSchedule]:
    seen = RunSchedule.objects.filter(project__in=visible_projects(user))
    return seen.select_related("project", "clock", "last_run", "paused_by")


@extend_schema(tags=["Runs"])
class SchedulesView(ListAPIView[RunSchedule]):
    queryset = RunSchedule.objects.all()
    serializer_class = RunScheduleSerializer
    keyset_orderings = {"label": ("label", "id")}

    def get_queryset(self) -> QuerySet[RunSchedule]:
        return schedules_of(signed_in(self.request)).filter(project=required_project(self.request))

    @extend_schema(
        operation_id="list_schedules",
        parameters=[PROJECT_PARAMETER],
        responses={200: RunScheduleSerializer(many=True), **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project's schedules, by label. All times are UTC."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="create_schedule",
        request=CreateScheduleSerializer,
        responses={201: RunScheduleSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Have the pipeline run by itself: every so many minutes, or at the times of a cron text (UTC).

        Its first run is after the first period. 409 when the project has a schedule of that label.
        """
        project = project_in_body(request, role=Role.REVIEWER)
        shape = CreateScheduleSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        schedule = schedules.create_schedule(
            project,
            label=given["label"],
            times=Times.parse(every_minutes=given.get("every_minutes"), cron=given.get("cron", "")),
            options=schedules.parse_options(given.get("options", {})),
            by=signed_in(request),
        )
        return Response(RunScheduleSerializer(schedule).data, status=201)


@extend_schema(tags=["Runs"])
class ScheduleView(APIView):
    @extend_schema(
        operation_id="change_schedule",
        request=ChangeScheduleSerializer,
        responses={200: RunScheduleSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given. New times count from now; `options` are replaced as a whole."""
        schedule = _schedule_to_change(request, pk)
        shape = ChangeScheduleSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        timed = "every_minutes" in given or "cron" in given
        changed = schedules.change_schedule(
            schedule,
            label=given.get("label"),
            times=Times.parse(every_minutes=given.get("every_minutes"), cron=given.get("cron", ""))
            if timed
            else None,
            options=schedules.parse_options(given["options"]) if "options" in given else None,
            by=signed_in(request),
        )
        return Response(RunScheduleSerializer(changed).data)

    @extend_schema(operation_id="remove_schedule", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a schedule. The runs that it started stay."""
        schedules.remove(_schedule_to_change(request, pk), by=signed_in(request))
        return Response(status=204)


@extend_schema(tags=["Runs"])
class SchedulePauseView(APIView):
    @extend_schema(
        operation_id="pause_schedule",
        request=None,
        responses={200: RunScheduleSerializer, **problem_responses(401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Start no run from now on. One that is live goes on."""
        paused = schedules.pause(_schedule_to_change(request, pk), by=signed_in(request))
        return Response(RunScheduleSerializer(paused).data)


@extend_schema(tags=["Runs"])
class ScheduleResumeView(APIView):
    @extend_schema(
        operation_id="resume_schedule",
        request=None,
        responses={200: RunScheduleSerializer, **problem_responses(401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Go on from now. What it would have run while it was paused is not caught up."""
        resumed = schedules.resume(_schedule_to_change(request, pk), by=signed_in(request))
        return Response(RunScheduleSerializer(resumed).data)


def _schedule_to_change(request: Request, pk: int) -> RunSchedule:
    """Asked for before a body is read."""
    user = signed_in(request)
    schedule: RunSchedule = get_object_or_404(schedules_of(user), pk=pk)
    require_role(user, schedule.project, Role.REVIEWER)
    return schedule
