"""The API of the review desk: put off, assign, hold, many at once, take back."""

from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Role
from signalops_site.core.problems import problem_responses

from . import serializers as shared
from . import serializers_desk as shapes
from .models import Lead
from .serializers_holds import HoldSerializer
from .services import desk, holds, undoing
from .services.bulk import DraftAct, LeadAct, Wish, decide_on_drafts, decide_on_leads
from .services.lead_exports import export_leads
from .views import LeadViewSet, QueueViewSet

READ = problem_responses(400, 401, 403, 404)
ACT = problem_responses(400, 401, 403, 404, 409)


class LeadDeskViewSet(LeadViewSet):
    @extend_schema(
        operation_id="leads_snooze",
        request=shapes.SnoozeSerializer,
        responses={200: shared.LeadDetailSerializer, **ACT},
    )
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: int) -> Response:
        """Put a lead off: it is in no list until then, and back by itself. `until: null` wakes it."""
        lead = self._lead_to_change(pk)
        _snooze(lead, request)
        return self._present(pk)

    @extend_schema(
        operation_id="leads_assign",
        request=shapes.AssignSerializer,
        responses={200: shared.LeadDetailSerializer, **ACT},
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: int) -> Response:
        """Give a lead to somebody who reviews in its project, or to nobody."""
        lead = self._lead_to_change(pk)
        _assign(lead, request)
        return self._present(pk)


class QueueDeskViewSet(QueueViewSet):
    @extend_schema(
        operation_id="queue_snooze",
        request=shapes.SnoozeSerializer,
        responses={200: shared.QueueItemSerializer, **ACT},
    )
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: int) -> Response:
        """Put a draft that waits, and its lead, off. `until: null` wakes them."""
        draft = self._draft_to_decide(pk)
        _snooze(draft, request)
        return self._present(pk)

    @extend_schema(
        operation_id="queue_assign",
        request=shapes.AssignSerializer,
        responses={200: shared.QueueItemSerializer, **ACT},
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: int) -> Response:
        """Give the lead of a draft that waits to somebody, or to nobody."""
        draft = self._draft_to_decide(pk)
        _assign(draft, request)
        return self._present(pk)

    @extend_schema(operation_id="queue_hold", request=None, responses={200: HoldSerializer, **ACT})
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: int) -> Response:
        """Say that you have a draft before you, for 90 seconds; again before they are over, to go on.

        The answer says who has it: not you, where somebody else was first. Nobody is kept from deciding by it.
        """
        draft = self._draft_to_decide(pk)
        return Response(HoldSerializer(holds.hold_draft(draft, by=signed_in(request))).data)

    @extend_schema(
        operation_id="queue_release", request=None, responses={204: None, **problem_responses(401, 403, 404)}
    )
    @hold.mapping.delete
    def release(self, request: Request, pk: int) -> Response:
        """Let go of a draft that you hold. A decision does so by itself."""
        holds.release_hold(self._draft_to_decide(pk), by=signed_in(request))
        return Response(status=204)


class QueueBulkView(APIView):
    @extend_schema(
        operation_id="queue_bulk",
        tags=["queue"],
        request=shapes.QueueBulkSerializer,
        responses={200: shapes.BulkResultsSerializer, **READ},
    )
    def post(self, request: Request) -> Response:
        """Decide on up to 200 drafts in one way, each by itself: one that is refused says why, and holds no other
        back. `reject` takes a `reason`, `snooze` an `until`, `assign` a `to`.
        """
        project = project_in_body(request, role=Role.REVIEWER)
        given = _read(shapes.QueueBulkSerializer, request)
        act, ids = DraftAct(given["act"]), given["drafts"]
        done = decide_on_drafts(project, ids, act=act, wish=_wish(given), by=signed_in(request))
        return Response(shapes.BulkResultsSerializer({"results": done}).data)


class LeadsBulkView(APIView):
    @extend_schema(
        operation_id="leads_bulk",
        tags=["leads"],
        request=shapes.LeadsBulkSerializer,
        responses={200: shapes.BulkResultsSerializer, **READ},
    )
    def post(self, request: Request) -> Response:
        """Label, put off or assign up to 200 leads, each by itself: one that is refused says why, and holds no
        other back. `label` takes a `label` (and a `reason`), `snooze` an `until`, `assign` a `to`.
        """
        project = project_in_body(request, role=Role.REVIEWER)
        given = _read(shapes.LeadsBulkSerializer, request)
        act, ids = LeadAct(given["act"]), given["leads"]
        done = decide_on_leads(project, ids, act=act, wish=_wish(given), by=signed_in(request))
        return Response(shapes.BulkResultsSerializer({"results": done}).data)


class LeadsExportView(APIView):
    @extend_schema(
        operation_id="leads_export",
        tags=["leads"],
        request=shapes.LeadsExportSerializer,
        responses={(200, "text/csv"): OpenApiTypes.STR, **READ},
    )
    def post(self, request: Request) -> HttpResponse:
        """Up to 200 leads as a CSV file. Whoever is on the do-not-contact list is left out; the header
        `X-Left-Out` says how many are.
        """
        project = project_in_body(request, role=Role.REVIEWER)
        given = _read(shapes.LeadsExportSerializer, request)
        made = export_leads(project, given["leads"], by=signed_in(request))
        headers = {
            "Content-Disposition": f'attachment; filename="leads-{project.slug}.csv"',
            "Cache-Control": "no-store",
            "X-Left-Out": str(made.left_out),
        }
        return HttpResponse(made.content, content_type="text/csv; charset=utf-8", headers=headers)


class UndoView(APIView):
    @extend_schema(
        operation_id="queue_undoable",
        tags=["queue"],
        parameters=[PROJECT_PARAMETER],
        responses={200: shapes.OwnDecisionsSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """What you may still take back: of your newest 20 decisions in the project, the latest first."""
        project = required_project(request, role=Role.REVIEWER)
        mine = undoing.undoable(project, by=signed_in(request))
        return Response({"results": shapes.OwnDecisionSerializer(mine, many=True).data})

    @extend_schema(
        operation_id="queue_undo_latest",
        tags=["queue"],
        request=shapes.UndoSerializer,
        responses={200: shapes.UndoneSerializer, **ACT},
    )
    def post(self, request: Request) -> Response:
        """Take back your latest decision in the project, or the one named. The answer says which it was."""
        project, by = project_in_body(request, role=Role.REVIEWER), signed_in(request)
        given = _read(shapes.UndoSerializer, request)
        if "decision" in given:
            decision = undoing.undo_one(given["decision"], project=project, by=by)
        else:
            decision = undoing.undo_latest(project, by=by)
        item = presented_item(request, decision.draft_id) if decision.draft_id else None
        return Response({"decision": shapes.OwnDecisionSerializer(decision).data, "item": item})


class AssigneesView(APIView):
    @extend_schema(
        operation_id="queue_assignees",
        tags=["queue"],
        parameters=[PROJECT_PARAMETER],
        responses={200: shapes.AssigneesSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """Whom leads of the project can be given to, by name."""
        people = desk.reviewers_of(required_project(request))
        return Response({"results": shapes.AssigneeSerializer(people, many=True).data})


def presented_item(request: Request, draft_id: int) -> Any:
    """A draft as the queue presents it."""
    view = QueueViewSet(request=request, format_kwarg=None)
    return view.get_serializer(view.get_queryset().get(pk=draft_id)).data


def _snooze(subject: desk.Subject, request: Request) -> None:
    given = _read(shapes.SnoozeSerializer, request)
    by, seconds = signed_in(request), given["seconds_spent"]
    if given["until"] is None:
        desk.wake_lead(subject, by=by, seconds_spent=seconds)
    else:
        desk.snooze_lead(subject, until=given["until"], by=by, seconds_spent=seconds)


def _assign(subject: desk.Subject, request: Request) -> None:
    given = _read(shapes.AssignSerializer, request)
    project = subject.project if isinstance(subject, Lead) else subject.lead.project
    to = desk.reviewer_called(given["to"], project) if given["to"] is not None else None
    desk.assign_lead(subject, to=to, by=signed_in(request), seconds_spent=given["seconds_spent"])


def _wish(given: dict[str, Any]) -> Wish:
    names = ("reason", "until", "to", "label")
    return Wish(**{name: given[name] for name in names if name in given})


def _read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return cast("dict[str, Any]", given.validated_data)
