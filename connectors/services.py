"""Every write of accounts. A key is tested at its platform before it is stored, and never shown again.

Role: operators look after the accounts of their project; those that all projects share take a superuser.
Names of fields are audited, values never.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import ValidationError

from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, require_superuser
from signalops_site.core.secrets import seal

from .access import Access, Credentials, ForgetfulSession, Identity
from .addresses import BadAddress
from .base import AccountConnector, connectors
from .errors import ConnectorError, Expired, Refused
from .models import Account, AccountState
from .opening import access_of, reachable_at
from .ratelimits import SharedLimits

Given = Mapping[str, Any]


class BadCredentials(DomainError):
    title = "These credentials are not complete"


class CredentialsRefused(DomainError):
    title = "The platform does not take these credentials"


def add_account(
    platform: str,
    *,
    label: str,
    credentials: Given,
    by: audit.Actor,
    project: Project | None = None,
    base_url: str = "",
) -> Account:
    """Store an account that the platform accepts; nothing is stored of one that it refuses."""
    _require_right(project, by=by)
    connector = account_connector(platform)
    address = _checked_address(connector, base_url)
    name = _checked_label(label, platform=platform, project=project)
    checked = read_credentials(connector, credentials)
    identity, session = _try_out(connector, checked, address=address)
    account = Account(
        project=project,
        platform=platform,
        label=name,
        base_url=address,
        credentials=_sealed(checked),
        session=session,
        last_checked_at=timezone.now(),
        **_as_fields(identity),
    )
    return _store_new(account, by=by)


def check_account(account: Account, *, by: audit.Actor) -> Account:
    """Ask the platform whether it takes the account. A platform that does not answer changes no state."""
    _require_right(account.project, by=by)
    try:
        identity = account_connector(account.platform)(access_of(account)).verify()
    except Refused as error:
        return _write(account, "account.test", by=by, **_refusal(error), last_checked_at=timezone.now())
    except ConnectorError as error:
        return _write(account, "account.test", by=by, last_error=error.detail)
    return _write(account, "account.test", by=by, **_acceptance(), **_as_fields(identity))


def rotate_account(account: Account, *, credentials: Given, by: audit.Actor) -> Account:
    """Replace the credentials by others that the platform accepts. Its paused queries go on with the next run."""
    _require_right(account.project, by=by)
    connector = account_connector(account.platform)
    checked = read_credentials(connector, credentials)
    identity, session = _try_out(connector, checked, address=account.base_url)
    changes = {"credentials": _sealed(checked), "session": session, **_acceptance(), **_as_fields(identity)}
    return _write(account, "account.rotate", by=by, **changes)


@transaction.atomic
def remove_account(account: Account, *, by: audit.Actor) -> None:
    """Forget an account and its credentials."""
    _require_right(account.project, by=by)
    fields = {"platform": account.platform}
    removed, project = Account(pk=account.pk), account.project
    account.delete()
    audit.record("account.remove", by=by, project=project, on=removed, fields=fields)


def pause_refused(account: Account, error: Refused) -> None:
    """Note that the platform refused an account while it was used: its queries pause until it is mended."""
    _write(account, "account.refused", by="job:connectors", **_refusal(error), last_checked_at=timezone.now())


def account_connector(platform: str) -> type[AccountConnector]:
    """The connector of a platform that has accounts; DomainError names those that do."""
    known = {name: each for name, each in connectors.items().items() if issubclass(each, AccountConnector)}
    if platform not in known:
        raise DomainError(f"{platform[:40]!r} has no accounts. These platforms have: {', '.join(known)}.")
    return known[platform]


def read_credentials(connector: type[AccountConnector], given: Given) -> Credentials:
    """Credentials of the platform's own shape. The error names fields, and never repeats what was given."""
    try:
        return connector.credentials.model_validate(dict(given))
    except ValidationError as error:
        raise BadCredentials(" ".join(_told(connector, dict(item)) for item in error.errors())) from None


def _told(connector: type[AccountConnector], item: Mapping[str, Any]) -> str:
    name = ".".join(map(str, item["loc"]))[:80]
    if not name:  # what is wrong with them together names the fields itself
        return f"{item['msg'].removeprefix('Value error, ')}."
    if item["type"] == "extra_forbidden":
        return f"{name} is none of {', '.join(connector.credentials.model_fields)}."
    return f"{name}: {'is missing' if item['type'] == 'missing' else item['msg'].removeprefix('Value error, ')}."


def _try_out(connector: type[AccountConnector], credentials: Credentials, *, address: str) -> tuple[Identity, Any]:
    """Who the platform says this is, and the session that came of asking, sealed."""
    session = ForgetfulSession()
    limits = SharedLimits(connector.platform, account=None, base_url=address)
    url = reachable_at(connector.platform, address)
    access = Access(url, credentials, limits=limits, session=session, home=address)
    try:
        identity = connector(access).verify()
    except Refused as error:
        raise CredentialsRefused(f"{error.detail} Nothing was stored.") from error
    kept = session.load()
    return identity, seal(dict(kept)) if kept else None


def _sealed(credentials: Credentials) -> Any:
    values = credentials.model_dump(exclude_none=True)
    return seal({key: getattr(value, "get_secret_value", lambda v=value: v)() for key, value in values.items()})


def _as_fields(identity: Identity) -> dict[str, Any]:
    return {"handle": identity.handle[:200], "scopes": list(identity.scopes)}


def _acceptance() -> dict[str, Any]:
    return {"state": AccountState.OK, "last_error": "", "last_checked_at": timezone.now()}


def _refusal(error: Refused) -> dict[str, Any]:
    state = AccountState.EXPIRED if isinstance(error, Expired) else AccountState.REFUSED
    return {"state": state, "last_error": error.detail}


@transaction.atomic
def _store_new(account: Account, *, by: audit.Actor) -> Account:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise Conflict(f"There is an account {account.label!r} at {account.platform} already.") from error
    audit.record("account.add", by=by, project=account.project, on=account, fields={"platform": account.platform})
    return account


@transaction.atomic
def _write(account: Account, action: str, *, by: audit.Actor, **changes: Any) -> Account:
    for name, value in changes.items():
        setattr(account, name, value)
    account.save(update_fields=list(changes))
    fields = {"state": str(account.state), "changed": sorted(changes)}
    audit.record(action, by=by, project=account.project, on=account, fields=fields)
    return account


def _require_right(project: Project | None, *, by: audit.Actor) -> None:
    """Jobs and commands act for whoever has the machine."""
    if isinstance(by, User):
        if project is None:
            require_superuser(by)
        else:
            require_role(by, project, Role.OPERATOR)


def _checked_address(connector: type[AccountConnector], base_url: str) -> str:
    try:
        return connector.address(base_url)
    except BadAddress as error:
        raise BadAddress(f"base_url: {error.detail}") from None


def _checked_label(label: str, *, platform: str, project: Project | None) -> str:
    """The label as it is stored. A name that is taken is refused before anybody's key goes out to be tested."""
    name = label.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise DomainError("A label is a name of your own for the account, of 1 to 100 characters.")
    if Account.objects.filter(project=project, platform=platform, label=name).exists():
        raise Conflict(f"There is an account {name!r} at {platform} already.")
    return name
