"""Which account a project's queries use, and the connector that is made with it."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Q
from pydantic import BaseModel

from signalops_site.core.models import Project
from signalops_site.core.secrets import SecretsUnreadable

from .access import Access, Caller, directly
from .base import AccountConnector, Connector, connectors
from .errors import Refused
from .models import Account, AccountState
from .names import name_of
from .oauth import HOW_TO_CONNECT
from .ratelimits import SharedLimits
from .selectors import is_connected_by_consent
from .sessions import StoredSession


def open_connector(
    platform: str, *, project: Project, options: BaseModel | None, run: Caller = directly
) -> tuple[Connector, Account | None]:
    """The platform's connector, as the project uses it, and its account if it has one.

    Refused, without asking the platform, when the only accounts there are were refused before. What the
    connector does with the database later, it does through `run`.
    """
    kind = connectors.get(platform)
    if not issubclass(kind, AccountConnector):
        return kind(without_account(kind, kind.default_base_url, options=options, run=run)), None
    chosen = kind.chosen_address(options)
    account = choose_account(platform, project=project, address=chosen)
    if account is None:
        return kind(without_account(kind, chosen or kind.default_base_url, options=options, run=run)), None
    if account.state != AccountState.OK:
        raise Refused(paused_message(account))
    return kind(access_of(account, options=options, run=run)), account


def without_account(kind: type[Connector], address: str, *, options: BaseModel | None, run: Caller) -> Access:
    limits = SharedLimits(kind.platform, account=None, base_url=address, documented=kind.windows, run=run)
    return Access(reachable_at(kind.platform, address), options=options, limits=limits, home=address)


def choose_account(platform: str, *, project: Project, address: str = "") -> Account | None:
    """The project's account there, or one that all projects share; a good one before one that was refused."""
    return best_of(usable_accounts(platform, project=project, address=address))


def usable_accounts(platform: str, *, project: Project, address: str = "") -> list[Account]:
    """The project's accounts there, then those that all projects share."""
    usable = Account.objects.filter(Q(project=project) | Q(project=None), platform=platform)
    if address:
        usable = usable.filter(base_url=address)
    return list(usable.order_by(F("project").asc(nulls_last=True), "pk"))


def best_of(accounts: Sequence[Account]) -> Account | None:
    good = [account for account in accounts if account.state == AccountState.OK]
    return next(iter(good or accounts), None)


def access_of(account: Account, *, options: BaseModel | None = None, run: Caller = directly) -> Access:
    """What a connector needs to act as that account. Refused when its credentials cannot be read."""
    kind = connectors.get(account.platform)
    if not issubclass(kind, AccountConnector):
        raise Refused(f"{name_of(account.platform)} has no accounts any more.")
    try:
        credentials = kind.credentials.model_validate(account.credentials.open() if account.credentials else {})
    except (SecretsUnreadable, ValueError):
        message = f"The credentials of {account} cannot be read. Enter them with `manage.py accounts rotate`."
        raise Refused(message) from None
    return Access(
        reachable_at(account.platform, account.base_url),
        credentials,
        options,
        SharedLimits(
            account.platform, account=account, base_url=account.base_url, documented=kind.windows, run=run
        ),
        StoredSession(account, run=run),
        home=account.base_url,
    )


def reachable_at(platform: str, address: str) -> str:
    """Where requests for that address go: the operator may have set a gateway or a stand-in."""
    return settings.PLATFORM_BASE_URLS.get(platform) or address


def paused_message(account: Account) -> str:
    if account.state == AccountState.UNCONNECTED:
        return f"{account} is paused: nobody has agreed to it yet; {HOW_TO_CONNECT}."
    why = account.last_error.rstrip(".") or account.state
    return f"{account} is paused: {why}. {_how_to_mend(account)}"


def _how_to_mend(account: Account) -> str:
    test = f"try it again with `manage.py accounts test {account.pk}`"
    if account.state == AccountState.EXPIRED and is_connected_by_consent(account):
        return f"To go on, {HOW_TO_CONNECT}, or {test}."
    return f"Give it new credentials with `manage.py accounts rotate {account.pk}`, or {test}."
