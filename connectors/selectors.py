"""Named reads: which platforms there are, and which accounts somebody may look after."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from signalops_site.core.permissions import operated_projects
from signalops_site.core.secrets import SecretsUnreadable

from .base import AccountConnector, Connector, connectors
from .models import Account
from .policies import all_policies
from .rules import PlatformPolicy


@dataclass(frozen=True, slots=True)
class CredentialField:
    name: str
    description: str
    is_secret: bool
    is_required: bool


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as it is offered: what it can do, and what an account of it consists of."""

    name: str
    capabilities: tuple[str, ...]
    account: Literal["none", "optional", "required"]
    default_base_url: str
    credentials: tuple[CredentialField, ...]
    oauth: bool = False


def all_platforms() -> list[Platform]:
    return [_platform(name, connector) for name, connector in connectors.items().items()]


@dataclass(frozen=True, slots=True)
class RuledPlatform:
    """A platform with what it allows."""

    platform: str
    policy: PlatformPolicy


def ruled_platforms() -> list[RuledPlatform]:
    return [RuledPlatform(name, policy) for name, policy in all_policies().items()]


@dataclass(frozen=True, slots=True)
class Sender:
    """An account as one that could answer; `project_id` None: for all projects."""

    platform: str
    project_id: int | None
    handle: str
    tier: str
    account_id: int | None = None


def all_senders() -> list[Sender]:
    """Every account, in one query. People enter them by hand, so they are few."""
    rows = Account.objects.order_by("pk").values_list("platform", "project_id", "handle", "tier", "pk")
    return [Sender(*row) for row in rows]


def accounts_for(user: User) -> QuerySet[Account]:
    """The accounts of the projects that the user operates, and those that all projects share."""
    operated = operated_projects(user)
    accounts = Account.objects.select_related("project").prefetch_related("windows")
    if not user.is_superuser and not operated.exists():
        return accounts.none()
    return accounts.filter(Q(project__in=operated) | Q(project=None))


def _platform(name: str, connector: type[Connector]) -> Platform:
    capabilities = tuple(sorted(capability.value for capability in connector.capabilities))
    if not issubclass(connector, AccountConnector):
        return Platform(name, capabilities, "none", connector.default_base_url, ())
    needed: Literal["optional", "required"] = "required" if connector.account_required else "optional"
    fields, is_agreed_to = credential_fields(connector), connector.oauth is not None
    return Platform(name, capabilities, needed, connector.default_base_url, fields, is_agreed_to)


def credential_fields(connector: type[AccountConnector]) -> tuple[CredentialField, ...]:
    kind = connector.credentials
    return tuple(
        CredentialField(name, field.description or "", kind.hides(name), field.is_required())
        for name, field in kind.model_fields.items()
    )


def is_connected_by_consent(account: Account) -> bool:
    """Whether a person connects it by agreeing to what its application is for. One that has only an application's
    own token has nothing to agree to.
    """
    kind = connectors.items().get(account.platform)
    if kind is None or not issubclass(kind, AccountConnector) or kind.oauth is None:
        return False
    try:
        return bool(account.credentials and account.credentials.open().get("client_id"))
    except SecretsUnreadable:
        return False
