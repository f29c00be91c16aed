"""People's accounts, and the tables of installed packages, in the look and under the rules of the rest."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from signalops_site.core import audit
from signalops_site.core.admin.base import LookUpAdmin, person
from signalops_site.core.admin.display import Shown, block_of

if TYPE_CHECKING:
    from django.contrib.auth.admin import UserAdmin as _UserAdmin
    from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

    UserForms = _UserAdmin[User]
    UserForm = UserChangeForm[User]
else:
    from django.contrib.auth.admin import UserAdmin as _UserAdmin
    from unfold.admin import ModelAdmin
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

    UserForm = UserChangeForm

    class UserForms(_UserAdmin, ModelAdmin):
        """Django's pages for users in unfold's look."""


class AccountForm(UserForm):
    """Somebody has to be left who can come in here."""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        remains = values.get("is_superuser") and values.get("is_active")
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=self.instance.pk)
        if self.instance.is_superuser and not remains and not others.exists():
            raise ValidationError("This is the last superuser with an open account: make another one first.")
        return values


class UserAdmin(UserForms):
    """Accounts are made, changed and closed here. They are not deleted: labels and decisions would go with them.

    Rights are a superuser's or come from memberships, so Django's groups and permissions are not offered.
    """

    form: Any = AccountForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    actions = None
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Django's own sign-in form asks for `is_staff`: here that and being a superuser are the same."""
        obj.is_staff = obj.is_superuser
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> None:  # type: ignore[override]
        """Into the audit log, in the place of the admin's own history."""
        audit.record("user.create", by=person(request), on=obj)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> None:  # type: ignore[override]
        """As `log_addition`; a new password comes by here as well."""
        rights = {"is_superuser": obj.is_superuser, "is_active": obj.is_active}
        fields = {"fields": _changed(message), **rights}
        audit.record("user.change", by=person(request), on=obj, fields=fields)


def _changed(message: Any) -> list[str]:
    """The names of the fields that a change message of Django's admin tells of."""
    if isinstance(message, str):
        return ["password"]
    return [name for part in message for name in part.get("changed", {}).get("fields", [])]


class JobAdmin(LookUpAdmin):
    """Jobs of django-q, to look at. They are made by services, and done again by these."""

    def find(self, term: str) -> Q:
        return Q(func=term) | Q(group=term) | Q(name=term)


class DoneJobAdmin(JobAdmin):
    ordering = ("-started",)
    list_display = ("name", "func", "group", "cluster", "started", "stopped", "attempt_count")
    search_help_text = "by name, by function (leads.tasks.run_pipeline), or by group"
    fields = ("id", "name", "func", "group", "cluster", "started", "stopped", "attempt_count", "given", "outcome")

    @admin.display(description="arguments")
    def given(self, job: Success | Failure) -> Shown:
        return block_of(f"{job.args or ()} {job.kwargs or {}}")

    @admin.display(description="result")
    def outcome(self, job: Success | Failure) -> Shown:
        return block_of(str(job.result or ""))


class ScheduleAdmin(JobAdmin):
    list_display = ("name", "func", "schedule_type", "cron", "repeats", "next_run", "cluster")
    search_help_text = "by name or function"
    fields = (
        "name",
        "func",
        "args",
        "kwargs",
        "schedule_type",
        "minutes",
        "cron",
        "repeats",
        "next_run",
        "cluster",
        "task",
    )

    def find(self, term: str) -> Q:
        return Q(func=term) | Q(name=term)


class WaitingJobAdmin(JobAdmin):
    list_display = ("id", "key", "name", "func", "lock")
    search_help_text = "by id"
    fields = ("id", "key", "name", "func", "lock", "given")

    def find(self, term: str) -> Q:
        return LookUpAdmin.find(self, term)

    @admin.display(description="arguments")
    def given(self, job: OrmQ) -> Shown:
        return block_of(f"{job.args()} {job.kwargs()}")


REPLACED = {
    User: UserAdmin,
    Success: DoneJobAdmin,
    Failure: DoneJobAdmin,
    Schedule: ScheduleAdmin,
    OrmQ: WaitingJobAdmin,
}
for model, shown_by in REPLACED.items():
    admin.site.unregister(model)
    admin.site.register(model, shown_by)
admin.site.unregister(Group)  # roles are memberships of projects
