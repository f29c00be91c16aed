"""Who may come in: members of projects, and the API keys of programs. A key's text is shown once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from ..access.keys import IssuedKey, create_key, revoke_key
from ..access.members import add_member, change_role, remove_member
from ..models import ApiKey, Membership, Project, Role
from .base import CreatesThroughService, ServiceAction, StyledForm, by_id


class MemberForm(StyledForm):
    project = forms.ModelChoiceField(Project.objects.all())
    username = forms.CharField(max_length=150, label="User name", help_text="of an account that exists")
    role = forms.ChoiceField(choices=Role.choices)


class RoleForm(StyledForm):
    role = forms.ChoiceField(choices=Role.choices)


def _change_role(membership: Membership, by: User, values: Mapping[str, Any]) -> str:
    membership = change_role(membership, role=Role(values["role"]), by=by)
    return f"{membership.user} is {membership.role} of {membership.project} now."


def _remove(membership: Membership, by: User, _values: Mapping[str, Any]) -> str:
    sentence = f"{membership.user} is no member of {membership.project} any more."
    remove_member(membership, by=by)
    return sentence


@admin.register(Membership)
class MembershipAdmin(CreatesThroughService[Membership]):
    list_display = ("user", "project", "role", "created_at")
    list_filter = ("project", "role")
    list_select_related = ("user", "project")
    search_help_text = "by user name"
    fields = ("user", "project", "role", "created_at")
    creation_form = MemberForm
    creation_title = "Add a member"
    service_actions = (
        ServiceAction("role", "Change the role", _change_role, form=RoleForm),
        ServiceAction(
            "remove",
            "Remove from the project",
            _remove,
            explanation="The account stays. What the person decided stays too.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return Q(user__username=term)

    def create(self, values: Mapping[str, Any], *, by: User) -> Membership:
        return add_member(values["project"], username=values["username"], role=Role(values["role"]), by=by)


class KeyForm(StyledForm):
    name = forms.CharField(max_length=100, help_text="what it is for")
    role = forms.ChoiceField(choices=Role.choices, help_text="the most that it may do")
    projects = forms.ModelMultipleChoiceField(
        Project.objects.all(), required=False, help_text="none chosen: all that you reach, those of later too"
    )
    expires_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="UTC; empty: never",
    )


def _revoke(key: ApiKey, by: User, _values: Mapping[str, Any]) -> str:
    return f"{revoke_key(key, by=by)} opens nothing any more."


@admin.register(ApiKey)
class ApiKeyAdmin(CreatesThroughService[IssuedKey]):
    """The digest is on no page: it would help nobody but somebody who guesses."""

    list_display = ("__str__", "name", "owner", "role", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("owner",)
    search_help_text = "by the part of a key before its second underscore (so_1a2b3c4d), or by its owner"
    fields = (
        "name",
        "prefix",
        "owner",
        "role",
        "all_projects",
        "projects",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    creation_form = KeyForm
    creation_title = "Make an API key"
    creation_note = "The key is yours: it can never do more than you can. Its text is shown once."
    service_actions = (
        ServiceAction(
            "revoke",
            "Revoke this key",
            _revoke,
            offered=lambda key: key.revoked_at is None,
            explanation="Programs that use it are refused from now on. This cannot be undone.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return Q(prefix=term.removeprefix("so_")) | Q(owner__username=term) | by_id(term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return super().get_queryset(request).defer("digest")

    def create(self, values: Mapping[str, Any], *, by: User) -> IssuedKey:
        return create_key(
            name=values["name"],
            role=Role(values["role"]),
            projects=list(values["projects"]),
            expires_at=values["expires_at"],
            by=by,
        )

    def created(self, request: HttpRequest, made: IssuedKey) -> HttpResponse:
        """The key's text, on a page that no browser keeps: a message would lie in a cookie on its way there."""
        title = f"The key {made.key}"
        response = self.page(request, "core/admin/key_created.html", title=title, issued=made)
        response["Cache-Control"] = "no-store"
        return response
