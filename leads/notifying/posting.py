"""One POST to a target: short, never redirected, and never to where the operator's own network begins.

The address that answers is checked when the connection stands, before anything is sent over it: a name may lead
elsewhere each time it is asked for. No proxy is used, because behind one nobody sees where a name leads.

What a target answers is not read: its status says enough, and its words might repeat the address.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx
from django.utils import timezone

from connectors.addresses import is_public
from connectors.http import certificates
from connectors.line import Line

from .targets import OpenTarget, is_allowed, leads_inside

TIMEOUTS = httpx.Timeout(10.0, connect=5.0)
DEADLINE = 15.0
"""Seconds for one whole exchange."""
LONGEST_WAIT = 3600.0
"""Seconds. A target that asks to wait for longer is tried again after this."""
MAY_PASS = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it. Not `delivered` and not `may_pass`: the same would only meet the same again."""

    delivered: bool
    problem: str = ""
    may_pass: bool = False
    retry_after: float | None = None
    """Seconds that the target asked to wait."""


class _LeadsInside(Exception):
    pass


def post(target: OpenTarget, *, body: bytes, headers: dict[str, str]) -> Posted:
    """What broke is told by its kind alone: the words of an error may quote the address."""
    line = Line(_check_peer)
    try:
        with line.cut_after(DEADLINE), _client() as client:
            request = client.build_request(
                "POST", target.url, content=body, headers=headers, extensions={"trace": line.follow}
            )
            response = client.send(request, stream=True)
            response.close()
    except _LeadsInside:
        return Posted(False, leads_inside(target.name))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return Posted(False, f"The address of {target.name.label} cannot be read.")
    except httpx.TimeoutException:
        return Posted(False, f"{target.name.label} did not answer in time.", may_pass=True)
    except (httpx.TransportError, httpx.StreamError) as error:
        why = "took too long" if line.was_cut else f"failed ({type(error).__name__})"
        return Posted(False, f"The connection to {target.name.label} {why}.", may_pass=True)
    return _read(response, target)


def _client() -> httpx.Client:
    return httpx.Client(
        timeout=TIMEOUTS,
        verify=certificates(),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "SignalOps (self-hosted)", "Content-Type": "application/json"},
    )


def _check_peer(host: str, address: str) -> None:
    if not is_allowed(host) and not is_public(address):
        raise _LeadsInside


def _read(response: httpx.Response, target: OpenTarget) -> Posted:
    status = response.status_code
    if response.is_success:
        return Posted(True)
    if response.is_redirect:
        return Posted(False, f"{target.name.label} answered {status}: redirects are not followed.")
    may_pass = status in MAY_PASS or status >= 500
    return Posted(False, f"{target.name.label} answered {status}.", may_pass, _wait_in(response))


def _wait_in(response: httpx.Response) -> float | None:
    """`Retry-After`, in seconds or as a date; None when there is none that can be read."""
    said = response.headers.get("Retry-After", "").strip()
    if said.replace(".", "", 1).isdecimal():
        return min(float(said), LONGEST_WAIT)
    try:
        ahead = (parsedate_to_datetime(said) - timezone.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(ahead, 0.0), LONGEST_WAIT)
