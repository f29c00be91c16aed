"""Every write of accounts. A key is tested at its platform before it is stored, and never shown again.

Where a person connects an account by agreeing at the platform, the application's own key is stored untested: only
a token that somebody agreed to can be tested, and is, before it is stored.

Role: operators look after the accounts of their project; those that all projects share take a superuser.
Names of fields are audited, values never.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import ValidationError

from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError, NotFound
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, require_superuser
from signalops_site.core.runs import publish
from signalops_site.core.secrets import seal

from .access import Access, Credentials, ForgetfulSession, Identity
from .addresses import BadAddress
from .base import AccountConnector, connectors
from .connecting import AccountChanged, ConnectFailed, agreed_by, begin_attempt, consent_of, take_attempt
from .errors import ConnectorError, Expired, Refused
from .hooks import account_refused
from .models import Account, AccountState, ConnectAttempt
from .oauth import is_only_a_client
from .opening import access_of, reachable_at
from .policies import policy_of
from .prices import price_of
from .ratelimits import SharedLimits, forget_waits
from .sessions import NO_LEASE

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
    """Store an account that the platform accepts; nothing is stored of one that it refuses.

    One that a person has to connect is stored as unconnected when its credentials are only an application's.
    """
    _require_right(project, by=by)
    connector = account_connector(platform)
    address = _checked_address(connector, base_url)
    name = _checked_label(label, platform=platform, project=project)
    fields = _tried_out(connector, read_credentials(connector, credentials), address=address)
    account = Account(project=project, platform=platform, label=name, base_url=address, **fields)
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
    fields = _as_fields(identity)
    scopes = fields.pop("scopes") or account.scopes  # who agreed was told them; a test need not be
    return _write(account, "account.test", by=by, **_acceptance(), **fields, scopes=scopes)


def rotate_account(account: Account, *, credentials: Given, by: audit.Actor) -> Account:
    """Replace the credentials by others that the platform accepts. Its paused queries go on with the next run.

    What a person agreed to was agreed with the application that was: it has to be connected again.
    """
    _require_right(account.project, by=by)
    connector = account_connector(account.platform)
    changes = _tried_out(connector, read_credentials(connector, credentials), address=account.base_url)
    with transaction.atomic():
        ConnectAttempt.objects.filter(account=account).delete()
        forget_waits(account)
        return _write(account, "account.rotate", by=by, **changes, **NO_LEASE)


@transaction.atomic
def start_connect(account: Account, *, by: User, session_key: str, redirect_uri: str) -> str:
    """The address at the platform where a person agrees. They come back to `redirect_uri`, as the same user in the
    same session.
    """
    _require_right(account.project, by=by)
    consent = consent_of(account)
    begun = begin_attempt(account, by=by, session_key=session_key, redirect_uri=redirect_uri)
    url = consent.agreement_url(state=begun.state, verifier=begun.verifier, redirect_uri=redirect_uri)
    audit.record("account.connect.begin", by=by, project=account.project, on=account)
    return url


def finish_connect(state: str, *, by: User, session_key: str, code: str = "", error: str = "") -> Account:
    """Take what the platform sent the person back with: a code, or why there is none. ConnectFailed says what went
    wrong; the account is then as it was, but for the sentence.
    """
    attempt = take_attempt(state, by=by, session_key=session_key)
    account = attempt.account
    _require_right(account.project, by=by)
    try:
        identity, session = agreed_by(attempt, code=code, error=error)
        changes = {"session": seal(session), **_acceptance(), **_as_fields(identity)}
        return _write_connected(account, changes, by=by)
    except ConnectFailed as failure:
        failure.account = account
        if Account.objects.filter(pk=account.pk).exists():
            _write(account, "account.connect.fail", by=by, last_error=failure.detail)
        raise


@transaction.atomic
def _write_connected(account: Account, changes: dict[str, Any], *, by: User) -> Account:
    """A code is good for the credentials with which it was asked for: not when somebody has changed them since."""
    now = Account.objects.select_for_update().filter(pk=account.pk).first()
    if now is None or now.credentials != account.credentials:
        raise AccountChanged(
            "The account was changed or removed meanwhile. Connect it again if it is still there."
        )
    forget_waits(account)
    return _write(account, "account.connect", by=by, **changes, **NO_LEASE)


@transaction.atomic
def remove_account(account: Account, *, by: audit.Actor) -> None:
    """Forget an account and its credentials."""
    _require_right(account.project, by=by)
    fields = {"platform": account.platform}
    removed, project = Account(pk=account.pk), account.project
    account.delete()
    audit.record("account.remove", by=by, project=project, on=removed, fields=fields)


@transaction.atomic
def record_tier(account: Account, *, tier: str, by: audit.Actor) -> Account:
    """Note which access the account has at its platform: an enterprise contract, say. Its rules follow from it."""
    _require_right(account.project, by=by)
    known = policy_of(account.platform).tiers
    if tier not in known:
        offered = ", ".join(known) or "none"
        raise DomainError(f"{account.platform} has no tier {tier[:40]!r}. Its tiers: {offered}.")
    account.tier = tier
    account.save(update_fields=["tier"])
    audit.record("account.tier", by=by, project=account.project, on=account, fields={"tier": tier})
    return account


@transaction.atomic
def set_read_budget(account: Account, *, posts: int | None, usd: Decimal | None, by: audit.Actor) -> Account:
    """What the account may read in a month, in posts and in US dollars; None: any number. Holds at once."""
    _require_right(account.project, by=by)
    if usd is not None and price_of(account.platform) is None:
        raise DomainError(
            f"No price of a post is known for {account.platform}, so no sum of money limits it. Limit its posts."
        )
    account.monthly_posts_limit, account.monthly_usd_limit = posts, usd
    account.save(update_fields=["monthly_posts_limit", "monthly_usd_limit"])
    fields = {"posts": posts, "usd": None if usd is None else str(usd)}
    audit.record("account.budget", by=by, project=account.project, on=account, fields=fields)
    return account


def pause_refused(account: Account, error: Refused) -> bool:
    """Note that the platform refused an account while it was used: its queries pause until it is mended.

    What was refused were the credentials that were used: False when others have been entered meanwhile.
    """
    now = Account.objects.filter(pk=account.pk).first()
    if now is None or now.credentials != account.credentials:
        return False
    with transaction.atomic():
        _write(account, "account.refused", by="job:connectors", **_refusal(error), last_checked_at=timezone.now())
        account_refused.call(account)
    return True


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


def _tried_out(connector: type[AccountConnector], credentials: Credentials, *, address: str) -> dict[str, Any]:
    """What is stored of an account with these credentials, once its platform has accepted them."""
    if connector.oauth is not None and is_only_a_client(credentials):
        fresh: dict[str, Any] = {
            "session": None,
            "handle": "",
            "scopes": [],
            "last_error": "",
            "last_checked_at": None,
        }
        return {"credentials": _sealed(credentials), "state": AccountState.UNCONNECTED, **fresh}
    identity, session = _try_out(connector, credentials, address=address)
    return {
        "credentials": _sealed(credentials),
        "session": session,
        **_acceptance(),
        **_as_fields(identity),
    }


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
    forget_waits(account)
    audit.record("account.add", by=by, project=account.project, on=account, fields={"platform": account.platform})
    return account


@transaction.atomic
def _write(account: Account, action: str, *, by: audit.Actor, **changes: Any) -> Account:
    was = Account.objects.select_for_update().filter(pk=account.pk).values_list("state", flat=True).first()
    if was is None:
        raise NotFound(f"The account {account} was removed meanwhile.")
    for name, value in changes.items():
        setattr(account, name, value)
    account.save(update_fields=list(changes))
    if account.state != was:
        _announce(account)
    fields = {"state": str(account.state), "changed": sorted(changes)}
    audit.record(action, by=by, project=account.project, on=account, fields=fields)
    return account


def _announce(account: Account) -> None:
    """Tell the dashboards of those who use the account that its health has changed. Viewers hear of it as well, so
    it is told without what the platform said.
    """
    detail = {"account": account.pk, "platform": account.platform, "state": str(account.state)}
    projects = (
        Project.objects.filter(is_active=True).order_by("pk") if account.project is None else [account.project]
    )
    for project in projects:
        publish(project, "account_update", detail=detail)


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
