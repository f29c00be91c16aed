"""The API of the model registry. A project's judge stands in its configuration as well: one truth, two doors.

Entries for all projects are changed by superusers; an operator may let one of them judge for an own project.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_or_all_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, require_superuser, visible_projects
from signalops_site.core.problems import problem_responses

from . import services
from .models import ModelType, ModelVersion
from .selectors import models_for
from .serializers import ModelScopeSerializer, ModelVersionSerializer, RegisterModelSerializer, shown_for

ACT_RESPONSES: dict[Any, Any] = {200: ModelVersionSerializer, **problem_responses(400, 401, 403, 404, 409)}


@extend_schema(tags=["Models"])
class ModelsView(ListAPIView[ModelVersion]):
    queryset = ModelVersion.objects.all()
    serializer_class = ModelVersionSerializer
    keyset_orderings = {"newest": ("-id",), "model_id": ("model_id", "id")}

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return models_for(required_project(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context.update(shown_for(required_project(self.request)))
        return context

    @extend_schema(
        operation_id="list_models",
        parameters=[PROJECT_PARAMETER],
        responses={200: ModelVersionSerializer(many=True), **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project's models and those for all projects: what judges, with its metrics and training file."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="register_model",
        request=RegisterModelSerializer,
        responses={201: ModelVersionSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Put a model into the registry. It judges when it is activated. 409 when the id is registered."""
        project = project_or_all_in_body(request, role=Role.OPERATOR)
        shape = RegisterModelSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        made = services.register_model(
            given["model_id"],
            model_type=ModelType(given["model_type"]),
            project=project,
            facts=shape.facts(),
            by=signed_in(request),
        )
        return Response(ModelVersionSerializer(made, context=shown_for(project)).data, status=201)


class ScopedActView(APIView):
    """For a project, or (a model for all projects) for all that have chosen none."""

    act: Callable[..., ModelVersion]

    def run(self, request: Request, pk: int) -> Response:
        user = signed_in(request)
        model = _seen(user, pk)
        if model.project is not None:
            require_role(user, model.project, Role.OPERATOR)
        named = isinstance(request.data, Mapping) and request.data.get("project") is not None
        project = (
            model.project if model.project and not named else project_or_all_in_body(request, role=Role.OPERATOR)
        )
        shape = ModelScopeSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        changed = type(self).act(model, by=user, project=project)
        return Response(ModelVersionSerializer(changed, context=shown_for(_fresh(project))).data)


@extend_schema(tags=["Models"])
class ModelActivateView(ScopedActView):
    act = staticmethod(services.activate_model)

    @extend_schema(operation_id="activate_model", request=ModelScopeSerializer, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Make it the model of a project: the next run uses it, and a new version of the configuration names it.

        It takes the place of the other one of its type. 409 when it is retired, or could not be run here.
        """
        return self.run(request, pk)


@extend_schema(tags=["Models"])
class ModelDeactivateView(ScopedActView):
    act = staticmethod(services.deactivate_model)

    @extend_schema(operation_id="deactivate_model", request=ModelScopeSerializer, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """The contrary, with the same project. 409 when it is not active there."""
        return self.run(request, pk)


@extend_schema(tags=["Models"])
class ModelRetireView(APIView):
    @extend_schema(operation_id="retire_model", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Put it out of service for good. What it judged stays. 409 while it is in use."""
        user = signed_in(request)
        model = _seen(user, pk)
        if model.project is None:
            require_superuser(user)
        else:
            require_role(user, model.project, Role.OPERATOR)
        retired = services.retire_model(model, by=user)
        return Response(ModelVersionSerializer(retired, context=shown_for(retired.project)).data)


def _seen(user: User, pk: int) -> ModelVersion:
    seen = Q(project=None) | Q(project__in=visible_projects(user))
    model: ModelVersion = get_object_or_404(ModelVersion.objects.select_related("project").filter(seen), pk=pk)
    return model


def _fresh(project: Project | None) -> Project | None:
    """Its configuration may be another one by now."""
    return project and Project.objects.select_related("active_config").get(pk=project.pk)
