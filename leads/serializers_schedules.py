"""Shapes of schedules in the API."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.models import RunStatus
from signalops_site.core.serializers import RunScopeSerializer

from .models import RunSchedule, ScheduleOutcome
from .models.schedules import MOST_MINUTES
from .services.schedules import MOST_LABEL


class ScheduledRunSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=RunStatus.choices)


class RunScheduleSerializer(serializers.ModelSerializer[RunSchedule]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    every_minutes = serializers.IntegerField(read_only=True, allow_null=True, help_text="null: `cron` says when")
    cron = serializers.CharField(read_only=True, help_text="in UTC; empty: `every_minutes` says when")
    options = RunScopeSerializer(read_only=True, help_text="of each run")
    next_run_at = serializers.SerializerMethodField(
        help_text="null: paused. In the past: due, and a worker will see to it"
    )
    paused_by = serializers.CharField(source="paused_by.username", read_only=True, allow_null=True)
    last_outcome = serializers.ChoiceField(
        choices=[("", "not yet due"), *ScheduleOutcome.choices],
        read_only=True,
        help_text="passed_over: a run was queued or live; refused: `last_problem` says why",
    )
    last_run = ScheduledRunSerializer(read_only=True, allow_null=True, help_text="the last one that it started")

    class Meta:
        model = RunSchedule
        fields = (
            "id",
            "project",
            "label",
            "every_minutes",
            "cron",
            "options",
            "next_run_at",
            "paused_at",
            "paused_by",
            "last_due_at",
            "last_outcome",
            "last_problem",
            "last_run",
            "created_at",
        )
        read_only_fields = fields

    def get_next_run_at(self, schedule: RunSchedule) -> datetime | None:
        return schedule.next_run_at


class ScheduledOptionsSerializer(StrictSerializer, RunScopeSerializer):
    """Of each run. A schedule takes no `refresh`."""


class ScheduledTimesSerializer(StrictSerializer):
    every_minutes = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_MINUTES, help_text="in the place of `cron`"
    )
    cron = serializers.CharField(
        max_length=100, required=False, help_text="five fields, in UTC; in the place of `every_minutes`"
    )
    options = ScheduledOptionsSerializer(required=False, help_text="of each run; {}: a full one")


class CreateScheduleSerializer(ScheduledTimesSerializer):
    """Either `every_minutes` or `cron`."""

    project = serializers.SlugField(max_length=63)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`label` is added here: as an attribute it would hide the serializer's own."""
        return {**super().get_fields(), "label": _label()}


class ChangeScheduleSerializer(ScheduledTimesSerializer):
    """What is given is changed. New times count from now."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "label": _label(required=False)}


def _label(*, required: bool = True) -> serializers.CharField:
    return serializers.CharField(max_length=MOST_LABEL, required=required, help_text="once in a project")
