"""Which socket lives where, and who may open one: a ticket's holder, or a session on a page of this site."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import re_path
from django.utils.http import is_same_domain

from .consumers import PipelineConsumer

PIPELINE: Any = PipelineConsumer.as_asgi()
DENIER: Any = WebsocketDenier.as_asgi()
"""`Any`, since Channels and Django disagree in their types on what a route may lead to."""


class KnownOrigin:
    """Refuse a page of another site that opens a socket with the visitor's cookies.

    The rule is that of Django's CSRF check: the Origin is the host that was asked, or one of
    CSRF_TRUSTED_ORIGINS. A program has no Origin, and no cookies that another page could use: it brings a ticket.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = {name.lower(): value.decode("latin1") for name, value in scope.get("headers", [])}
        ticket = _ticket_in(scope)
        origin = headers.get(b"origin")
        if origin is None:
            allowed = ticket is not None
        else:
            allowed = is_allowed_origin(origin, host=headers.get(b"host", ""))
        application = self.application if allowed else DENIER
        return await application({**scope, "ticket": ticket}, receive, send)


def _ticket_in(scope: Any) -> str | None:
    """The text after `?ticket=`; None when there is none."""
    query = parse_qs(scope["query_string"].decode("latin1"), keep_blank_values=True)
    return query["ticket"][0] if "ticket" in query else None


def is_allowed_origin(origin: str, *, host: str) -> bool:
    """Schemes of Origin and socket differ behind a TLS proxy, so for the own host only names and ports count."""
    try:
        asked = urlsplit(origin.lower())
        name, _port = split_domain_port(host)
        own = asked.scheme in {"http", "https"} and asked.netloc == host.lower()
        return (own and validate_host(name, settings.ALLOWED_HOSTS)) or _is_trusted(asked.scheme, asked.netloc)
    except ValueError:
        return False


def _is_trusted(scheme: str, netloc: str) -> bool:
    trusted = (urlsplit(origin) for origin in settings.CSRF_TRUSTED_ORIGINS)
    return any(scheme == other.scheme and is_same_domain(netloc, other.netloc.lstrip("*")) for other in trusted)


socket_routes = [re_path(r"^ws/pipeline/?$", PIPELINE, name="ws-pipeline")]

websocket_application = KnownOrigin(AuthMiddlewareStack(URLRouter([*socket_routes, re_path(r"", DENIER)])))
