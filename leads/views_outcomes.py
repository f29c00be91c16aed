"""The API of outcomes: what came of a lead's replies, recording and taking back by hand, and counts."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role, visible_project, visible_projects
from signalops_site.core.problems import problem_responses

from . import serializers_outcomes as shapes
from .models import DeliveryStatus, Lead, Outcome
from .outcomes.recording import record_by_hand, withdraw_outcome
from .outcomes.stats import outcome_stats

READ = problem_responses(400, 401, 404)
WRITE = problem_responses(400, 401, 403, 404, 409)


@extend_schema(tags=["Outcomes"])
class LeadOutcomesView(APIView):
    @extend_schema(
        operation_id="lead_outcomes",
        responses={200: shapes.OutcomesSerializer, **problem_responses(401, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What came of what was sent to the lead's author, the newest first; what was taken back among it."""
        lead = _lead(request, pk)
        found = Outcome.objects.filter(draft__lead=lead).select_related("by", "withdrawn_by")
        is_sent = lead.drafts.filter(delivery__status=DeliveryStatus.SENT).exists()
        return Response(shapes.OutcomesSerializer({"may_record": is_sent, "results": found}).data)

    @extend_schema(
        operation_id="record_outcome",
        request=shapes.RecordOutcomeSerializer,
        responses={201: shapes.OutcomeSerializer, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record what you know to have come of it. A negative one pauses the project's sending for a day."""
        lead = _lead(request, pk)
        require_role(signed_in(request), lead.project, Role.REVIEWER)
        given = _read(shapes.RecordOutcomeSerializer, request.data)
        outcome = record_by_hand(
            lead,
            kind=given["type"],
            draft_id=given["draft"],
            reference=given["reference"],
            note=given["note"],
            by=signed_in(request),
        )
        return Response(shapes.OutcomeSerializer(outcome).data, status=201)


@extend_schema(tags=["Outcomes"])
class WithdrawOutcomeView(APIView):
    @extend_schema(
        operation_id="withdraw_outcome",
        request=None,
        responses={200: shapes.OutcomeSerializer, **problem_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say that an outcome is none. It counts no more, and is not found again; what it set off stays."""
        visible = Outcome.objects.filter(project__in=visible_projects(request.user))
        outcome = get_object_or_404(visible, pk=pk)
        return Response(shapes.OutcomeSerializer(withdraw_outcome(outcome, by=signed_in(request))).data)


@extend_schema(tags=["Outcomes"])
class OutcomeStatsView(APIView):
    @extend_schema(
        operation_id="stats_outcomes",
        parameters=[shapes.OutcomeStatsQuerySerializer],
        responses={200: shapes.OutcomeStatsSerializer, **READ},
    )
    def get(self, request: Request) -> Response:
        """What came of the replies that a project sent in the last days."""
        given = _read(shapes.OutcomeStatsQuerySerializer, request.query_params)
        project = visible_project(signed_in(request), given["project"])
        return Response(shapes.OutcomeStatsSerializer(outcome_stats(project, days=given["days"])).data)


def _lead(request: Request, pk: int) -> Lead:
    leads = Lead.objects.filter(project__in=visible_projects(request.user)).select_related("project")
    return get_object_or_404(leads, pk=pk)


def _read(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return cast("dict[str, Any]", given.validated_data)
