"""The lock after too many wrong passwords: django-axes counts them, by name and address, in the database.

It stands before every sign-in with a password (dashboard, tokens, admin), for names that exist and names
that do not, so that it tells nobody which do. While it is closed a right password does not open it either.
"""

from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle

from .. import audit
from ..problems import API_PREFIX, TITLES, Problem

ACTOR = "job:sign_in"
LOCKED = "There were too many attempts to sign in under this name. Wait, then try again."


class SignInThrottle(ScopedRateThrottle):
    """Attempts per address, whatever the names."""

    def get_ident(self, request: Request) -> str:
        return client_address(request) or "unknown"


def client_address(request: HttpRequest | Request) -> str | None:
    """The caller's address, as the throttle sees it too. An IPv6 caller is its /64: one line has 2^64 of them."""
    try:
        address = ip_address(BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False).network_address)
    return str(getattr(address, "ipv4_mapped", None) or address)


def locked_response(request: HttpRequest, _response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """What django-axes answers, in place of the view's own answer, while a name is locked."""
    headers = {"Retry-After": str(_seconds_left(request, credentials))}
    if request.path.startswith(API_PREFIX):
        return Problem(429, "locked-out", TITLES[429], LOCKED).response(headers)
    return HttpResponse(LOCKED, status=429, content_type="text/plain; charset=utf-8", headers=headers)


def record_lock_out(request: Any, username: str | None, **_: object) -> None:
    """One audit entry when a lock closes, none for attempts on a closed one. Only a real user is named."""
    if request.axes_failures_since_start is None:
        return
    user = User.objects.filter(username=username).first()
    fields = {"failures": request.axes_failures_since_start}
    audit.record("sign_in.lock_out", by=ACTOR, on=user, fields=fields)


def _seconds_left(request: HttpRequest, credentials: Any) -> int:
    """Until the lock opens: the cool-off counts from the last attempt that was let through to be checked."""
    name = (credentials or {}).get("username")
    attempts = AccessAttempt.objects.filter(username=name, ip_address=client_address(request))
    last: datetime = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    left = last + settings.AXES_COOLOFF_TIME - timezone.now()
    return max(1, round(left.total_seconds()))
