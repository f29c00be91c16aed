"""Accounts that a person connects by agreeing at the platform: OAuth 2.0, authorisation code with PKCE.

Built on PlatformClient alone. Authlib, oauthlib and requests-oauthlib were looked at: what they would take off us
is an address with seven parameters, one SHA-256 and a form of four fields. They bring HTTP clients of their own,
without our bounds and without the masking of what a platform repeats, and they renew tokens as if there were one
process. That is the hard part here, as a refresh token holds once: see `SessionStore.renew`.

Sources: RFC 6749 (the flow, its errors), RFC 7636 (PKCE), RFC 9700 (refresh tokens rotate; one that comes twice
ends them all).
"""

import hashlib
import logging
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from django.utils import timezone
from pydantic import SecretStr

from .access import Access, Credentials, Session
from .errors import AccountNeeded, BadAnswer, BadQuery, Expired, NoAnswer, Refused
from .http import Answer, PlatformClient
from .names import name_of
from .reading import as_count, as_id, as_object, as_text

log = logging.getLogger(__name__)

Told = TypeVar("Told")

EARLY = timedelta(seconds=60)
"""How long before its end a token is renewed: a request that is under way should not meet the end."""
LONGEST_LIFE = 10 * 365 * 86_400
MAX_TOKEN = 8192
TOKENS = ("access_token", "refresh_token")
ENDPOINT = "oauth2/token"
HOW_TO_CONNECT = "connect the account in the dashboard, under Settings > Accounts"
OF_A_CLIENT = frozenset({"client_id", "client_secret"})
CONSENT_IS_OVER = frozenset({"invalid_grant", "invalid_request", "invalid_token", "access_denied"})
"""What platforms call a refresh token that they take no longer. The RFC's word is the first, X's the second."""


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """Where a platform asks its people and gives out tokens, and what is asked for.

    Addresses are whole, or paths at the account's own address. Where the operator has set another address for the
    platform, both are asked there with the path that they have: no code or secret passes by a stand-in. `extra` is
    what the platform's page wants to know besides.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The application that the operator registered there. Without a secret it is a public one: PKCE alone shows
    that whoever brings a code is who asked for it.
    """

    id: str
    secret: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Basic authentication, each part quoted as in a form (RFC 6749, 2.3.1)."""
        if not self.secret:
            return {}
        pair = f"{quote_plus(self.id)}:{quote_plus(self.secret)}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    @property
    def fields(self) -> dict[str, str]:
        return {} if self.secret else {"client_id": self.id}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a platform gave out. Without an access token they are over: the person has to agree again."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    @classmethod
    def in_session(cls, session: Session) -> "Tokens":
        ends = as_text(session.get("expires_at"))
        return cls(
            access=as_text(session.get("access_token")),
            refresh=as_text(session.get("refresh_token")),
            expires_at=datetime.fromisoformat(ends) if ends else None,
            scopes=tuple(session.get("scopes", ())),
        )

    def as_session(self) -> dict[str, Any]:
        return {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_at": self.expires_at.isoformat() if self.expires_at else "",
            "scopes": list(self.scopes),
        }

    def will_hold(self, *, refused: str = "") -> bool:
        """Whether the access token can be used now. One that cannot be renewed is used to its last second."""
        if not self.access or self.access == refused:
            return False
        margin = EARLY if self.refresh else timedelta(0)
        return self.expires_at is None or self.expires_at > timezone.now() + margin


def client_in(credentials: Credentials | None) -> OAuthClient | None:
    """The application among an account's credentials, if one is there."""
    identity, secret = (_text(getattr(credentials, name, None)) for name in ("client_id", "client_secret"))
    return OAuthClient(identity, secret) if identity else None


def is_only_a_client(credentials: Credentials) -> bool:
    """Whether there is nothing to act with until a person has agreed."""
    given = {name for name in type(credentials).model_fields if _text(getattr(credentials, name))}
    return client_in(credentials) is not None and given <= OF_A_CLIENT


def new_verifier() -> str:
    """86 characters; RFC 7636 takes 43 to 128."""
    return secrets.token_urlsafe(64)


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class OAuthSession:
    """What the person who connected an account lets it do, at one platform.

    Nothing of it belongs inside a database transaction: another process may be renewing, and is waited for.
    `headers` go with every request, also to the token endpoint.
    """

    def __init__(
        self,
        platform: str,
        provider: OAuthProvider,
        access: Access,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.platform, self.provider, self.access = platform, provider, access
        self.own_headers = headers or {}

    # ------------------------------------------------------------ tokens to use

    @property
    def is_connected(self) -> bool:
        """Whether somebody has agreed, and the platform has not ended it since."""
        return bool(self._stored().access)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the person agreed to, as far as the platform says so."""
        return self._stored().scopes

    def token(self, *, refused: str = "") -> str:
        """An access token that holds for a while yet. `refused` is one that the platform has just refused.

        AccountNeeded: nobody has agreed yet. Expired: it is over, and somebody has to agree again.
        """
        session = self.access.session.load()
        if not session:
            raise AccountNeeded(f"Nobody has agreed at {self._name} yet: {HOW_TO_CONNECT}.")
        tokens = Tokens.in_session(session)
        if tokens.refresh and not tokens.will_hold(refused=refused):
            session = self.access.session.renew(self._renewed, unless=lambda held: _is_settled(held, refused))
            tokens = Tokens.in_session(session)
        if tokens.access in ("", refused) or not (tokens.refresh or tokens.will_hold()):
            raise Expired(f"{self._name} has ended what the account was allowed: it has to be connected again.")
        return tokens.access

    def asked(self, client: PlatformClient, ask: Callable[[Mapping[str, str]], Told]) -> Told:
        """What `ask` answers when it is handed the headers of whoever agreed. A token that is refused (401) is
        renewed, once. The client masks the tokens, also the one that it does not send.
        """
        token = self.token()
        try:
            return ask(self._headers(client, token))
        except Refused as error:
            if error.answered != 401:
                raise
        return ask(self._headers(client, self.token(refused=token)))

    def published(self, client: PlatformClient, post: Callable[[Mapping[str, str]], Told]) -> Told:
        """As `asked`, for what may go out once only: after a 401 the token is renewed for the next time. NoAnswer:
        that was done, and nothing was posted. Expired: it cannot be done.
        """
        token = self.token()
        try:
            return post(self._headers(client, token))
        except Refused as error:
            if error.answered != 401:
                raise
        self.token(refused=token)
        raise NoAnswer(f"{self._name}'s token ended before its time. It is renewed, and nothing was posted.")

    def _headers(self, client: PlatformClient, token: str) -> Mapping[str, str]:
        client.mask.hide(token, self._stored().refresh)
        return {**self.own_headers, "Authorization": f"Bearer {token}"}

    def _stored(self) -> Tokens:
        return Tokens.in_session(self.access.session.load())

    def _renewed(self, session: Session) -> Session:
        """The session after its refresh token was used. One without tokens, when the platform says it is over:
        kept, so that nobody uses that token again.
        """
        held = Tokens.in_session(session)
        try:
            new = self._ask({"grant_type": "refresh_token", "refresh_token": held.refresh}, held.refresh)
        except (Refused, BadQuery) as error:
            if error.code in CONSENT_IS_OVER:
                log.warning("%s: a refresh token is taken no longer (%s)", self.platform, error.detail)
                return Tokens(scopes=held.scopes).as_session()
            raise Refused(error.detail, code=error.code, answered=error.answered) from error
        return replace(new, refresh=new.refresh or held.refresh, scopes=new.scopes or held.scopes).as_session()

    # ------------------------------------------------------------ a person agrees

    def agreement_url(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """Where the person agrees. `state` and a code come back to `redirect_uri`."""
        query = {
            "response_type": "code",
            "client_id": self._client().id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            **self.provider.extra,
        }
        address = self._place_of(self.provider.authorize_url)
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query, quote_via=quote)}"

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens that a code stands for. It holds once, and at some platforms for seconds."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        tokens = self._ask(form, code, verifier)
        return replace(tokens, scopes=tokens.scopes or self.provider.scopes)  # silence means: as asked (5.1)

    # ------------------------------------------------------------ the token endpoint

    def _ask(self, form: Mapping[str, str], *hidden: str) -> Tokens:
        client, access = self._client(), self.access
        with PlatformClient(
            self.platform, access.base_url, limits=access.limits, credentials=access.credentials
        ) as http:
            http.mask.hide(*hidden)
            answer = http.post(
                self._place_of(self.provider.token_url),
                form={**form, **client.fields},
                headers={**self.own_headers, **client.headers},
                endpoint=ENDPOINT,
                issues=TOKENS,
            )
        return self._tokens_in(answer)

    def _tokens_in(self, answer: Answer) -> Tokens:
        told, access = as_object(answer.body), answer.issued["access_token"]
        if not _is_token(access) or as_text(told.get("token_type") or "bearer").lower() != "bearer":
            raise BadAnswer(f"{self._name} answered without an access token.")
        refresh = answer.issued["refresh_token"]
        scopes = tuple(scope for scope in map(as_id, as_text(told.get("scope")).split()) if scope)
        return Tokens(access, refresh if _is_token(refresh) else "", _end_of(told.get("expires_in")), scopes)

    def _client(self) -> OAuthClient:
        client = client_in(self.access.credentials)
        if client is None:
            raise AccountNeeded(
                f"{self._name} is asked as an application of yours: the account needs a client_id."
            )
        return client

    def _place_of(self, address: str) -> str:
        base = self.access.base_url.removesuffix("/")
        if base and base != self.access.home.removesuffix("/"):
            parts = urlsplit(address)
            return f"{base}{parts.path}{'?' if parts.query else ''}{parts.query}"
        return f"{base}{address}" if address.startswith("/") else address

    @property
    def _name(self) -> str:
        return name_of(self.platform)


def _is_settled(session: Session, refused: str) -> bool:
    """Whether another has renewed it, or found out that it is over, since this one was looked at."""
    tokens = Tokens.in_session(session)
    return tokens.will_hold(refused=refused) or not tokens.refresh


def _is_token(text: str) -> bool:
    """It travels in a header. One that is too long was cut when it was read, and is none."""
    return 0 < len(text) <= MAX_TOKEN and text.isascii() and text.isprintable()


def _end_of(seconds: Any) -> datetime | None:
    """When a token ends, by our clock; some platforms write the number as a text, some do not say."""
    is_written = isinstance(seconds, str) and seconds.isdecimal() and len(seconds) < 12
    count = as_count(int(seconds) if is_written else seconds)
    return None if count is None else timezone.now() + timedelta(seconds=min(count, LONGEST_LIFE))


def _text(value: Any) -> str:
    """A credential's text, secret or not; empty when it is not given."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    return text if isinstance(text, str) else ""
