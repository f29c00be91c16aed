"""The API of preference pairs and exports. Pairs are seen by whoever sees drafts; exports are for operators."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import django_filters
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leads.models import Draft
from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.filters import StrictFilterSet
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role, visible_project, visible_projects
from signalops_site.core.problems import problem_responses

from .exports import record_download, remove_export, start_export
from .models import Export, PairSource, PreferencePair
from .preferences import add_pair, remove_pair
from .selectors import exports_of, pairs_of
from .serializers import (
    AddPairSerializer,
    ExportDetailSerializer,
    ExportSerializer,
    PreferencePairDetailSerializer,
    PreferencePairSerializer,
    StartExportSerializer,
)

CHUNK = 1 << 18
MEDIA_TYPE = "application/jsonl"


class PairFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug; left out: all of yours")
    source = django_filters.ChoiceFilter(choices=PairSource.choices)
    platform = django_filters.CharFilter()

    class Meta:
        model = PreferencePair
        fields: list[str] = []

    def in_project(self, pairs: QuerySet[PreferencePair], _name: str, slug: str) -> QuerySet[PreferencePair]:
        asker = signed_in(cast("Request", self.request))
        return pairs.filter(project=visible_project(asker, slug))


@extend_schema(tags=["Training"])
class PairsView(ListAPIView[PreferencePair]):
    queryset = PreferencePair.objects.all()
    serializer_class = PreferencePairSerializer
    filterset_class = PairFilter
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[PreferencePair]:
        return pairs_of(visible_projects(self.request.user))

    @extend_schema(
        operation_id="list_pairs",
        responses={200: PreferencePairSerializer(many=True), **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Preference pairs, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_pair",
        request=AddPairSerializer,
        responses={201: PreferencePairDetailSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Add a pair by hand: a better answer to the prompt of a draft. A draft has one such pair.

        400 when the two texts hardly differ; 409 when there is such a pair, or the post is gone.
        """
        project = project_in_body(request, role=Role.REVIEWER)
        shape = AddPairSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        drafts = Draft.objects.select_related("lead__project").filter(lead__project=project)
        pair = add_pair(
            get_object_or_404(drafts, pk=given["draft"]),
            chosen=given["chosen_text"],
            rejected=given["rejected_text"],
            by=signed_in(request),
        )
        return Response(PreferencePairDetailSerializer(pair).data, status=201)


@extend_schema(tags=["Training"])
class PairView(APIView):
    @extend_schema(
        operation_id="get_pair", responses={200: PreferencePairDetailSerializer, **problem_responses(401, 404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """A pair with its prompt, and what differs between the two texts."""
        return Response(PreferencePairDetailSerializer(_pair(signed_in(request), pk)).data)

    @extend_schema(operation_id="remove_pair", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a pair: nothing is trained on it from now on, and no backfill brings it back."""
        user = signed_in(request)
        remove_pair(_pair(user, pk), by=user)
        return Response(status=204)


@extend_schema(tags=["Training"])
class ExportsView(ListAPIView[Export]):
    queryset = Export.objects.all()
    serializer_class = ExportSerializer
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Export]:
        return exports_of(required_project(self.request, role=Role.OPERATOR))

    @extend_schema(
        operation_id="list_exports",
        parameters=[PROJECT_PARAMETER],
        responses={200: ExportSerializer(many=True), **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project's exports for trainers, the newest first, with those that commands wrote."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="start_export",
        request=StartExportSerializer,
        responses={201: ExportSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Have a worker write a file for trainers. 409 while another one of the project is under way.

        Pairs of platforms whose terms forbid training are left out and counted, unless they are asked for.
        """
        project = project_in_body(request, role=Role.OPERATOR)
        shape = StartExportSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        export = start_export(project, shape.wish(), by=signed_in(request))
        return Response(ExportSerializer(export).data, status=201)


@extend_schema(tags=["Training"])
class ExportView(APIView):
    @extend_schema(
        operation_id="get_export", responses={200: ExportDetailSerializer, **problem_responses(401, 403, 404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """An export, how far it is, and its dataset card."""
        return Response(ExportDetailSerializer(_export(signed_in(request), pk)).data)

    @extend_schema(operation_id="remove_export", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove its file, or stop it while it is under way. What is known of it stays."""
        user = signed_in(request)
        remove_export(_export(user, pk), by=user)
        return Response(status=204)


@extend_schema(tags=["Training"])
class ExportDownloadView(APIView):
    @extend_schema(
        operation_id="download_export",
        responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY, **problem_responses(401, 403, 404, 409)},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The file. 409 while there is none, or when a command wrote it to a place of its own."""
        user = signed_in(request)
        export = _export(user, pk)
        path = record_download(export, by=user)
        return _file_response(path, export.filename, is_async=isinstance(request._request, ASGIRequest))


def _file_response(path: Path, filename: str, *, is_async: bool) -> HttpResponseBase:
    """In pieces under either kind of server: an asynchronous one would be given the whole of a plain file."""
    if not is_async:
        return FileResponse(path.open("rb"), as_attachment=True, filename=filename, content_type=MEDIA_TYPE)
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Length": str(path.stat().st_size),
    }
    return StreamingHttpResponse(_pieces(path), content_type=MEDIA_TYPE, headers=headers)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece
    finally:
        file.close()


def _pair(user: User, pk: int) -> PreferencePair:
    pair: PreferencePair = get_object_or_404(pairs_of(visible_projects(user)), pk=pk)
    return pair


def _export(user: User, pk: int) -> Export:
    export: Export = get_object_or_404(exports_of(visible_projects(user)), pk=pk)
    require_role(user, export.project, Role.OPERATOR)
    return export
