"""Who is on the way to which platform, to agree: begun here, and taken up once by whoever comes back."""

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from signalops_site.core.errors import DomainError
from signalops_site.core.secrets import seal

from .access import ForgetfulSession, Identity, SessionStore
from .base import AccountConnector, connectors
from .errors import BadQuery, ConnectorError, Refused
from .models import Account, ConnectAttempt
from .names import name_of
from .oauth import OAuthSession, new_verifier
from .opening import access_of

LIFETIME = timedelta(minutes=10)
REFUSALS = frozenset({"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"})
"""What a platform calls its refusal to ask a person at all (RFC 6749, 4.1.2.1)."""


class ConnectFailed(DomainError):
    """A person came back from a platform, and the account is not connected. `code` names why, in one word.

    `account` is theirs, as far as it is known.
    """

    title = "The account was not connected"
    code = "failed"

    def __init__(self, detail: str, *, account: Account | None = None) -> None:
        super().__init__(detail)
        self.account = account


class UnknownState(ConnectFailed):
    """Made up, used already, or begun by somebody else: which of these is nobody's to know."""

    code = "unknown"


class TooLate(ConnectFailed):
    code = "late"


class ConsentDenied(ConnectFailed):
    code = "denied"


class ExchangeRefused(ConnectFailed):
    code = "refused"


class PlatformSilent(ConnectFailed):
    code = "silent"


class AccountChanged(ConnectFailed):
    code = "changed"


@dataclass(frozen=True, slots=True)
class Begun:
    """What goes to the platform; only a digest and the sealed verifier stay."""

    state: str
    verifier: str = field(repr=False)


def begin_attempt(account: Account, *, by: User, session_key: str, redirect_uri: str) -> Begun:
    """Attempts that have run out are forgotten on the way. The state holds in the session that begins alone."""
    now, begun = timezone.now(), Begun(secrets.token_urlsafe(32), new_verifier())
    ConnectAttempt.objects.filter(expires_at__lte=now).delete()
    ConnectAttempt.objects.create(
        account=account,
        user_id=by.pk,
        state_digest=_digest(begun.state, session_key),
        verifier=seal(begun.verifier),
        redirect_uri=redirect_uri,
        expires_at=now + LIFETIME,
    )
    return begun


def take_attempt(state: str, *, by: User, session_key: str) -> ConnectAttempt:
    """The attempt that a state belongs to, which is used up by this. Of two who bring it at once one gets it."""
    found = ConnectAttempt.objects.filter(state_digest=_digest(state, session_key), user_id=by.pk)
    attempt = found.select_related("account__project").first()
    if attempt is None or not found.delete()[0]:
        raise UnknownState(
            "This was not begun by you in this browser, or was used already. Connect the account again."
        )
    if attempt.expires_at <= timezone.now():
        message = f"It took longer than {LIFETIME.seconds // 60} minutes. Connect the account again."
        raise TooLate(message, account=attempt.account)
    return attempt


def _digest(state: str, session_key: str) -> str:
    """One of both, so that neither is anything without the other."""
    return hashlib.sha256(f"{session_key}\n{state}".encode()).hexdigest()


def consent_of(account: Account, *, session: SessionStore | None = None) -> OAuthSession:
    """The account's side of the flow. DomainError where accounts are not connected in this way."""
    connector = _connector_of(account)
    if connector.oauth is None:
        raise DomainError(f"{name_of(account.platform)} has no consent to ask for: accounts have credentials.")
    access = access_of(account)
    access = access if session is None else replace(access, session=session)
    headers = connector(access).own_headers
    return OAuthSession(account.platform, connector.oauth, access, headers=headers)


def agreed_by(attempt: ConnectAttempt, *, code: str, error: str) -> tuple[Identity, dict[str, Any]]:
    """As whom the platform knows the person who came back with a code, and the session that the code stands for.

    ConnectFailed says why there is none. Nothing is written here.
    """
    if error or not code:
        raise _not_agreed(name_of(attempt.account.platform), error)
    try:
        return _exchanged(attempt, code)
    except (Refused, BadQuery) as refusal:
        raise ExchangeRefused(f"{refusal.detail} Nothing was stored.") from refusal
    except ConnectorError as trouble:
        raise PlatformSilent(f"{trouble.detail} Nothing was stored.") from trouble


def _exchanged(attempt: ConnectAttempt, code: str) -> tuple[Identity, dict[str, Any]]:
    consent = consent_of(attempt.account, session=ForgetfulSession())
    verifier = attempt.verifier.open() if attempt.verifier else ""
    tokens = consent.exchange(code, verifier=verifier, redirect_uri=attempt.redirect_uri)
    consent.access.session.save(tokens.as_session())
    identity = _connector_of(attempt.account)(consent.access).verify()
    return replace(identity, scopes=consent.scopes), dict(consent.access.session.load())


def _not_agreed(platform: str, error: str) -> ConnectFailed:
    """`error` came by way of the browser: only the RFC's own words for it are repeated."""
    if error == "access_denied":
        return ConsentDenied(f"Whoever was asked at {platform} did not agree.")
    if error in ("server_error", "temporarily_unavailable"):
        return PlatformSilent(f"{platform} is in trouble ({error}). Connect the account again later.")
    why = error if error in REFUSALS else "it does not say why"
    mend = "Compare the callback address and the scopes with those of your application there."
    return ExchangeRefused(f"{platform} asked nobody on behalf of this application ({why}). {mend}")


def _connector_of(account: Account) -> type[AccountConnector]:
    kind = connectors.get(account.platform)
    if not issubclass(kind, AccountConnector):
        raise DomainError(f"{name_of(account.platform)} has no accounts.")
    return kind
