"""Metrics for Prometheus, to superusers and to whoever has METRICS_TOKEN."""

import hmac
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from ..authentication import CHALLENGE
from ..errors import NotFound
from ..metrics import CONTENT_TYPE, as_text
from ..problems import NOT_HERE, problem_responses

MONITOR = "monitor"


class MonitorAuthentication(BaseAuthentication):
    """`Authorization: Bearer METRICS_TOKEN`. Any other bearer is left to those who know access tokens."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not settings.METRICS_TOKEN:
            return None
        is_it = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        return (AnonymousUser(), MONITOR) if is_it else None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class MonitorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "signalops_site.core.api.metrics.MonitorAuthentication"
    name = "monitor"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "METRICS_TOKEN, for a monitoring system."}


class AnyFormat(BaseContentNegotiation):
    """There is one format; whatever Prometheus would prefer, it reads this one."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


@extend_schema(tags=["Health"])
class MetricsView(APIView):
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyFormat

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [MonitorAuthentication(), *super().get_authenticators()]

    @extend_schema(
        operation_id="get_metrics",
        responses={(200, "text/plain"): OpenApiTypes.STR, **problem_responses(401, 404)},
    )
    def get(self, request: Request) -> HttpResponse:
        """What is counted and measured, in Prometheus' text format."""
        require_monitor(request)
        return HttpResponse(as_text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@extend_schema(exclude=True)
class ScrapeView(MetricsView):
    """The same at `/metrics`, where monitoring systems look first."""


def require_monitor(request: Request) -> None:
    """A stranger is asked to sign in; to everyone else but superusers this does not exist."""
    if request.auth == MONITOR or (request.user.is_authenticated and request.user.is_superuser):
        return
    if not request.user.is_authenticated:
        raise NotAuthenticated
    raise NotFound(NOT_HERE)
