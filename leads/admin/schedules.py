"""When projects run by themselves. What wakes a schedule, its clock, is listed under Clocks."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User

from signalops_site.core.admin.base import CreatesThroughService, ServiceAction, StyledForm
from signalops_site.core.admin.display import Shown, block_of, json_block, moment, page_of
from signalops_site.core.models import Project

from ..models import RunSchedule
from ..models.schedules import MOST_MINUTES
from ..pipeline.runner import HIGHEST_LIMIT
from ..services.schedules import (
    CRON_EXAMPLE,
    MOST_LABEL,
    Times,
    change_schedule,
    create_schedule,
    parse_options,
    pause,
    remove,
    resume,
)
from .runs import stage_choices


class TimesForm(StyledForm):
    every_minutes = forms.IntegerField(
        min_value=1, max_value=MOST_MINUTES, required=False, help_text=f"1 to {MOST_MINUTES}; or a cron text"
    )
    cron = forms.CharField(max_length=100, required=False, help_text=CRON_EXAMPLE)


class ScheduleForm(TimesForm):
    project = forms.ModelChoiceField(Project.objects.filter(is_active=True))
    label = forms.CharField(max_length=MOST_LABEL)
    stages = forms.MultipleChoiceField(
        choices=stage_choices,
        required=False,
        help_text="none chosen: all of them",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    limit = forms.IntegerField(
        min_value=1, max_value=HIGHEST_LIMIT, required=False, help_text="items per stage; empty: all that wait"
    )
    batch = forms.BooleanField(required=False, help_text="collect several queries at once")

    field_order = ("project", "label", "every_minutes", "cron", "stages", "limit", "batch")


def _times(values: Mapping[str, Any]) -> Times:
    return Times.parse(every_minutes=values["every_minutes"], cron=values["cron"])


def _pause(schedule: RunSchedule, by: User, _values: Mapping[str, Any]) -> str:
    return f"{pause(schedule, by=by)} is paused."


def _resume(schedule: RunSchedule, by: User, _values: Mapping[str, Any]) -> str:
    schedule = resume(schedule, by=by)
    return f"{schedule} runs again at {moment(schedule.next_run_at)} UTC."


def _change(schedule: RunSchedule, by: User, values: Mapping[str, Any]) -> str:
    schedule = change_schedule(schedule, times=_times(values), by=by)
    return f"{schedule} runs {schedule.times} now."


def _remove(schedule: RunSchedule, by: User, _values: Mapping[str, Any]) -> str:
    sentence = f"{schedule} is removed."
    remove(schedule, by=by)
    return sentence


@admin.register(RunSchedule)
class RunScheduleAdmin(CreatesThroughService[RunSchedule]):
    list_display = ("label", "project", "runs", "state", "next_run", "last_due_at", "outcome")
    list_filter = ("project",)
    list_select_related = ("project", "clock", "last_run")
    fieldsets = (
        (None, {"fields": ("project", "label", "runs", "asked_for", "created_at")}),
        ("Now", {"fields": ("state", "paused_at", "paused_by", "next_run", "clock_row")}),
        ("The last time", {"fields": ("last_due_at", "outcome", "problem")}),
    )
    creation_form = ScheduleForm
    creation_title = "Add a schedule"
    creation_note = "All times are UTC. The first run comes after the first period."
    service_actions = (
        ServiceAction(
            "pause",
            "Pause",
            _pause,
            offered=lambda schedule: schedule.paused_at is None,
            explanation="No run is started from now on. One that is live goes on.",
        ),
        ServiceAction(
            "resume",
            "Resume",
            _resume,
            offered=lambda schedule: schedule.paused_at is not None,
            explanation="It goes on from now. What it would have run in the meantime is not caught up.",
        ),
        ServiceAction("change", "Change the times", _change, form=TimesForm),
        ServiceAction("remove", "Remove", _remove, explanation="Its runs stay.", danger=True),
    )

    def create(self, values: Mapping[str, Any], *, by: User) -> RunSchedule:
        scope = {name: values[name] for name in ("stages", "limit", "batch")}
        return create_schedule(
            values["project"], label=values["label"], times=_times(values), options=parse_options(scope), by=by
        )

    @admin.display(description="runs")
    def runs(self, schedule: RunSchedule) -> str:
        return schedule.times

    @admin.display(description="state")
    def state(self, schedule: RunSchedule) -> str:
        return "paused" if schedule.paused_at else "active"

    @admin.display(description="next run (UTC)")
    def next_run(self, schedule: RunSchedule) -> str:
        return moment(schedule.next_run_at)

    @admin.display(description="outcome")
    def outcome(self, schedule: RunSchedule) -> Shown:
        if schedule.last_run and not schedule.last_problem:
            return page_of(schedule.last_run, f"run {schedule.last_run.pk} {schedule.last_run.status}")
        return schedule.get_last_outcome_display() or "-"

    @admin.display(description="why none was started")
    def problem(self, schedule: RunSchedule) -> Shown:
        return block_of(schedule.last_problem)

    @admin.display(description="options of each run")
    def asked_for(self, schedule: RunSchedule) -> Shown:
        return json_block(schedule.options)

    @admin.display(description="clock")
    def clock_row(self, schedule: RunSchedule) -> Shown:
        return page_of(schedule.clock)
