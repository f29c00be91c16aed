"""The API of sequences: how leads are followed up, putting one in, and stopping."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.filters import StrictFilterSet
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role, visible_projects
from signalops_site.core.problems import problem_responses

from .models import Lead, Sequence
from .selectors import leads_of
from .sequences.enrolment import enrol_lead
from .sequences.exits import stop_sequence
from .sequences.plans import PLANS
from .sequences.standing import whole
from .serializers_sequences import EnrolSerializer, PlansSerializer, SequenceSerializer

READ = problem_responses(400, 401, 404)
WRITE = problem_responses(400, 401, 403, 404, 409)
BIGGEST = 2**63


class SequenceFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="as_it_is", label="the project's slug")
    lead = django_filters.NumberFilter(method="of_lead", label="a lead's id")
    open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull", label="`true`: under way")

    class Meta:
        model = Sequence
        fields: list[str] = []

    def as_it_is(self, rows: QuerySet[Sequence], _name: str, _slug: str) -> QuerySet[Sequence]:
        """The view has seen to it."""
        return rows

    def of_lead(self, rows: QuerySet[Sequence], _name: str, lead: Any) -> QuerySet[Sequence]:
        return rows.filter(lead=int(lead)) if 0 < lead < BIGGEST else rows.none()


@extend_schema(tags=["Sequences"])
class SequencesView(ListAPIView[Sequence]):
    queryset = Sequence.objects.all()
    serializer_class = SequenceSerializer
    filterset_class = SequenceFilter
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Sequence]:
        return whole(Sequence.objects.filter(lead__project=required_project(self.request)))

    @extend_schema(
        operation_id="list_sequences",
        parameters=[PROJECT_PARAMETER],
        responses={200: SequenceSerializer(many=True), **READ},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which of a project's leads are followed up or were, the newest first, and how far each step is."""
        return super().get(request, *args, **kwargs)


class LeadSequenceView(APIView):
    @extend_schema(
        operation_id="enrol_lead",
        tags=["Sequences"],
        request=EnrolSerializer,
        responses={201: SequenceSerializer, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Follow a lead up by a plan. Its steps come to the queue as drafts; nothing leaves without a person.

        409 when the lead is in a sequence already, has no reply to follow up on, or may not be followed up.
        """
        by = signed_in(request)
        leads = leads_of(visible_projects(by)).select_related("project")
        lead: Lead = get_object_or_404(leads, pk=pk)
        require_role(by, lead.project, Role.REVIEWER)
        shape = EnrolSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        return Response(_presented(enrol_lead(lead, plan=shape.validated_data["plan"], by=by)), status=201)


class PlansView(APIView):
    @extend_schema(
        operation_id="list_plans",
        tags=["Sequences"],
        responses={200: PlansSerializer, **problem_responses(401)},
    )
    def get(self, _request: Request) -> Response:
        """The plans by which a lead can be followed up."""
        return Response(PlansSerializer({"results": list(PLANS.values())}).data)


class StopSequenceView(APIView):
    @extend_schema(
        operation_id="stop_sequence",
        tags=["Sequences"],
        request=None,
        responses={200: SequenceSerializer, **problem_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Follow up no more. Its draft that has not left is withdrawn. 409 when it is over already."""
        by = signed_in(request)
        seen = Sequence.objects.filter(lead__project__in=visible_projects(by)).select_related("lead__project")
        sequence: Sequence = get_object_or_404(seen, pk=pk)
        return Response(_presented(stop_sequence(sequence, by=by)))


def _presented(sequence: Sequence) -> Any:
    return SequenceSerializer(whole(Sequence.objects.filter(pk=sequence.pk)).get()).data
