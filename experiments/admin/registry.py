"""The model registry: what has judged or drafted, with which results, and which one is active."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.html import format_html, format_html_join

from signalops_site.core.admin.base import CreatesThroughService, ServiceAction, StyledForm
from signalops_site.core.admin.display import Shown, json_block, page_of
from signalops_site.core.models import Project

from ..config_door import projects_naming
from ..models import ModelType, ModelVersion
from ..selectors import active_experiment
from ..services import ModelFacts, activate_model, deactivate_model, register_model, retire_model


class RegistrationForm(StyledForm):
    model_id = forms.CharField(max_length=256, label="Model id", help_text="such as local/default or openai/NAME")
    model_type = forms.ChoiceField(choices=ModelType.choices)
    project = forms.ModelChoiceField(Project.objects.all(), required=False, help_text="empty: for every project")
    display_name = forms.CharField(max_length=256, required=False)
    base_model = forms.CharField(max_length=128, required=False)
    training_file = forms.CharField(max_length=512, required=False)
    training_examples = forms.IntegerField(min_value=0, required=False)
    version = forms.CharField(max_length=64, required=False)
    metrics = forms.JSONField(required=False, help_text="a JSON object, such as those of evaluatejudge --json")

    def clean_metrics(self) -> dict[str, Any]:
        metrics = self.cleaned_data["metrics"] or {}
        if not isinstance(metrics, dict):
            raise forms.ValidationError("Metrics are a JSON object: names and values.")
        return metrics


class ScopeForm(StyledForm):
    project = forms.ModelChoiceField(
        Project.objects.all(),
        required=False,
        help_text="A project: it is written into a new version of its configuration. "
        "Empty: the model's own project, or all projects that have chosen no model of their own.",
    )


def _activate(model: ModelVersion, by: User, values: Mapping[str, Any]) -> str:
    model = activate_model(model, by=by, project=values["project"])
    return f"{model.model_id} is active for {_whom(model, values)}. {_when(model, values)}"


def _when(model: ModelVersion, values: Mapping[str, Any]) -> str:
    project = model.project or values["project"]
    running = active_experiment(project) if project and model.model_type == ModelType.JUDGE else None
    if running is None:
        return "The next run uses it."
    return f"The models of the experiment {running} judge until that is paused or over."


def _deactivate(model: ModelVersion, by: User, values: Mapping[str, Any]) -> str:
    model = deactivate_model(model, by=by, project=values["project"])
    return f"{model.model_id} is not active any more for {_whom(model, values)}."


def _retire(model: ModelVersion, by: User, _values: Mapping[str, Any]) -> str:
    return f"{retire_model(model, by=by).model_id} is retired."


def _whom(model: ModelVersion, values: Mapping[str, Any]) -> str:
    project = model.project or values["project"]
    return project.slug if project else "all projects that have chosen none"


def _is_in_service(model: ModelVersion) -> bool:
    return model.retired_at is None


@admin.register(ModelVersion)
class ModelVersionAdmin(CreatesThroughService[ModelVersion]):
    list_display = ("model_id", "project", "model_type", "provider", "state", "version", "deployed_at")
    list_filter = ("model_type", "is_active", "project")
    list_select_related = ("project",)
    search_help_text = "by the beginning of the model id"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "model_id",
                    "display_name",
                    "project",
                    "model_type",
                    "provider",
                    "state",
                    "used_by",
                    "deployed_at",
                )
            },
        ),
        ("Training", {"fields": ("base_model", "version", "training_file", "training_examples")}),
        ("Results", {"fields": ("results", "more")}),
    )
    creation_form = RegistrationForm
    creation_title = "Register a model"
    creation_note = "Registering changes nothing yet: a model judges when it is activated."
    service_actions = (
        ServiceAction(
            "activate",
            "Activate",
            _activate,
            offered=_is_in_service,
            form=ScopeForm,
            explanation="It takes the place of the active model of its type. What was judged before stays.",
        ),
        ServiceAction("deactivate", "Deactivate", _deactivate, offered=_is_in_service, form=ScopeForm),
        ServiceAction(
            "retire",
            "Retire",
            _retire,
            offered=_is_in_service,
            explanation="It can never be activated again. What it judged stays.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return Q(model_id__startswith=term)

    def create(self, values: Mapping[str, Any], *, by: User) -> ModelVersion:
        facts = ModelFacts(
            display_name=values["display_name"],
            base_model=values["base_model"],
            training_file=values["training_file"],
            training_examples=values["training_examples"],
            version=values["version"],
            metrics=values["metrics"],
        )
        kind = ModelType(values["model_type"])
        return register_model(values["model_id"], model_type=kind, project=values["project"], facts=facts, by=by)

    @admin.display(description="state")
    def state(self, model: ModelVersion) -> Shown:
        name = "retired" if model.retired_at else "active" if model.is_active else "registered"
        return format_html('<span class="so-state so-{}">{}</span>', name, name)

    @admin.display(description="named by the configuration of")
    def used_by(self, model: ModelVersion) -> Shown:
        projects = list(projects_naming(model.model_id, model_type=ModelType(model.model_type)))
        links = format_html_join(", ", "{}", ((page_of(project),) for project in projects))
        return links if projects else "-"

    @admin.display(description="metrics")
    def results(self, model: ModelVersion) -> Shown:
        return json_block(model.metrics)

    @admin.display(description="metadata")
    def more(self, model: ModelVersion) -> Shown:
        return json_block(model.metadata)
