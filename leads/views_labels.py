"""The API of the blind lane: parse, call one function, present."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.errors import NotFound
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, visible_projects
from signalops_site.core.problems import problem_responses

from .models import LabelTask
from .serializers_labels import (
    AnswerLabelSerializer,
    NextLabelSerializer,
    UndoLabelSerializer,
    WaitingLabelsSerializer,
)
from .services import label_tasks

MOST_HELD = 20
HELD = OpenApiParameter(
    "held", str, description="ids of tasks that you have already and do not want again, with commas between"
)
READ = problem_responses(400, 401, 403, 404)
WRITE = problem_responses(400, 401, 403, 404, 409)


@extend_schema(tags=["Labels"])
class LabelsView(APIView):
    @extend_schema(
        operation_id="count_label_tasks",
        parameters=[PROJECT_PARAMETER],
        responses={200: WaitingLabelsSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """How many posts wait for your blind answer. Nothing is handed out."""
        project = required_project(request, role=Role.REVIEWER)
        return Response({"waiting": label_tasks.count_tasks(project, by=signed_in(request))})


@extend_schema(tags=["Labels"])
class NextLabelView(APIView):
    @extend_schema(
        operation_id="next_label_task",
        parameters=[PROJECT_PARAMETER, HELD],
        responses={200: NextLabelSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """The next post to label, as its platform shows it. It is yours for ten minutes.

        Asked again, the same one comes, unless it stands in `held`: so the next can be fetched ahead.
        """
        project = required_project(request, role=Role.REVIEWER)
        held = _ids(request.query_params.get("held", ""))
        return _present(label_tasks.next_task(project, by=signed_in(request), held=held), project, request)


@extend_schema(tags=["Labels"])
class AnswerLabelView(APIView):
    @extend_schema(
        operation_id="answer_label_task",
        request=AnswerLabelSerializer,
        responses={200: WaitingLabelsSerializer, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say what the post is. The same answer again changes nothing.

        409 when the task is not yours, or was answered otherwise.
        """
        task = _task(request, pk)
        given = _read(AnswerLabelSerializer, request)
        label_tasks.answer_task(task, label=given["label"], by=signed_in(request), seconds_spent=given["seconds"])
        return _waiting(task.project, request)


@extend_schema(tags=["Labels"])
class SkipLabelView(APIView):
    @extend_schema(operation_id="skip_label_task", request=None, responses={200: WaitingLabelsSerializer, **WRITE})
    def post(self, request: Request, pk: int) -> Response:
        """Leave the post to others: you are not asked about it again."""
        task = _task(request, pk)
        label_tasks.skip_task(task, by=signed_in(request))
        return _waiting(task.project, request)


@extend_schema(tags=["Labels"])
class UndoLabelView(APIView):
    @extend_schema(
        operation_id="undo_label_answer",
        request=UndoLabelSerializer,
        responses={200: NextLabelSerializer, **WRITE},
    )
    def post(self, request: Request) -> Response:
        """Take back your last answer in the project; its post is yours to answer again."""
        project = project_in_body(request, role=Role.REVIEWER)
        _read(UndoLabelSerializer, request)
        task = label_tasks.undo_answer(project, by=signed_in(request))
        return _present(task, project, request)


def _tasks_of(request: Request) -> QuerySet[LabelTask]:
    return LabelTask.objects.filter(project__in=visible_projects(request.user)).select_related("project")


def _task(request: Request, pk: int) -> LabelTask:
    """Asked for before a body is read: whoever may not answer learns nothing of what an answer must hold."""
    task = _tasks_of(request).filter(pk=pk).first()
    if task is None:
        raise NotFound("Nobody is asked about this post any more, or it is not yours to see.")
    require_role(signed_in(request), task.project, Role.REVIEWER)
    return task


def _present(task: LabelTask | None, project: Project, request: Request) -> Response:
    waiting = label_tasks.count_tasks(project, by=signed_in(request))
    return Response(NextLabelSerializer({"task": task, "waiting": waiting}).data)


def _waiting(project: Project, request: Request) -> Response:
    return Response({"waiting": label_tasks.count_tasks(project, by=signed_in(request))})


def _read(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _ids(text: str) -> list[int]:
    parts = [part for part in text.split(",") if part]
    is_whole = all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts)
    if not is_whole or len(parts) > MOST_HELD:
        raise ValidationError({"held": [f"at most {MOST_HELD} ids with commas between, such as 4,7"]})
    return [int(part) for part in parts]
