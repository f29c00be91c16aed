"""Which addresses a person may name for a platform: a public host over HTTPS, and nothing beside it."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from signalops_site.core.errors import DomainError

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

NAT64 = IPv6Network("64:ff9b::/96")
INSIDE = (
    IPv4Network("168.63.129.16/32"),  # Azure's own, which its machines reach
    IPv6Network("::/96"),  # IPv4-compatible, deprecated: RFC 4291, 2.5.5.1
    IPv6Network("64:ff9b:1::/48"),  # local translation: RFC 8215
    IPv6Network("fec0::/10"),  # site-local, deprecated: RFC 3879
)
"""What leads inside and is not listed as such by `ipaddress`."""


class BadAddress(DomainError):
    title = "This is no address of a platform"


def web_address(chosen: str) -> str:
    """`example.social` or `https://example.social/` as `https://example.social`; BadAddress says what is wrong.

    Numeric addresses and single names (`localhost`) are refused, so that nobody reaches into the operator's own
    network by way of a project.yaml; where a name leads is looked at when it is asked (`is_public`). A stand-in on
    one's own machine is set by the operator, in the environment.
    """
    text = chosen.strip().lower().removesuffix("/")
    parts = _split(text if "://" in text else f"https://{text}", chosen=chosen)
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.netloc != host or parts.path or parts.query or parts.fragment:
        raise _no_host(chosen)
    if _is_number(host) or not HOST.fullmatch(_ascii(host)):
        raise BadAddress(f"{chosen[:80]!r} is not the name of a public host, such as example.social.")
    return f"https://{_ascii(host)}"


def public_name_in(base_url: str) -> str:
    """The host of an address that ought to be a public one; empty for what the operator has set."""
    host = urlsplit(base_url).hostname or ""
    is_set = base_url in settings.PLATFORM_BASE_URLS.values()
    return "" if is_set or _is_number(host) or not HOST.fullmatch(host) else host


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the Internet: not loopback, a local network's, or a cloud's own."""
    number = ip_address(address.partition("%")[0])
    leads_to = _carried(number) or number
    return bool(leads_to.is_global and not leads_to.is_multicast) and not any(leads_to in net for net in INSIDE)


def _carried(number: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The older address to which a newer one leads, by any of the ways that gateways know."""
    if isinstance(number, IPv4Address):
        return None
    translated = IPv4Address(int(number) & 0xFFFF_FFFF) if number in NAT64 else None
    return number.ipv4_mapped or number.sixtofour or translated


def _split(url: str, *, chosen: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that do not close, or characters that would turn into others
        raise _no_host(chosen) from None


def _no_host(chosen: str) -> BadAddress:
    return BadAddress(f"{chosen[:80]!r} should be a host such as example.social, or https:// and the host.")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""
