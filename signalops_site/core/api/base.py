"""What the views share: who may call them, and which project they are asked about."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ..authentication import signed_in
from ..models import Project, Role
from ..permissions import visible_project

PROJECT_PARAMETER = OpenApiParameter("project", str, required=True, description="the project's slug")


def required_project(request: Request, *, role: Role = Role.VIEWER) -> Project:
    """The project that `?project=` names; a 400 that says so when it is absent."""
    slug = request.query_params.get("project", "")
    if not slug:
        raise ValidationError({"project": ["name the project: ?project=SLUG"]})
    return visible_project(signed_in(request), slug, role=role)


class OpenView(APIView):
    """For everyone: nobody is signed in by it, so nothing here may depend on who asks."""

    authentication_classes = ()
    permission_classes: tuple[type[BasePermission], ...] = (AllowAny,)
