"""Variables that have a range: one outside it stops the start, with a sentence that names the variable.

The settings read them as texts and ask here. Addresses are not repeated, as they may hold a password.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql", "psql", "pgsql")
_RATE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)")


def whole_number(name: str, value: str, *, least: int, most: int) -> int:
    if not re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def numbers_by_name(name: str, values: Sequence[str]) -> dict[str, int]:
    """`x=2000` and so on: whole numbers, by names."""
    found: dict[str, int] = {}
    for value in values:
        key, _, number = value.partition("=")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key.strip()) or not re.fullmatch(r"\s*[0-9]{1,9}\s*", number):
            raise ImproperlyConfigured(f"{name} is such as x=2000,reddit=50000, which {value!r} is not.")
        found[key.strip()] = int(number)
    return found


def rate(name: str, value: str) -> str:
    """Attempts per period, as the throttles of the REST API read it."""
    if not _RATE.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is a number per sec, min, hour or day, such as 20/min, not {value!r}.")
    return value


def web_address(name: str, value: str) -> str:
    """Empty when the variable is not set."""
    if value and not _is_web_address(value):
        raise ImproperlyConfigured(f"{name} is no address that begins with http:// or https:// and names a host.")
    return value


def site_address(name: str, value: str) -> str:
    """`https://leads.example.org`: what addresses of this site begin with. Empty when the variable is not set."""
    site = value.removesuffix("/")
    if site and not (_is_web_address(site) and site == f"{urlsplit(site).scheme}://{_place(site)}"):
        raise ImproperlyConfigured(f"{name} is https:// and the name of this site, with a port or without, only.")
    return site


def _place(address: str) -> str:
    """Host and port, without a name or a password before them."""
    return urlsplit(address).netloc.rpartition("@")[2]


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def database_address(name: str, value: str) -> str:
    scheme, separator, _rest = value.partition("://")
    if not separator:
        raise ImproperlyConfigured(f"{name} is no address: it begins with sqlite:// or postgres://.")
    if scheme not in DATABASE_SCHEMES:
        raise ImproperlyConfigured(f"{name} begins with sqlite:// or postgres://, not with {scheme}://.")
    if scheme != "sqlite" and not _has_readable_port(value):
        raise ImproperlyConfigured(
            f"{name} cannot be read: it looks like postgres://user:password@host:5432/name."
        )
    return value


def _has_readable_port(value: str) -> bool:
    try:
        return urlsplit(value).port != 0
    except ValueError:
        return False
