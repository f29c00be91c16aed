"""Runs, with what takes the pipeline: starting one, and starting one again."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User

from signalops_site.core.admin.base import CreatesThroughService, ServiceAction, StyledForm
from signalops_site.core.admin.runs import RunAdmin
from signalops_site.core.models import Project, Run

from ..pipeline.base import ordered_stages
from ..pipeline.runner import HIGHEST_LIMIT, REFRESHED_STAGE, RunOptions
from ..services.runs import RETRIED, queue_run, retry_run


def stage_choices() -> list[tuple[str, str]]:
    return [(stage.name, stage.name) for stage in ordered_stages()]


class StartForm(StyledForm):
    project = forms.ModelChoiceField(Project.objects.filter(is_active=True))
    stages = forms.MultipleChoiceField(
        choices=stage_choices,
        required=False,
        help_text="none chosen: all of them",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    limit = forms.IntegerField(
        min_value=1, max_value=HIGHEST_LIMIT, required=False, help_text="items per stage; empty: all that wait"
    )
    refresh = forms.ChoiceField(
        choices=[("", "nothing"), *((name, name) for name in REFRESHED_STAGE)],
        required=False,
        help_text="what to do again, for leads collected since the date below",
    )
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _retry(run: Run, by: User, _values: Mapping[str, Any]) -> str:
    return f"Run {retry_run(run, by=by).pk} does it again."


class PipelineRunAdmin(CreatesThroughService[Run], RunAdmin):
    service_actions = (
        *RunAdmin.service_actions,
        ServiceAction(
            "retry",
            "Start it again",
            _retry,
            offered=lambda run: run.status in RETRIED,
            explanation="A new run that asks for the same. Leads that failed in it need not wait for their time.",
        ),
    )
    creation_form = StartForm
    creation_title = "Start a run"
    creation_note = "A worker takes it up at once, if one is running (make run starts one)."

    def create(self, values: Mapping[str, Any], *, by: User) -> Run:
        since = values["since"].isoformat() if values["since"] else None
        options = RunOptions.parse(
            stages=values["stages"], limit=values["limit"], refresh=values["refresh"] or None, since=since
        )
        return queue_run(values["project"], options, by=by, trigger="admin")


admin.site.unregister(Run)
admin.site.register(Run, PipelineRunAdmin)
