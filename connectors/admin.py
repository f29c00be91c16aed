"""Accounts with their health, and how far each query has read.

Credentials go in and never come out: no page, form or message shows them. Nothing here moves a cursor: a changed
query starts afresh by itself.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest

from signalops_site.core.admin.base import CreatesThroughService, LookUpAdmin, ServiceAction, StyledForm, person
from signalops_site.core.admin.display import Shown, block_of
from signalops_site.core.models import Project

from . import services
from .budgets import read_months
from .links import callback_address, session_key_of
from .models import Account, AccountState, QueryCursor
from .policies import all_policies
from .selectors import CredentialField, all_platforms, is_connected_by_consent


@admin.register(QueryCursor)
class QueryCursorAdmin(LookUpAdmin):
    list_display = ("query", "project", "platform", "newest_id", "pages", "updated_at", "failing")
    list_filter = ("project", "platform")
    list_select_related = ("project",)
    fields = (
        "project",
        "platform",
        "query",
        "newest_id",
        "pending_newest_id",
        "walk_count",
        "pages",
        "updated_at",
        "retry_at",
        "failure",
    )

    @admin.display(description="failing", boolean=True)
    def failing(self, cursor: QueryCursor) -> bool:
        return bool(cursor.last_error)

    @admin.display(description="last error")
    def failure(self, cursor: QueryCursor) -> Shown:
        return block_of(cursor.last_error)


class CredentialsForm(StyledForm):
    """A field for each thing that any platform's accounts consist of; those of the account's own count."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for platform in all_platforms():
            for field in platform.credentials:
                self.fields.setdefault(field.name, _input_for(field, platform=platform.name))


def _input_for(field: CredentialField, *, platform: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if field.is_secret else forms.TextInput()
    help_text = f"{platform.capitalize()}: {field.description}"
    return forms.CharField(required=False, strip=True, max_length=4096, widget=widget, help_text=help_text)


def given_credentials(values: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in of the fields that credentials have."""
    names = {field.name for platform in all_platforms() for field in platform.credentials}
    return {name: values[name] for name in sorted(names) if values.get(name)}


class AccountForm(CredentialsForm):
    platform = forms.ChoiceField()
    label = forms.CharField(max_length=100, help_text="what you call it")
    project = forms.ModelChoiceField(Project.objects.all(), required=False, help_text="none chosen: for all")
    base_url = forms.CharField(
        max_length=300,
        required=False,
        label="Instance",
        help_text="such as fosstodon.org; empty: the platform's own",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [platform.name for platform in all_platforms() if platform.credentials]
        self.fields["platform"] = forms.ChoiceField(choices=[(name, name) for name in names])


def _connect(request: HttpRequest, account: Account) -> str:
    return services.start_connect(
        account,
        by=person(request),
        session_key=session_key_of(request),
        redirect_uri=callback_address(request),
    )


class TierForm(StyledForm):
    """The tiers of all platforms; the service refuses those that are not the account's."""

    tier = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict.fromkeys(tier for policy in all_policies().values() for tier in policy.tiers)
        self.fields["tier"] = forms.ChoiceField(choices=[(name, name) for name in names])


class BudgetForm(StyledForm):
    posts = forms.IntegerField(
        required=False, min_value=0, max_value=1_000_000_000, help_text="posts in a month; empty: any number"
    )
    usd = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        help_text="US dollars in a month; empty: any sum",
    )


def _set_budget(account: Account, by: User, values: Mapping[str, Any]) -> str:
    services.set_read_budget(account, posts=values["posts"], usd=values["usd"], by=by)
    return f"{account} has read {read_months([account])[account.pk]} this month."


def _test(account: Account, by: User, _values: Mapping[str, Any]) -> str:
    tested = services.check_account(account, by=by)
    return f"{tested} is {tested.state}. {tested.last_error}".strip()


def _rotate(account: Account, by: User, values: Mapping[str, Any]) -> str:
    services.rotate_account(account, credentials=given_credentials(values), by=by)
    return f"{account} has new credentials."


def _record_tier(account: Account, by: User, values: Mapping[str, Any]) -> str:
    services.record_tier(account, tier=values["tier"], by=by)
    return f"{account} counts as {account.tier}."


def _remove(account: Account, by: User, _values: Mapping[str, Any]) -> str:
    sentence = f"{account} is forgotten."
    services.remove_account(account, by=by)
    return sentence


@admin.register(Account)
class AccountAdmin(CreatesThroughService[Account]):
    list_display = ("__str__", "project", "handle", "healthy", "state", "last_checked_at")
    list_filter = ("platform", "state", "project")
    list_select_related = ("project",)
    fields = (
        "platform",
        "label",
        "project",
        "base_url",
        "handle",
        "scopes",
        "tier",
        "monthly_posts_limit",
        "monthly_usd_limit",
        "read_this_month",
        "state",
        "last_checked_at",
        "failure",
        "created_at",
    )
    creation_form = AccountForm
    creation_title = "Add an account"
    creation_note = "The platform is asked first. Credentials are encrypted, and no page shows them again."
    service_actions = (
        ServiceAction(
            "connect",
            "Connect",
            leads_to=_connect,
            offered=is_connected_by_consent,
            explanation="Goes on to the platform, where whoever is signed in agrees to what the account is for.",
        ),
        ServiceAction("test", "Test this account", _test, explanation="Asks the platform whether it takes it."),
        ServiceAction("rotate", "New credentials", _rotate, form=CredentialsForm),
        ServiceAction(
            "tier",
            "Record its tier",
            _record_tier,
            form=TierForm,
            explanation="Which access it has there: the rules for replies follow from it.",
        ),
        ServiceAction(
            "budget",
            "Set its monthly budget",
            _set_budget,
            form=BudgetForm,
            explanation="What it may read in a month. An empty field takes that limit away.",
        ),
        ServiceAction(
            "remove",
            "Forget this account",
            _remove,
            explanation="Its credentials are deleted. What was collected stays.",
            danger=True,
        ),
    )

    def create(self, values: Mapping[str, Any], *, by: User) -> Account:
        return services.add_account(
            values["platform"],
            label=values["label"],
            project=values["project"],
            base_url=values["base_url"],
            credentials=given_credentials(values),
            by=by,
        )

    @admin.display(description="healthy", boolean=True)
    def healthy(self, account: Account) -> bool:
        return account.state == AccountState.OK

    @admin.display(description="read this month")
    def read_this_month(self, account: Account) -> str:
        return str(read_months([account])[account.pk])

    @admin.display(description="last error")
    def failure(self, account: Account) -> Shown:
        return block_of(account.last_error)
