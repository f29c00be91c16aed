"""The API of the do-not-contact list: for operators, and for superusers where it holds for all projects."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from signalops_site.core.api.base import (
    PROJECT_PARAMETER,
    project_in_body,
    project_or_all_in_body,
    required_project,
)
from signalops_site.core.authentication import signed_in
from signalops_site.core.errors import DomainError
from signalops_site.core.filters import StrictFilterSet
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, require_superuser
from signalops_site.core.problems import problem_responses

from .identities import Identity, IdentityKind, identity_of, platforms
from .models import Suppression, SuppressionSource
from .serializers_suppressions import (
    AddSuppressionSerializer,
    CheckSuppressionSerializer,
    FoundSuppressionsSerializer,
    ImportedSuppressionsSerializer,
    ImportSuppressionsSerializer,
    SuppressionSerializer,
)
from .services import suppressions
from .suppression_files import read_lines, write_rows

READ = problem_responses(400, 401, 403, 404)
WRITE = problem_responses(400, 401, 403, 404, 409)
NAME = "do-not-contact.csv"


class SuppressionFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="as_it_is", label="the project's slug")
    kind = django_filters.ChoiceFilter(choices=IdentityKind.choices)
    source = django_filters.ChoiceFilter(choices=SuppressionSource.choices)

    class Meta:
        model = Suppression
        fields: list[str] = []

    def as_it_is(self, rows: QuerySet[Suppression], _name: str, _slug: str) -> QuerySet[Suppression]:
        """The view has seen to it, since it takes a role."""
        return rows


def entries_of(project: Project) -> QuerySet[Suppression]:
    """The project's, and those for all projects."""
    held = Suppression.objects.filter(Q(project=project) | Q(project__isnull=True))
    return held.select_related("project", "by")


@extend_schema(tags=["Do not contact"])
class SuppressionsView(ListAPIView[Suppression]):
    queryset = Suppression.objects.all()
    serializer_class = SuppressionSerializer
    filterset_class = SuppressionFilter
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Suppression]:
        return entries_of(required_project(self.request, role=Role.OPERATOR))

    @extend_schema(
        operation_id="list_suppressions",
        parameters=[PROJECT_PARAMETER],
        responses={200: SuppressionSerializer(many=True), **READ},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who is not contacted for a project, the newest entries first; those for all projects among them."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_suppression",
        request=AddSuppressionSerializer,
        responses={201: SuppressionSerializer, 200: SuppressionSerializer, **WRITE},
    )
    def post(self, request: Request) -> Response:
        """Put somebody on the list. 200: they were there, and the reason and the date are replaced."""
        project = project_or_all_in_body(request, role=Role.OPERATOR)
        given = _read(AddSuppressionSerializer, request)
        row, is_new = suppressions.suppress(
            identity_of(given["kind"], value=given["value"], platform=given["platform"]),
            project=project,
            reason=given["reason"],
            expires_at=given["expires_at"],
            by=signed_in(request),
        )
        return Response(SuppressionSerializer(row).data, status=201 if is_new else 200)


@extend_schema(tags=["Do not contact"])
class SuppressionView(APIView):
    @extend_schema(operation_id="remove_suppression", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take an entry off the list. One for all projects takes a superuser."""
        user = signed_in(request)
        row: Suppression = get_object_or_404(Suppression.objects.select_related("project"), pk=pk)
        if row.project is None:
            require_superuser(user)
        else:
            require_role(user, row.project, Role.OPERATOR)
        suppressions.lift(row, by=user)
        return Response(status=204)


@extend_schema(tags=["Do not contact"])
class CheckSuppressionView(APIView):
    @extend_schema(
        operation_id="check_suppression",
        request=CheckSuppressionSerializer,
        responses={200: FoundSuppressionsSerializer, **READ},
    )
    def post(self, request: Request) -> Response:
        """Is somebody on the list? Every entry that holds for the name, those that have expired as well."""
        project = project_in_body(request, role=Role.OPERATOR)
        given = _read(CheckSuppressionSerializer, request)
        names = list(_meanings(given["value"], given["platform"]))
        found = suppressions.entries_about(names, among=entries_of(project))
        return Response({"results": SuppressionSerializer(found, many=True).data})


@extend_schema(tags=["Do not contact"])
class ImportSuppressionsView(APIView):
    @extend_schema(
        operation_id="import_suppressions",
        request=ImportSuppressionsSerializer,
        responses={200: ImportedSuppressionsSerializer, **READ},
    )
    def post(self, request: Request) -> Response:
        """Add what a CSV file holds. Lines that are no entry are told and left out; nothing is ever weakened."""
        project = project_or_all_in_body(request, role=Role.OPERATOR)
        given = _read(ImportSuppressionsSerializer, request)
        lines = read_lines(StringIO(given["csv"], newline=""))
        told = suppressions.import_entries(lines, project=project, by=signed_in(request))
        return Response(ImportedSuppressionsSerializer(told).data)


@extend_schema(tags=["Do not contact"])
class ExportSuppressionsView(APIView):
    @extend_schema(
        operation_id="export_suppressions",
        parameters=[PROJECT_PARAMETER],
        responses={(200, "text/csv"): OpenApiTypes.STR, **READ},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The list as a CSV file, which a spreadsheet shows without running anything in it."""
        rows = entries_of(required_project(request, role=Role.OPERATOR)).order_by("pk")
        lines: Iterator[str] = write_rows(rows.iterator(chunk_size=500))
        headers = {"Content-Disposition": f'attachment; filename="{NAME}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _meanings(value: str, platform: str) -> Iterator[Identity]:
    """What a word may be the name of. A DomainError when it can be nothing."""
    problem: DomainError | None = None
    some = False
    for at in [platform] if platform else platforms():
        for kind in (IdentityKind.HANDLE, IdentityKind.ACCOUNT):
            try:
                yield identity_of(kind, value=value, platform=at)
                some = True
            except DomainError as error:
                problem = error
    try:
        yield identity_of(IdentityKind.DOMAIN, value=value)
    except DomainError:
        if problem and not some:
            raise problem from None


def _read(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
