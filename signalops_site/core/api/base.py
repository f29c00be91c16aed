"""What the views share: who may call them, and which project they are asked about."""

from collections.abc import Mapping

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ..authentication import signed_in
from ..models import KeyHolder, Project, Role
from ..permissions import require_superuser, visible_project

PROJECT_PARAMETER = OpenApiParameter("project", str, required=True, description="the project's slug")


def required_project(request: Request, *, role: Role = Role.VIEWER) -> Project:
    """The project that `?project=` names; a 400 that says so when it is absent."""
    slug = request.query_params.get("project", "")
    if not slug:
        raise ValidationError({"project": ["name the project: ?project=SLUG"]})
    return visible_project(signed_in(request), slug, role=role)


def project_in_body(request: Request, *, role: Role = Role.VIEWER) -> Project:
    """The project that a body names, asked about before the rest of the body is read: a stranger to it learns
    that there is no such project, and nothing else.
    """
    slug = request.data.get("project") if isinstance(request.data, Mapping) else None
    if not slug or not isinstance(slug, str):
        raise ValidationError({"project": ["name the project: its slug"]})
    return visible_project(signed_in(request), slug, role=role)


def project_or_all_in_body(request: Request, *, role: Role) -> Project | None:
    """As `project_in_body`, where a body without a project means all of them, which takes a superuser."""
    if isinstance(request.data, Mapping) and request.data.get("project") is None:
        require_superuser(signed_in(request))
        return None
    return project_in_body(request, role=role)


class NotByKey(BasePermission):
    message = "Keys and members are looked after by people: sign in."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not isinstance(request.user, KeyHolder)


class OpenView(APIView):
    """For everyone: nobody is signed in by it, so nothing here may depend on who asks."""

    authentication_classes = ()
    permission_classes: tuple[type[BasePermission], ...] = (AllowAny,)
