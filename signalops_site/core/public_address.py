"""Under which address people reach this site, for whoever sends them back to it."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from .errors import DomainError


def public_address(request: HttpRequest | Request, path: str) -> str:
    """The path at PUBLIC_URL; without one, at the address that this request came to, which ALLOWED_HOSTS let in.

    DomainError where that lets in any name: a forged one would send people elsewhere.
    """
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{path}"
    if "*" in settings.ALLOWED_HOSTS:
        raise DomainError("Set PUBLIC_URL to the address of this site: ALLOWED_HOSTS takes any name.")
    return request.build_absolute_uri(path)
