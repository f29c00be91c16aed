"""Who is asking: an API key, a token, or the dashboard's session cookie, in this order.

What a program sends on purpose counts before the cookie that a browser adds by itself: a header that does
not hold is refused, whatever session there is. Only the session needs a CSRF token with each write.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from .access.keys import HEADER, holder_with
from .access.tokens import user_with
from .models import ApiKey, KeyHolder

CHALLENGE = 'Session realm="signalops", Bearer realm="signalops", ApiKey realm="signalops"'
"""A stranger's answer is 401 ("sign in"), which needs a challenge, not the framework's 403."""


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key: so_...`"""

    def authenticate(self, request: Request) -> tuple[KeyHolder, ApiKey] | None:
        text = request.headers.get(HEADER)
        if text is None:
            return None
        holder = holder_with(text)
        if holder is None:
            raise AuthenticationFailed("The API key is not known, has expired or was revoked.")
        return holder, holder.key

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer ...` with an access token."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return user_with(text.strip()), "token"

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SessionAuthentication(authentication.SessionAuthentication):
    """As the framework's, with our challenge."""

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "signalops_site.core.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session cookie; writes also need the header X-CSRFToken.",
        }


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "signalops_site.core.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "signalops_site.core.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": HEADER}


def enforce_csrf(request: Request) -> None:
    """For views that anyone may call: the framework only asks the signed-in for a token by itself."""
    SessionAuthentication().enforce_csrf(request)


def signed_in(request: Request) -> User:
    """The user behind a request that passed authentication, typed. Through an API key it is a `KeyHolder`."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
