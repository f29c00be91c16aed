"""The one way connectors speak HTTP: bounded in time, size and tries, and with errors that say what to do.

Built on httpx alone. The platforms' own client libraries bring models, sessions and retries of their own (a
whole generated protocol in one case), answer hostile JSON with exceptions of theirs, and would still need
all of this around them; what connectors ask is one or two documented GET requests.

A request is tried three times when the connection breaks or the platform answers 5xx, waiting a little longer
each time, or as long as the platform asks if that is short. Nothing that writes is ever tried again.

Everything that a platform says passes here, and leaves with the account's secrets masked: body, headers, errors.
"""

import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
from django.utils import timezone

from .access import Allowance, Credentials, Limits, Uncounted
from .errors import BadAnswer, NoAnswer, RateLimited
from .headers import allowance_in
from .masking import Mask, sent_in
from .reading import as_object, as_text, finite
from .refusals import kind_of, refusal_of, wait_when_limited

log = logging.getLogger(__name__)

TRIES = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
"""Seconds. Whoever asks for more gets the rest of the run's time, not this process's."""
DEADLINE = 60.0
"""Seconds for one whole answer: a platform that sends a byte now and then never times out otherwise."""
TIMEOUTS = httpx.Timeout(20.0, connect=10.0)
MAX_BYTES = 32 * 1024 * 1024
USER_AGENT = "SignalOps (self-hosted)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, masked. `body` is the JSON of it; its type is the caller's to check.

    `issued` holds, in the clear, the new secrets that the caller said it would be given.
    """

    headers: httpx.Headers
    body: Any
    issued: Mapping[str, str] = field(default_factory=dict, repr=False)


class PlatformClient:
    """Requests to one platform at one address. Use as a context manager; not for several threads at once.

    The secrets of `credentials`, and each `Authorization` that is sent, are masked in all that comes back.
    """

    def __init__(
        self,
        platform: str,
        base_url: str,
        *,
        limits: Limits | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self.platform = platform
        self.mask = Mask(credentials)
        self._limits = limits or Uncounted()
        self._line = Line()
        self._http = httpx.Client(
            base_url=base_url,
            timeout=TIMEOUTS,
            verify=_certificates(),
            follow_redirects=False,  # a redirect would carry the key to another host
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
        )

    def __enter__(self) -> "PlatformClient":
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
    ) -> Answer:
        """The answer to a GET, tried again where that may help. `endpoint` names the window that it counts in."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._ask("GET", path, endpoint or path, params=params, headers=headers)
            except (NoAnswer, RateLimited) as error:
                pause = error.retry_after or FIRST_PAUSE * 2 ** (attempt - 1)
                if attempt == TRIES or pause > LONGEST_PAUSE:
                    raise
                log.info("%s: try %s failed (%s); again in %.1f s", self.platform, attempt, error.detail, pause)
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def post(
        self,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
        issues: Sequence[str] = (),
    ) -> Answer:
        """The answer to a POST, tried once: whether a cut one was carried out, nobody knows.

        `issues` are the keys of its body whose values are new secrets.
        """
        return self._ask("POST", path, endpoint or path, issues=issues, json=content, headers=headers)

    def _ask(self, method: str, path: str, endpoint: str, *, issues: Sequence[str] = (), **request: Any) -> Answer:
        self._limits.reserve(endpoint)
        self.mask.hide(*sent_in(request["headers"]))
        response, content = self._exchange(method, path, **request)
        if (allowance := _allowance_of(response)) is not None:
            self._limits.observe(endpoint, allowance)
        body = _json(content)
        issued = {key: as_text(as_object(body).get(key)) for key in issues}
        self.mask.hide(*issued.values())
        body, response.headers = self.mask.value(body), self.mask.headers(response.headers)
        if not response.is_success:
            raise refusal_of(response, body, name=self.name)
        if body is _NO_JSON:
            raise BadAnswer(f"{self.name} answered with something else than JSON ({kind_of(response)}).")
        return Answer(response.headers, body, issued)

    @property
    def name(self) -> str:
        return self.platform.capitalize()

    def _exchange(self, method: str, path: str, **request: Any) -> tuple[httpx.Response, bytes]:
        """The whole response within the deadline and the size that we take.

        What broke the connection is named by its type alone, and is no cause: its words quote what was sent.
        """
        traced = {"trace": self._line.follow}
        try:
            with (
                self._line.cut_after(DEADLINE),
                self._http.stream(method, path, extensions=traced, **request) as response,
            ):
                content = self._read(response)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise BadAnswer(f"{self.name} cannot be asked at {self._http.base_url}: {error}") from error
        except httpx.TimeoutException as error:
            raise NoAnswer(f"{self.name} did not answer in time.") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            why = "took too long" if self._line.was_cut else f"broke off ({type(error).__name__})"
            raise NoAnswer(f"{self.name}: the connection {why}.") from None
        if self._line.was_cut:  # without a length, a cut body looks like a whole one
            raise NoAnswer(f"{self.name}: the connection took too long.")
        return response, content

    def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_BYTES:
                raise BadAnswer(f"{self.name} answered with more than {MAX_BYTES // 1024**2} MB.")
        return bytes(content)


class Line:
    """The connection that a client is using, so that a clock can cut it.

    Time-outs count from byte to byte. A platform that sends one now and then, be it of headers, never meets them.
    """

    def __init__(self) -> None:
        self.was_cut = False
        self._stream: Any = None

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's trace: remember the stream that requests go over; it is kept for the next ones."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        self.was_cut = False
        clock = threading.Timer(seconds, self._cut)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _cut(self) -> None:
        """Shut the socket itself: a reader wakes with the end of its input, under TLS as well."""
        self.was_cut = True
        if self._stream is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once for all clients: it takes longer than most requests."""
    return httpx.create_ssl_context()


_NO_JSON = object()


def _json(content: bytes) -> Any:
    """The JSON of an answer, without the numbers that no database takes (NaN, Infinity, 1e999)."""
    try:
        return json.loads(content, parse_constant=lambda _: None, parse_float=finite)
    except (ValueError, RecursionError):
        return _NO_JSON


def _allowance_of(response: httpx.Response) -> Allowance | None:
    """What an answer leaves; after a 429 it is nothing, whatever its headers say or leave out."""
    told = allowance_in(response.headers)
    if response.status_code != 429:
        return told
    until = timezone.now() + timedelta(seconds=wait_when_limited(response))
    return Allowance(told.limit if told else None, 0, until)
