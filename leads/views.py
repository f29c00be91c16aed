"""The API of leads, the review queue and the counts: parse, call one function, present."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import project_in_body
from signalops_site.core.api.runs import RunsView, runs_of
from signalops_site.core.authentication import signed_in
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, visible_project, visible_projects
from signalops_site.core.problems import problem_responses
from signalops_site.core.serializers import RunSerializer, RunStartSerializer

from . import selectors
from . import serializers as shapes
from .filters import LeadFilter, QueueFilter
from .models import Draft, Lead
from .pipeline.runner import RunOptions
from .replying import ReplyPolicies
from .services import labels, notes, review, undoing
from .services.review import most_characters
from .services.runs import queue_run, retry_run

READ = problem_responses(401, 404)
LIST = problem_responses(400, 401, 404)
WRITE = problem_responses(400, 401, 403, 404)
DECIDE = problem_responses(400, 401, 403, 404, 409)


class LeadViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Lead]):
    serializer_class = shapes.LeadRowSerializer
    filterset_class = LeadFilter
    keyset_orderings = {"score": ("-score", "-id"), "created": ("-created_at", "-id")}

    def get_queryset(self) -> QuerySet[Lead]:
        return selectors.lead_rows(visible_projects(self.request.user))

    @extend_schema(operation_id="leads_list", responses={200: shapes.LeadRowSerializer(many=True), **LIST})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Leads of all projects that you may see, or of one."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="leads_retrieve", responses={200: shapes.LeadDetailSerializer, **READ})
    def retrieve(self, request: Request, pk: int) -> Response:
        """Everything that is known of a lead."""
        return self._present(pk)

    @extend_schema(
        operation_id="leads_label",
        request=shapes.LabelLeadSerializer,
        responses={200: shapes.LeadDetailSerializer, **WRITE},
    )
    @action(detail=True, methods=["post"])
    def label(self, request: Request, pk: int) -> Response:
        """Say what a lead is. The next run scores it again."""
        lead = self._lead_to_change(pk)
        labels.label_lead(lead, by=signed_in(request), **_read(shapes.LabelLeadSerializer, request.data))
        return self._present(pk)

    @extend_schema(
        operation_id="leads_note",
        request=shapes.NoteSerializer,
        responses={200: shapes.LeadDetailSerializer, **WRITE},
    )
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: int) -> Response:
        """Write what is to be remembered of a lead; an empty text removes it."""
        lead = self._lead_to_change(pk)
        notes.write_note(lead, by=signed_in(request), **_read(shapes.NoteSerializer, request.data))
        return self._present(pk)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "replies": ReplyPolicies()}

    def _present(self, pk: int) -> Response:
        return Response(shapes.LeadDetailSerializer(self._detail(pk), context=self.get_serializer_context()).data)

    def _lead_to_change(self, pk: int) -> Lead:
        """Asked for before a body is read: whoever may not change it learns nothing of what a body must hold."""
        lead = self._detail(pk)
        require_role(signed_in(self.request), lead.project, Role.REVIEWER)
        return lead

    def _detail(self, pk: int) -> Lead:
        return selectors.lead_detail(visible_projects(self.request.user), lead_id=pk)


class ReplyLimits:
    """How long replies may be, reading each project's configuration once per request."""

    def __init__(self) -> None:
        self._documents: dict[int, ProjectDocument] = {}

    def of(self, draft: Draft) -> int:
        project = draft.lead.project
        if project.pk not in self._documents:
            self._documents[project.pk] = active_document(project)
        return most_characters(draft.lead.post, document=self._documents[project.pk])


class QueueViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Draft]):
    serializer_class = shapes.QueueItemSerializer
    filterset_class = QueueFilter
    keyset_orderings = {"score": ("-lead__score", "-id")}
    keyset_page_size = 20  # each holds all that a reviewer reads

    def get_queryset(self) -> QuerySet[Draft]:
        return selectors.queue_items(visible_projects(self.request.user))

    def get_serializer_context(self) -> dict[str, Any]:
        return {
            **super().get_serializer_context(),
            "reply_limits": ReplyLimits(),
            "replies": ReplyPolicies(),
        }

    @extend_schema(operation_id="queue_list", responses={200: shapes.QueueItemSerializer(many=True), **LIST})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Drafts with all that is needed to decide on them, the best leads first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="queue_retrieve", responses={200: shapes.QueueItemSerializer, **READ})
    def retrieve(self, request: Request, pk: int) -> Response:
        return self._present(pk)

    @extend_schema(
        operation_id="queue_approve",
        request=shapes.ApproveDraftSerializer,
        responses={200: shapes.QueueItemSerializer, **DECIDE},
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Approve the text as it is. Approving sends nothing."""
        draft = self._draft_to_decide(pk)
        review.approve_draft(draft, by=signed_in(request), **_read(shapes.ApproveDraftSerializer, request.data))
        return self._present(pk)

    @extend_schema(
        operation_id="queue_edit",
        request=shapes.EditDraftSerializer,
        responses={200: shapes.QueueItemSerializer, **DECIDE},
    )
    @action(detail=True, methods=["post"])
    def edit(self, request: Request, pk: int) -> Response:
        """Approve with changes."""
        draft = self._draft_to_decide(pk)
        review.edit_draft(draft, by=signed_in(request), **_read(shapes.EditDraftSerializer, request.data))
        return self._present(pk)

    @extend_schema(
        operation_id="queue_reject",
        request=shapes.RejectDraftSerializer,
        responses={200: shapes.QueueItemSerializer, **DECIDE},
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: int) -> Response:
        """Reject. Only the reason `not_relevant` labels the lead as irrelevant."""
        draft = self._draft_to_decide(pk)
        review.reject_draft(draft, by=signed_in(request), **_read(shapes.RejectDraftSerializer, request.data))
        return self._present(pk)

    @extend_schema(operation_id="queue_undo", request=None, responses={200: shapes.QueueItemSerializer, **DECIDE})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take back your own decision on a draft."""
        undoing.undo_decision(self._draft(pk), by=signed_in(request))
        return self._present(pk)

    def _draft_to_decide(self, pk: int) -> Draft:
        """Before a body is read, as with leads."""
        draft = self._draft(pk)
        require_role(signed_in(self.request), draft.lead.project, Role.REVIEWER)
        return draft

    def _draft(self, pk: int) -> Draft:
        return selectors.queue_item(visible_projects(self.request.user), draft_id=pk)

    def _present(self, pk: int) -> Response:
        return Response(self.get_serializer(self._draft(pk)).data)


class StatsView(APIView):
    @extend_schema(
        operation_id="stats_retrieve",
        parameters=[shapes.ProjectQuerySerializer],
        responses={200: shapes.StatsSerializer, **LIST},
    )
    def get(self, request: Request) -> Response:
        """The project's counts."""
        given = _read(shapes.ProjectQuerySerializer, request.query_params)
        return Response(selectors.stats_counts(_project(request.user, given)))


class TimelineView(APIView):
    @extend_schema(
        operation_id="stats_timeline",
        parameters=[shapes.TimelineQuerySerializer],
        responses={200: shapes.TimelineSerializer, **LIST},
    )
    def get(self, request: Request) -> Response:
        """Counts by day (UTC), oldest first, today last."""
        given = _read(shapes.TimelineQuerySerializer, request.query_params)
        days = selectors.timeline(_project(request.user, given), days=given["days"])
        return Response({"results": shapes.DaySerializer(days, many=True).data})


def _read(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The checked values of a request; a 400 that names what is wrong otherwise."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return cast("dict[str, Any]", given.validated_data)


def _project(user: Any, given: Mapping[str, Any]) -> Project:
    return visible_project(cast("User", user), given["project"])


class PipelineRunsView(RunsView):
    """Core reads runs; the pipeline that they walk is known here."""

    @extend_schema(
        operation_id="start_run",
        tags=["Runs"],
        request=RunStartSerializer,
        responses={201: RunSerializer, **DECIDE},
    )
    def post(self, request: Request) -> Response:
        """Queue a run; a worker takes it. 409 while another one of the project is live."""
        project = project_in_body(request, role=Role.REVIEWER)
        given = _read(RunStartSerializer, request.data)
        given.pop("project")
        since = given.pop("since", None)
        options = RunOptions.parse(**given, since=since.isoformat() if since else None)
        run = queue_run(project, options, by=signed_in(request), trigger="api")
        return Response(RunSerializer(run).data, status=201)


class RunRetryView(APIView):
    @extend_schema(
        operation_id="retry_run",
        tags=["Runs"],
        request=None,
        responses={201: RunSerializer, **problem_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Start a failed, partial or cancelled run again, as a new one with the same options.

        What failed in its stages is tried at once, also what had been given up. 409 when it has not ended so,
        or while another run of the project is live.
        """
        user = signed_in(request)
        run = get_object_or_404(runs_of(user), pk=pk)
        require_role(user, run.project, Role.REVIEWER)
        return Response(RunSerializer(retry_run(run, by=user)).data, status=201)
