"""Named reads: which platforms there are, and which accounts somebody may look after."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from signalops_site.core.permissions import operated_projects

from .base import AccountConnector, Connector, connectors
from .models import Account


@dataclass(frozen=True, slots=True)
class CredentialField:
    name: str
    description: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as it is offered: what it can do, and what an account of it consists of."""

    name: str
    capabilities: tuple[str, ...]
    account: Literal["none", "optional", "required"]
    default_base_url: str
    credentials: tuple[CredentialField, ...]


def all_platforms() -> list[Platform]:
    return [_platform(name, connector) for name, connector in connectors.items().items()]


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
        return Platform(name, capabilities, "none", "", ())
    needed: Literal["optional", "required"] = "required" if connector.account_required else "optional"
    return Platform(name, capabilities, needed, connector.default_base_url, credential_fields(connector))


def credential_fields(connector: type[AccountConnector]) -> tuple[CredentialField, ...]:
    kind = connector.credentials
    return tuple(
        CredentialField(name, field.description or "", kind.hides(name))
        for name, field in kind.model_fields.items()
    )
