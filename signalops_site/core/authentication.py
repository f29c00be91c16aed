"""Who is asking: the dashboard's session cookie, with CSRF on everything that writes."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """As the framework's, but an answer to a stranger is 401 ("sign in"), which needs a challenge, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="signalops"'


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


def enforce_csrf(request: Request) -> None:
    """For views that anyone may call: the framework only asks the signed-in for a token by itself."""
    SessionAuthentication().enforce_csrf(request)


def signed_in(request: Request) -> User:
    """The user behind a request that passed authentication, typed."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
