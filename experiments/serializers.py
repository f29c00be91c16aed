"""Shapes of experiments and of the model registry in the API. Results have theirs in `figures`."""

from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.models import Project

from .config_door import named_by
from .lifecycle import DEFAULT_MAX_N, LONGEST_HYPOTHESIS, MOST_N, outcome_of
from .models import Experiment, ExperimentMode, ExperimentStatus, ModelType, ModelVersion, Verdict
from .plans import DEFAULT_MARGIN
from .selectors import active_experiment
from .services import LONGEST_ID, ModelFacts, model_of


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    mode = serializers.ChoiceField(choices=ExperimentMode.choices, read_only=True)
    status = serializers.ChoiceField(choices=ExperimentStatus.choices, read_only=True)
    verdict = serializers.ChoiceField(
        choices=[("", "not yet"), *Verdict.choices],
        read_only=True,
        help_text="when it ended; empty while it is live",
    )
    outcome = serializers.SerializerMethodField(
        help_text="how it ended: promoted, rolled_back or stopped; empty while it is live"
    )

    class Meta:
        model = Experiment
        fields = (
            "id",
            "experiment_id",
            "project",
            "primary_model",
            "canary_model",
            "canary_pct",
            "mode",
            "status",
            "hypothesis",
            "metric",
            "margin",
            "max_n",
            "started_at",
            "ended_at",
            "verdict",
            "outcome",
        )
        read_only_fields = fields

    def get_outcome(self, experiment: Experiment) -> str:
        return outcome_of(experiment)


class CreateExperimentSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    canary_model = serializers.CharField(max_length=LONGEST_ID, help_text="the newcomer's model id")
    primary_model = serializers.CharField(
        max_length=LONGEST_ID, required=False, help_text="absent: the project's present judge"
    )
    mode = serializers.ChoiceField(
        choices=ExperimentMode.choices,
        default=ExperimentMode.SHADOW,
        help_text="shadow: the primary decides, the canary is recorded; canary: each author has one of the two",
    )
    canary_pct = serializers.FloatField(
        required=False, help_text="between 0 and 1; absent: `experiments.default_canary_pct` of the configuration"
    )
    margin = serializers.FloatField(
        default=DEFAULT_MARGIN, help_text="difference in agreement with people that makes no difference to anybody"
    )
    max_n = serializers.IntegerField(
        default=DEFAULT_MAX_N, min_value=1, max_value=MOST_N, help_text="planned number of labels that decide"
    )
    hypothesis = serializers.CharField(max_length=LONGEST_HYPOTHESIS, default="", allow_blank=True)


class SampleSizeQuerySerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=ExperimentMode.choices, default=ExperimentMode.SHADOW)
    canary_pct = serializers.FloatField(
        default=0.1, min_value=0.001, max_value=0.999, help_text="the canary's share of authors; shadow needs none"
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which models of a type a project has chosen and uses, and the experiment that decides instead."""

    named: str | None = None
    used: frozenset[str] = frozenset()
    experiment: str | None = None
    own: frozenset[str] = frozenset()
    """Ids of which it has an entry of its own, which goes before that for all."""


def shown_for(project: Project | None) -> dict[str, dict[str, Choice]]:
    """The context of `ModelVersionSerializer`: the choices of the project, by type."""
    return {} if project is None else {"choices": {kind: _choice(project, kind) for kind in ModelType}}


def _choice(project: Project, kind: ModelType) -> Choice:
    running = active_experiment(project) if kind == ModelType.JUDGE else None
    used = {model_of(project, kind)} if running is None else {running.primary_model}
    if running is not None and running.mode == ExperimentMode.CANARY:
        used.add(running.canary_model)
    own = ModelVersion.objects.filter(project=project, model_type=kind).values_list("model_id", flat=True)
    return Choice(
        named_by(project, kind), frozenset(used), running.experiment_id if running else None, frozenset(own)
    )


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """Expects `shown_for` of the project that was asked about in the context."""

    project = serializers.SlugField(
        source="project.slug", read_only=True, allow_null=True, help_text="null: for every project"
    )
    model_type = serializers.ChoiceField(choices=ModelType.choices, read_only=True)
    active_in_project = serializers.SerializerMethodField(
        help_text="it is what the project that was asked about has chosen"
    )
    active_for_all = serializers.SerializerMethodField(
        help_text="it serves every project that has chosen none of its own"
    )
    in_use = serializers.SerializerMethodField(help_text="it judges or drafts in the project's next run")
    experiment = serializers.SerializerMethodField(
        help_text="the project's active experiment: its models judge, whatever is activated, until it is paused "
        "or over; null: none, or the model drafts"
    )
    metrics = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta:
        model = ModelVersion
        fields = (
            "id",
            "model_id",
            "project",
            "provider",
            "model_type",
            "display_name",
            "base_model",
            "training_file",
            "training_examples",
            "version",
            "deployed_at",
            "retired_at",
            "active_in_project",
            "active_for_all",
            "in_use",
            "experiment",
            "metrics",
        )
        read_only_fields = fields

    def get_active_in_project(self, model: ModelVersion) -> bool:
        own = model.is_active and model.project_id is not None
        return own or (self._counts(model) and model.model_id == self._choice(model).named)

    def get_active_for_all(self, model: ModelVersion) -> bool:
        return model.is_active and model.project_id is None

    def get_in_use(self, model: ModelVersion) -> bool:
        return self._counts(model) and model.model_id in self._choice(model).used

    def get_experiment(self, model: ModelVersion) -> str | None:
        return self._choice(model).experiment

    def _counts(self, model: ModelVersion) -> bool:
        """Whether the project knows the id by this entry."""
        return model.project_id is not None or model.model_id not in self._choice(model).own

    def _choice(self, model: ModelVersion) -> Choice:
        choices: dict[str, Choice] = self.context.get("choices", {})
        return choices.get(model.model_type, Choice())


class RegisterModelSerializer(StrictSerializer):
    project = serializers.SlugField(
        max_length=63, allow_null=True, default=None, help_text="null: for every project, which takes a superuser"
    )
    model_id = serializers.CharField(max_length=LONGEST_ID, help_text="such as local/default or openai/NAME")
    model_type = serializers.ChoiceField(choices=ModelType.choices, default=ModelType.JUDGE)
    display_name = serializers.CharField(max_length=256, default="", allow_blank=True)
    base_model = serializers.CharField(max_length=128, default="", allow_blank=True)
    training_file = serializers.CharField(max_length=512, default="", allow_blank=True)
    training_examples = serializers.IntegerField(
        min_value=0, max_value=2_000_000_000, default=None, allow_null=True
    )
    version = serializers.CharField(max_length=64, default="", allow_blank=True)
    metrics = serializers.DictField(
        child=serializers.JSONField(), default=dict, help_text="such as those of evaluatejudge --json"
    )

    def facts(self) -> ModelFacts:
        given: dict[str, Any] = self.validated_data
        named = ("display_name", "base_model", "training_file", "training_examples", "version", "metrics")
        return ModelFacts(**{name: given[name] for name in named})


class ModelScopeSerializer(StrictSerializer):
    project = serializers.SlugField(
        max_length=63, allow_null=True, default=None, help_text="null: all projects, which takes a superuser"
    )
