"""Two models side by side: begun, watched and ended here, through the services alone."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.html import format_html, format_html_join

from signalops_site.core.admin.base import CreatesThroughService, LookUpAdmin, ServiceAction, StyledForm
from signalops_site.core.admin.display import Shown, list_of, prose_of
from signalops_site.core.models import Project

from .. import lifecycle
from ..figures import ExperimentResults
from ..lifecycle import DEFAULT_MAX_N, MOST_N, Design, create_experiment, outcome_of
from ..models import AbResult, Experiment, ExperimentMode, ExperimentStatus
from ..plans import DEFAULT_MARGIN
from ..presenting import arm_rows, finding_rows, planning_row
from ..reports import results_of, sample_size


class ExperimentForm(StyledForm):
    project = forms.ModelChoiceField(Project.objects.filter(is_active=True))
    canary_model = forms.CharField(max_length=256, help_text="the newcomer's model id, such as local/keyword")
    primary_model = forms.CharField(max_length=256, required=False, help_text="empty: the project's present judge")
    mode = forms.ChoiceField(choices=ExperimentMode.choices, initial=ExperimentMode.SHADOW)
    canary_pct = forms.FloatField(
        required=False,
        label="Canary's share",
        help_text="between 0 and 1, such as 0.1; empty: as the project's configuration says",
    )
    margin = forms.FloatField(
        initial=DEFAULT_MARGIN, help_text="a difference in agreement that makes no difference to anybody"
    )
    max_n = forms.IntegerField(
        min_value=1, max_value=MOST_N, initial=DEFAULT_MAX_N, label="Planned number of labels"
    )
    hypothesis = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="what you expect, and why"
    )


def _step(act: Callable[..., Experiment], sentence: str) -> Callable[[Any, User, Mapping[str, Any]], str]:
    def run(experiment: Experiment, by: User, _values: Mapping[str, Any]) -> str:
        return sentence.format(act(experiment, by=by))

    return run


def _is_live(experiment: Experiment) -> bool:
    return experiment.status != ExperimentStatus.COMPLETED


def _may_be_promoted(experiment: Experiment) -> bool:
    return outcome_of(experiment) in {"", lifecycle.STOPPED}


def _may_be_rolled_back(experiment: Experiment) -> bool:
    return outcome_of(experiment) in {"", lifecycle.PROMOTED}


@admin.register(Experiment)
class ExperimentAdmin(CreatesThroughService[Experiment]):
    list_display = (
        "experiment_id",
        "project",
        "state",
        "mode",
        "primary_model",
        "canary_model",
        "verdict",
        "started_at",
    )
    list_filter = ("project", "status")
    list_select_related = ("project__active_config",)
    search_help_text = "by the beginning of the experiment's id"
    fieldsets = (
        (None, {"fields": ("project", "state", "outcome", "verdict", "started_at", "ended_at")}),
        ("Results now", {"fields": ("arms", "findings", "observed")}),
        (
            "Design",
            {
                "fields": (
                    "primary_model",
                    "canary_model",
                    "mode",
                    "canary_pct",
                    "margin",
                    "max_n",
                    "needed",
                    "expected",
                )
            },
        ),
    )
    creation_form = ExperimentForm
    creation_title = "Compare two models"
    creation_note = "The next run takes part in it. In shadow mode the present judge goes on deciding."
    service_actions = (
        ServiceAction(
            "pause",
            "Pause",
            _step(lifecycle.pause_experiment, "{} is paused."),
            offered=lambda experiment: experiment.status == ExperimentStatus.ACTIVE,
            explanation="The project's judge judges alone from the next run on.",
        ),
        ServiceAction(
            "resume",
            "Resume",
            _step(lifecycle.resume_experiment, "{} goes on."),
            offered=lambda experiment: experiment.status == ExperimentStatus.PAUSED,
            explanation="Each author stays in the same arm.",
        ),
        ServiceAction(
            "stop",
            "Stop",
            _step(lifecycle.stop_experiment, "{} is completed."),
            offered=_is_live,
            explanation="It is completed; the project's judge stays as it is.",
        ),
        ServiceAction(
            "promote",
            "Promote the canary",
            _step(lifecycle.promote_canary, "The canary of {} is the project's judge now."),
            offered=_may_be_promoted,
            explanation="The canary becomes the project's judge, in the registry and in its configuration.",
        ),
        ServiceAction(
            "rollback",
            "Roll back",
            _step(lifecycle.roll_back, "The primary of {} is the project's judge."),
            offered=_may_be_rolled_back,
            explanation="The primary is the project's judge again. A live experiment ends.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return Q(experiment_id__startswith=term)

    def create(self, values: Mapping[str, Any], *, by: User) -> Experiment:
        design = Design(
            canary_model=values["canary_model"],
            primary_model=values["primary_model"] or None,
            mode=values["mode"],
            canary_pct=values["canary_pct"],
            margin=values["margin"],
            max_n=values["max_n"],
            hypothesis=values["hypothesis"],
        )
        return create_experiment(values["project"], design, by=by)

    @admin.display(description="state", ordering="status")
    def state(self, experiment: Experiment) -> Shown:
        template = '<span class="so-state so-{}">{}</span>'
        return format_html(template, experiment.status, experiment.get_status_display())

    @admin.display(description="outcome")
    def outcome(self, experiment: Experiment) -> str:
        return outcome_of(experiment).replace("_", " ") or "-"

    @admin.display(description="hypothesis")
    def expected(self, experiment: Experiment) -> Shown:
        return prose_of(experiment.hypothesis)

    @admin.display(description="labels needed")
    def needed(self, experiment: Experiment) -> str:
        return planning_row(sample_size(ExperimentMode(experiment.mode), canary_pct=experiment.canary_pct))

    @admin.display(description="arms")
    def arms(self, experiment: Experiment) -> Shown:
        row = "<tr><th>{}</th><td>{}</td><td>{}</td></tr>"
        body = format_html_join("", row, arm_rows(_results_now(experiment)))
        head = "<tr><th></th><td>primary</td><td>canary</td></tr>"
        return format_html('<table class="so-table"><thead>' + head + "</thead><tbody>{}</tbody></table>", body)

    @admin.display(description="findings")
    def findings(self, experiment: Experiment) -> Shown:
        body = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", finding_rows(_results_now(experiment)))
        return format_html('<table class="so-table"><tbody>{}</tbody></table>', body)

    @admin.display(description="observed")
    def observed(self, experiment: Experiment) -> Shown:
        return list_of(AbResult, "what each arm said", experiment__id__exact=experiment.pk)


def _results_now(experiment: Experiment) -> ExperimentResults:
    """Counted once for a page that shows them twice: the row lives as long as the page is made."""
    known: ExperimentResults | None = getattr(experiment, "_results_now", None)
    if known is None:
        known = results_of(experiment)
        experiment.__dict__["_results_now"] = known
    return known


@admin.register(AbResult)
class AbResultAdmin(LookUpAdmin):
    list_display = ("subject", "experiment", "variant", "model_used", "label", "failure", "latency_ms", "cost_usd")
    list_filter = ("variant",)
    list_select_related = ("experiment",)
    search_help_text = "by subject, such as lead:12"
    fields = (
        "experiment",
        "subject",
        "variant",
        "model_used",
        "label",
        "confidence",
        "failure",
        "attempts",
        "latency_ms",
        "cost_usd",
        "human_label",
        "blind_label",
        "created_at",
    )

    def lookup_allowed(self, lookup: str, value: str, request: Any) -> bool:
        return lookup == "experiment__id__exact" or super().lookup_allowed(lookup, value, request)

    def find(self, term: str) -> Q:
        return Q(subject=term)
