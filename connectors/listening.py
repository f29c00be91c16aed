"""Asking as one account what others did: who mentions or follows it, and how its own posts stand."""

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from .base import Connector, Mentioned, Simulated, connectors
from .errors import Refused
from .models import Account, AccountState
from .opening import access_of, paused_message
from .searching import OpenSearch, open_search


def open_account(account: Account) -> OpenSearch:
    """The platform as that account sees it. Asks nobody; Refused when the account was refused before."""
    if account.state != AccountState.OK:
        raise Refused(paused_message(account))
    return OpenSearch(connectors.get(account.platform)(access_of(account)), account)


def open_for(platform: str, account: Account | None, *, project: Project, document: ProjectDocument) -> OpenSearch:
    """As the account that posted, or, where that is not known, as the project would search."""
    if account is not None:
        return open_account(account)
    return open_search(platform, project=project, document=document)


def platforms_that_tell() -> list[str]:
    """Those that tell an account who speaks to it."""
    return [name for name, kind in connectors.items().items() if issubclass(kind, Mentioned)]


def simulated_platforms() -> list[str]:
    """Those whose replies go nowhere."""
    return [name for name, kind in connectors.items().items() if issubclass(kind, Simulated)]


def is_simulated(platform: str) -> bool:
    return platform in simulated_platforms()


def names_who_answers(connector: Connector) -> bool:
    """Whether answers are told one by one, and not as a number alone."""
    return isinstance(connector, Mentioned | Simulated)
