"""An id for each request, one log line for each answer, and its time for the metrics."""

import logging
import re
import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.utils.functional import LazyObject, empty

from .log_context import bound
from .metrics import observe_request

log = logging.getLogger(__name__)

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FREQUENT = frozenset({"health-live", "health-ready", "metrics", "api-metrics"})
"""Routes that machines ask all day: their lines are for LOG_LEVEL=DEBUG."""
NO_ROUTE = "none"
_LONGEST_PATH = 200


class RequestIdMiddleware:
    """Take a proxy's `X-Request-ID` when it is well-formed, else make one; give it back in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid4().hex
        began = time.perf_counter()
        with bound(request_id=request_id, user_id=partial(_known_user_id, request)):
            response = self.get_response(request)
            _note(request, response, seconds=time.perf_counter() - began)
        response["X-Request-ID"] = request_id
        return response


def _note(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    """No query string: it may hold a ticket, or the words that somebody searched posts for."""
    method = request.method if request.method in _METHODS else "OTHER"
    route = _route_of(request)
    observe_request(route, method=method, status=response.status_code, seconds=seconds)
    fields = {
        "method": method,
        "path": escape_uri_path(request.path)[:_LONGEST_PATH],
        "route": route,
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1),
    }
    log.log(logging.DEBUG if route in _FREQUENT else logging.INFO, "request", extra=fields)
    # Django's own mark: it would log refusals again, outside of here and so without the id.
    response._has_been_logged = True  # type: ignore[attr-defined]


def _route_of(request: HttpRequest) -> str:
    """The name of the address's pattern (of few), never the address (of endless many)."""
    match = request.resolver_match
    return (match.view_name if match else None) or NO_ROUTE


def _known_user_id(request: HttpRequest) -> int | None:
    """Who asks, when something has found that out: a log line makes no query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return None
    return getattr(user, "pk", None)
