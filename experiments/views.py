"""The API of experiments: seen by viewers, changed by operators."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role
from signalops_site.core.problems import problem_responses

from . import lifecycle
from .figures import ExperimentResults, SampleSize
from .models import Experiment, ExperimentMode
from .reports import results_of, sample_size
from .selectors import experiments_seen_by
from .serializers import CreateExperimentSerializer, ExperimentSerializer, SampleSizeQuerySerializer

DESPITE_WARNING = OpenApiParameter(
    "despite_warning", bool, description="also the figures that a broken sample ratio hides; default: false"
)
ACT_RESPONSES: dict[Any, Any] = {200: ExperimentSerializer, **problem_responses(401, 403, 404, 409)}


@extend_schema(tags=["Experiments"])
class ExperimentsView(ListAPIView[Experiment]):
    queryset = Experiment.objects.all()
    serializer_class = ExperimentSerializer
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Experiment]:
        return experiments_seen_by(signed_in(self.request)).filter(project=required_project(self.request))

    @extend_schema(
        operation_id="list_experiments",
        parameters=[PROJECT_PARAMETER],
        responses={200: ExperimentSerializer(many=True), **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project's experiments, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="create_experiment",
        request=CreateExperimentSerializer,
        responses={201: ExperimentSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Let two models judge side by side from the next run on.

        409 when the project has an active experiment, a model could not be run here, or `experiments.enabled` is
        not set in its configuration.
        """
        project = project_in_body(request, role=Role.OPERATOR)
        shape = CreateExperimentSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        given = {name: value for name, value in shape.validated_data.items() if name != "project"}
        made = lifecycle.create_experiment(project, lifecycle.Design(**given), by=signed_in(request))
        return Response(ExperimentSerializer(made).data, status=201)


@extend_schema(tags=["Experiments"])
class SampleSizeView(APIView):
    @extend_schema(
        operation_id="get_sample_size",
        parameters=[SampleSizeQuerySerializer],
        responses={200: SampleSize, **problem_responses(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """How many blind labels to plan for, before an experiment is created."""
        asked = SampleSizeQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        mode, share = ExperimentMode(asked.validated_data["mode"]), asked.validated_data["canary_pct"]
        return Response(sample_size(mode, canary_pct=share).model_dump(mode="json"))


@extend_schema(tags=["Experiments"])
class ExperimentView(APIView):
    @extend_schema(
        operation_id="get_experiment",
        responses={200: ExperimentSerializer, **problem_responses(401, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One experiment."""
        return Response(ExperimentSerializer(_seen(request, pk)).data)


@extend_schema(tags=["Experiments"])
class ExperimentResultsView(APIView):
    @extend_schema(
        operation_id="get_experiment_results",
        parameters=[DESPITE_WARNING],
        responses={200: ExperimentResults, **problem_responses(400, 401, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """All figures and the verdict, as they are now. docs/experiments.md explains each.

        While the sample ratio is broken only the warning and the counts are told.
        """
        despite = _flag(request, "despite_warning")
        return Response(results_of(_seen(request, pk), despite_warning=despite).model_dump(mode="json"))


class ActView(APIView):
    """One step in an experiment's life, by an operator."""

    act: Callable[..., Experiment]

    def run(self, request: Request, pk: int) -> Response:
        experiment = _seen(request, pk)
        require_role(signed_in(request), experiment.project, Role.OPERATOR)
        return Response(ExperimentSerializer(type(self).act(experiment, by=signed_in(request))).data)


@extend_schema(tags=["Experiments"])
class ExperimentPauseView(ActView):
    act = staticmethod(lifecycle.pause_experiment)

    @extend_schema(operation_id="pause_experiment", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """The project's judge judges alone from the next run on. 409 when the experiment is completed."""
        return self.run(request, pk)


@extend_schema(tags=["Experiments"])
class ExperimentResumeView(ActView):
    act = staticmethod(lifecycle.resume_experiment)

    @extend_schema(operation_id="resume_experiment", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Go on, each author in the same arm as before. 409 when it is completed, or another one is active."""
        return self.run(request, pk)


@extend_schema(tags=["Experiments"])
class ExperimentStopView(ActView):
    act = staticmethod(lifecycle.stop_experiment)

    @extend_schema(operation_id="stop_experiment", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Complete it and leave the project's judge as it is."""
        return self.run(request, pk)


@extend_schema(tags=["Experiments"])
class ExperimentPromoteView(ActView):
    act = staticmethod(lifecycle.promote_canary)

    @extend_schema(operation_id="promote_canary", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Make the canary the project's judge, in the registry and in a new version of its configuration, and
        complete the experiment. 409 when that has happened.
        """
        return self.run(request, pk)


@extend_schema(tags=["Experiments"])
class ExperimentRollbackView(ActView):
    act = staticmethod(lifecycle.roll_back)

    @extend_schema(operation_id="roll_back_experiment", request=None, responses=ACT_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Make the primary the project's judge again: takes a promotion back, or ends a live experiment.

        409 when there is nothing to take back, or somebody has chosen a third judge since.
        """
        return self.run(request, pk)


def _seen(request: Request, pk: int) -> Experiment:
    experiment: Experiment = get_object_or_404(experiments_seen_by(signed_in(request)), pk=pk)
    return experiment


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise ValidationError({name: ["is true or false"]})
    return text == "true"
