"""The API of sending: preview, confirm, send by hand, pause and resume."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import (
    PROJECT_PARAMETER,
    project_in_body,
    project_or_all_in_body,
    required_project,
)
from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Role
from signalops_site.core.pauses import pause_sending, pauses_of, resume_sending
from signalops_site.core.permissions import require_role, visible_projects
from signalops_site.core.problems import problem_responses

from . import serializers_sending as shapes
from .models import Draft
from .selectors import queue_item
from .sending.assist import mark_not_posted, mark_posted, start_assist
from .sending.enqueue import enqueue_many
from .sending.preview import preview_sending

READ = problem_responses(400, 401, 404)
ACT = problem_responses(400, 401, 403, 404, 409)
TAGS = ["queue"]


class SendPreviewView(APIView):
    @extend_schema(
        operation_id="queue_send_preview",
        tags=TAGS,
        parameters=[PROJECT_PARAMETER],
        responses={200: shapes.SendPreviewSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """What a send would do with each approved draft, now. Nothing is written."""
        preview = preview_sending(required_project(request))
        return Response(shapes.SendPreviewSerializer(preview).data)


class SendView(APIView):
    @extend_schema(
        operation_id="queue_send",
        tags=TAGS,
        request=shapes.SendSerializer,
        responses={200: shapes.SendResultsSerializer, **ACT},
    )
    def post(self, request: Request) -> Response:
        """Send these approved drafts by API, each as soon as its gates open. One refused holds no other back."""
        project = project_in_body(request, role=Role.REVIEWER)
        given = _read(shapes.SendSerializer, request)
        given.pop("project")
        done = enqueue_many(project, given.pop("drafts"), by=signed_in(request), **given)
        return Response(shapes.SendResultsSerializer({"results": done}).data)


class AssistView(APIView):
    @extend_schema(
        operation_id="queue_assist",
        tags=TAGS,
        request=shapes.AssistRequestSerializer,
        responses={200: shapes.AssistSerializer, **ACT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take an approved draft to post it yourself: the reply box's address, and the text. Then say `posted`."""
        draft = _draft_to_send(request, pk)
        given = _read(shapes.AssistRequestSerializer, request)
        assist = start_assist(draft, by=signed_in(request), **given)
        return Response(shapes.AssistSerializer(assist).data)


class PostedView(APIView):
    @extend_schema(
        operation_id="queue_posted",
        tags=TAGS,
        request=shapes.PostedSerializer,
        responses={200: shapes.DeliverySerializer, **ACT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say whether a reply is there: one that was taken to be posted by hand, or one that is `unknown`."""
        draft, by = _draft_to_send(request, pk), signed_in(request)
        given = _read(shapes.PostedSerializer, request)
        posted = given["posted"]
        delivery = mark_posted(draft, by=by, url=given["url"]) if posted else mark_not_posted(draft, by=by)
        return Response(shapes.DeliverySerializer(delivery).data)


class PausesView(APIView):
    @extend_schema(
        operation_id="queue_pauses",
        tags=TAGS,
        parameters=[PROJECT_PARAMETER],
        responses={200: shapes.PausesSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """What holds a project's sending back now: pauses of its own, and of all projects."""
        pauses = pauses_of(required_project(request))
        return Response({"results": shapes.PauseSerializer(pauses, many=True).data})


class PauseView(APIView):
    @extend_schema(
        operation_id="queue_pause",
        tags=TAGS,
        request=shapes.PauseRequestSerializer,
        responses={201: shapes.PauseSerializer, **ACT},
    )
    def post(self, request: Request) -> Response:
        """Send nothing from now on: of a project, or of all (which takes a superuser)."""
        project = project_or_all_in_body(request, role=Role.REVIEWER)
        given = _read(shapes.PauseRequestSerializer, request)
        pause = pause_sending(project, by=signed_in(request), why=given["why"], until=given["until"])
        return Response(shapes.PauseSerializer(pause).data, status=201)


class ResumeView(APIView):
    @extend_schema(
        operation_id="queue_resume",
        tags=TAGS,
        request=shapes.ResumeRequestSerializer,
        responses={200: shapes.PausesSerializer, **ACT},
    )
    def post(self, request: Request) -> Response:
        """End the pauses of a project, or those of all; the answer names them. 409 when there is none."""
        project = project_or_all_in_body(request, role=Role.REVIEWER)
        _read(shapes.ResumeRequestSerializer, request)
        ended = resume_sending(project, by=signed_in(request))
        return Response({"results": shapes.PauseSerializer(ended, many=True).data})


def _draft_to_send(request: Request, pk: int) -> Draft:
    """Before a body is read."""
    user = signed_in(request)
    draft = queue_item(visible_projects(user), draft_id=pk)
    require_role(user, draft.lead.project, Role.REVIEWER)
    return draft


def _read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return cast("dict[str, Any]", given.validated_data)
