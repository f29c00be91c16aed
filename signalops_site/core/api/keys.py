"""API keys: listed, made and revoked by people. A key cannot look after keys."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..access import keys
from ..authentication import signed_in
from ..models import ApiKey, Project, Role
from ..permissions import visible_project, visible_projects
from ..problems import problem_responses
from ..serializers_access import ApiKeySerializer, CreateKeySerializer, IssuedKeySerializer
from .base import NotByKey


@extend_schema(tags=["Keys"])
class KeysView(ListAPIView[ApiKey]):
    queryset = ApiKey.objects.all()
    serializer_class = ApiKeySerializer
    permission_classes = (IsAuthenticated, NotByKey)
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[ApiKey]:
        return keys.keys_seen_by(signed_in(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        seen = visible_projects(signed_in(self.request)).values_list("pk", flat=True)
        return {**super().get_serializer_context(), "seen_projects": frozenset(seen)}

    @extend_schema(
        operation_id="list_keys",
        responses={200: ApiKeySerializer(many=True), **problem_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your keys, and those made for projects that you operate."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="create_key",
        request=CreateKeySerializer,
        responses={201: IssuedKeySerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request) -> Response:
        """Make a key, as an operator of every project that it is for. Its text is in this answer, nowhere else."""
        user = signed_in(request)
        projects = _projects_in_body(request)
        keys.require_maker(user, projects)
        shape = CreateKeySerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        issued = keys.create_key(
            name=given["name"],
            role=Role(given["role"]),
            projects=projects,
            expires_at=given["expires_at"],
            by=user,
        )
        return Response(IssuedKeySerializer(issued).data, status=201, headers={"Cache-Control": "no-store"})


def _projects_in_body(request: Request) -> list[Project]:
    """Those named, if the user may see them: asked about before the rest of the body is read."""
    slugs = request.data.get("projects") if isinstance(request.data, Mapping) else None
    named = sorted({slug for slug in slugs if isinstance(slug, str)}) if isinstance(slugs, list) else []
    return [visible_project(signed_in(request), slug) for slug in named]


@extend_schema(tags=["Keys"])
class KeyView(APIView):
    permission_classes = (IsAuthenticated, NotByKey)

    @extend_schema(operation_id="revoke_key", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke a key: it opens nothing from now on. It stays in the list."""
        user = signed_in(request)
        keys.revoke_key(get_object_or_404(keys.keys_seen_by(user), pk=pk), by=user)
        return Response(status=204)
