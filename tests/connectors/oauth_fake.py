"""An authorisation server as X's documentation describes it, and a connector that is connected through it.

Form-encoded bodies, basic authentication for applications with a secret, `client_id` in the body for those
without; a refresh token only with the scope `offline.access`; each refresh token holds once, and one that comes a
second time ends everything that the person agreed to. Errors are those of RFC 6749, with X's
word for a token that is over.
"""

import hashlib
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import httpx
from pydantic import Field, SecretStr

from connectors.access import Credentials, Identity, SecretText
from connectors.base import AccountConnector, Capability, FetchedAuthor, FetchedPage, FetchedPost, SearchQuery
from connectors.http import PlatformClient
from connectors.oauth import OAuthProvider, OAuthSession
from connectors.reading import as_object, as_text

from .standin import Asked, Reply, StandIn, reply

CLIENT_ID = "harbour-client:7"
CLIENT_SECRET = "a secret/with+signs&more"
CALLBACK_PATH = "/api/connectors/accounts/callback/"
HARBOUR = OAuthProvider(
    authorize_url="/i/oauth2/authorize",
    token_url="/2/oauth2/token",
    scopes=("tweet.read", "users.read", "offline.access"),
)


class HarbourCredentials(Credentials):
    bearer_token: SecretText | None = Field(default=None, description="the application's own")
    client_id: str = Field(default="", description="of the application")
    client_secret: SecretText | None = Field(default=None, description="of the application, if it has one")


class HarbourConnector(AccountConnector):
    platform = "harbour"
    capabilities = frozenset({Capability.SEARCH})
    credentials = HarbourCredentials
    default_base_url = "https://harbour.example"
    oauth = HARBOUR

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        found = self._get("/2/posts")
        author = FetchedAuthor(id="1", handle="ada")
        posts = (FetchedPost("harbour", as_text(found.get("id")), query.text, author, raw={"id": "1"}),)
        yield FetchedPage(posts)

    def verify(self) -> Identity:
        return Identity(as_text(self._get("/2/users/me").get("username")))

    def _get(self, path: str) -> Any:
        access = self.access
        with PlatformClient("harbour", access.base_url, credentials=access.credentials) as client:
            if (bearer := self._bearer()) is not None:
                return as_object(client.get(path, headers={"Authorization": f"Bearer {bearer}"}).body)
            consent = OAuthSession(self.platform, HARBOUR, access)
            return as_object(consent.asked(client, lambda headers: client.get(path, headers=headers)).body)

    def _bearer(self) -> str | None:
        token: SecretStr | None = getattr(self.access.credentials, "bearer_token", None)
        return token.get_secret_value() if token else None


@dataclass
class Grant:
    """What one person agreed to. Only its newest tokens hold."""

    scopes: str
    access: str = ""
    refresh: str = ""
    used: set[str] = field(default_factory=set)
    is_over: bool = False


class HarbourFake:
    """`agree` and `deny` are what a person does at the page; everything else is asked by SignalOps."""

    platform = "harbour"

    def __init__(self, stand_in: StandIn, *, secret: str = CLIENT_SECRET) -> None:
        self.stand_in = stand_in
        self.secret = secret
        self.handle = "ada"
        self.lifetime: object = 7200
        self.takes = 0.0
        """Seconds for which a token request is under way."""
        self.grants: list[Grant] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.refreshes: list[str] = []
        self.reused = 0
        self.issued = 0
        self._lock = threading.Lock()
        stand_in.routes |= {
            HARBOUR.authorize_url: self._page,
            HARBOUR.token_url: self._token,
            "/2/users/me": lambda asked: self._guarded(asked, {"username": self.handle}),
            "/2/posts": lambda asked: self._guarded(asked, {"id": "1"}),
        }

    def credentials(self) -> dict[str, str]:
        return {"client_id": CLIENT_ID, **({"client_secret": self.secret} if self.secret else {})}

    # ------------------------------------------------------------ the person

    def agree(self, url: str) -> dict[str, str]:
        """Open the page and agree: what the browser is sent back with."""
        return self._come_back(url, answer="agree")

    def deny(self, url: str) -> dict[str, str]:
        return self._come_back(url, answer="deny")

    def _come_back(self, url: str, *, answer: str) -> dict[str, str]:
        response = httpx.get(url, params=httpx.QueryParams(httpx.URL(url).params).set("answer", answer))
        assert response.status_code == 302, response.text
        return dict(httpx.URL(response.headers["location"]).params)

    def _page(self, asked: Asked) -> Reply:
        given = {name: values[0] for name, values in asked.params.items()}
        held = given.get("response_type") == "code" and given.get("code_challenge_method") == "S256"
        if not held or given.get("client_id") != CLIENT_ID or not given["redirect_uri"].endswith(CALLBACK_PATH):
            return reply({"error": "invalid_request"}, 400)
        back = {"state": given["state"]}
        if given.get("answer") == "deny":
            return Reply(
                302, {"Location": f"{given['redirect_uri']}?{urlencode({'error': 'access_denied', **back})}"}
            )
        code = f"code-{len(self.codes) + 1}-{given['state'][:6]}"
        self.codes[code] = given
        return Reply(302, {"Location": f"{given['redirect_uri']}?{urlencode({'code': code, **back})}"})

    # ------------------------------------------------------------ the token endpoint

    def _token(self, asked: Asked) -> Reply:
        time.sleep(self.takes)
        if not asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return reply({"error": "invalid_request", "error_description": "Missing required parameter"}, 400)
        form = dict(parse_qsl(asked.body.decode()))
        if not self._is_the_client(asked, form):
            told = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
            return reply(told, 401)
        with self._lock:
            return self._exchanged(form) if form["grant_type"] == "authorization_code" else self._refreshed(form)

    def _is_the_client(self, asked: Asked, form: dict[str, str]) -> bool:
        scheme, _, coded = asked.headers.get("authorization", "").partition(" ")
        if not self.secret:
            return not scheme and form.get("client_id") == CLIENT_ID
        pair = b64decode(coded).decode() if scheme == "Basic" else ":"
        name, _, secret = pair.partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (
            CLIENT_ID,
            self.secret,
        ) and "client_secret" not in form

    def _exchanged(self, form: dict[str, str]) -> Reply:
        begun = self.codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if begun is None or begun["redirect_uri"] != form["redirect_uri"] or begun["code_challenge"] != challenge:
            told = "Value passed for the authorization code was invalid."
            return reply({"error": "invalid_request", "error_description": told}, 400)
        self.grants.append(Grant(begun["scope"]))
        return self._issued_to(self.grants[-1])

    def _refreshed(self, form: dict[str, str]) -> Reply:
        token = form["refresh_token"]
        self.refreshes.append(token)
        grant = next((each for each in self.grants if token in {each.refresh, *each.used}), None)
        if grant is not None and token in grant.used:
            self.reused += 1
            grant.is_over = True
        if grant is None or grant.is_over:
            told = "Value passed for the token was invalid."
            return reply({"error": "invalid_request", "error_description": told}, 400)
        return self._issued_to(grant)

    def _issued_to(self, grant: Grant) -> Reply:
        self.issued += 1
        if grant.refresh:
            grant.used.add(grant.refresh)
        grant.access = f"access-token-{self.issued}"
        grant.refresh = f"refresh-token-{self.issued}" if "offline.access" in grant.scopes.split() else ""
        body = {"token_type": "bearer", "access_token": grant.access, "scope": grant.scopes}
        body |= {"refresh_token": grant.refresh} if grant.refresh else {}
        return reply(body | ({"expires_in": self.lifetime} if self.lifetime is not None else {}))

    # ------------------------------------------------------------ the API

    def revoke(self) -> None:
        """As when a person takes the application off their list."""
        for grant in self.grants:
            grant.is_over = True

    def knows(self, token: str | None) -> bool:
        """Whether it is the newest access token of somebody who still agrees."""
        return token in {grant.access for grant in self.grants if not grant.is_over}

    def _guarded(self, asked: Asked, body: Any) -> Reply:
        if not self.knows(asked.bearer) and asked.bearer != "app-only-token":
            return reply({"title": "Unauthorized", "status": 401}, 401)
        return reply(body)
