"""The kill switch: which pauses hold sending back, or did."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User

from ..models import Pause, Project
from ..pauses import MOST_WHY, active_pauses, pause_sending, resume_sending
from .base import CreatesThroughService, ServiceAction, StyledForm


class PauseForm(StyledForm):
    project = forms.ModelChoiceField(Project.objects.all(), required=False, help_text="empty: all projects")
    why = forms.CharField(max_length=MOST_WHY, required=False)
    until = forms.DateTimeField(required=False, help_text="UTC, such as 2026-11-24 08:00; empty: until resumed")


def _resume(pause: Pause, by: User, _values: Mapping[str, Any]) -> str:
    resume_sending(pause.project, by=by)
    return f"Sending of {pause.project or 'all projects'} goes on."


@admin.register(Pause)
class PauseAdmin(CreatesThroughService[Pause]):
    list_display = ("id", "project", "by", "why", "until", "created_at", "ended_at")
    list_select_related = ("project", "by")
    fields = ("project", "by", "why", "until", "created_at", "ended_at", "ended_by")
    creation_form = PauseForm
    creation_title = "Pause sending"
    creation_note = "Nothing more is sent from now on. What waits stays in the queue."
    service_actions = (
        ServiceAction(
            "resume",
            "Resume",
            _resume,
            offered=lambda pause: active_pauses().filter(pk=pause.pk).exists(),
            explanation="Every pause of the same project (or of all projects) ends, and what waits leaves.",
        ),
    )

    def create(self, values: Mapping[str, Any], *, by: User) -> Pause:
        return pause_sending(values["project"], by=by, why=values["why"], until=values["until"])
