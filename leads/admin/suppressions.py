"""The do-not-contact list. Files are brought in by the dashboard, the API and `manage.py suppress import`."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q

from signalops_site.core.admin.base import CreatesThroughService, ServiceAction, StyledForm, by_id
from signalops_site.core.models import Project

from ..identities import IdentityKind, identities_of, identity_of, platforms
from ..models import Suppression
from ..services.suppressions import LONGEST_REASON, lift, suppress


class SuppressionForm(StyledForm):
    project = forms.ModelChoiceField(Project.objects.all(), required=False, empty_label="all projects")
    kind = forms.ChoiceField(choices=IdentityKind.choices)
    platform = forms.CharField(max_length=32, required=False, help_text="needed for a handle and an account")
    value = forms.CharField(max_length=300, help_text="the handle, the platform's id, the domain or the pattern")
    reason = forms.CharField(max_length=LONGEST_REASON, required=False, help_text="why; no names")
    expires_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="UTC; empty: never",
    )


def _lift(suppression: Suppression, by: User, _values: Mapping[str, Any]) -> str:
    lift(suppression, by=by)
    return "It is off the list."


@admin.register(Suppression)
class SuppressionAdmin(CreatesThroughService[Suppression]):
    list_display = ("id", "kind", "platform", "shown", "project", "reason", "source", "expires_at", "by")
    list_filter = ("kind", "source", "project")
    list_select_related = ("project", "by")
    search_help_text = "by id, by a domain, or by a handle or id at its platform (bluesky:ada)"
    fields = (
        "kind",
        "platform",
        "value",
        "digest",
        "project",
        "reason",
        "source",
        "expires_at",
        "by",
        "created_at",
    )
    creation_form = SuppressionForm
    creation_title = "Put on the do-not-contact list"
    creation_note = "A person's handle is kept as a keyed digest alone."
    service_actions = (
        ServiceAction(
            "lift",
            "Take off the list",
            _lift,
            explanation="Whoever it means may be contacted again.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        platform, colon, name = term.partition(":")
        if not colon or platform not in platforms():
            return Q(value=term.lower()) | by_id(term)
        names = identities_of(platform, platform_user_id=name, handle=name)
        return Q(digest__in=[digest for identity in names for digest in identity.digests()])

    def create(self, values: Mapping[str, Any], *, by: User) -> Suppression:
        identity = identity_of(values["kind"], value=values["value"], platform=values["platform"])
        row, _is_new = suppress(
            identity,
            project=values["project"],
            reason=values["reason"],
            expires_at=values["expires_at"],
            by=by,
        )
        return row

    @admin.display(description="value or digest")
    def shown(self, suppression: Suppression) -> str:
        return suppression.value or f"{suppression.digest[:12]}..."
