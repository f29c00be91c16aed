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
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
from django.utils import timezone

from .access import Allowance, Credentials, Limits, Uncounted
from .addresses import is_public, public_name_in
from .errors import BadAnswer, NoAnswer, RateLimited
from .headers import allowance_in
from .line import Line
from .masking import Mask, sent_in
from .names import name_of
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
MAX_BYTES = 8 * 1024 * 1024
"""Of an answer, unpacked: a hundred of the longest posts. Recorded pages have 0.1 MB; of `{}` alone, 8 MB
take some hundred in memory.
"""
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
        self._chosen = public_name_in(base_url)
        self._line = Line(self._check_peer)
        self._hung_up = False
        self._http = httpx.Client(
            base_url=base_url,
            timeout=TIMEOUTS,
            verify=certificates(),
            follow_redirects=False,  # a redirect would carry the key to another host
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
        )

    def _check_peer(self, host: str, address: str) -> None:
        """A name that a person chose may lead anywhere, and elsewhere each time it is asked for."""
        if host == self._chosen and not is_public(address):
            raise BadAnswer(
                f"{self.name} is not asked at {host}: the name leads into a private network. "
                "If that is meant, the operator sets the platform's *_BASE_URL."
            )

    def __enter__(self) -> "PlatformClient":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
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
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
        issues: Sequence[str] = (),
    ) -> Answer:
        """The answer to a POST, tried once: whether a cut one was carried out, nobody knows.

        Its body is `content` as JSON, or `form` as a web page's form is sent. `issues` are the keys of the answer
        whose values are new secrets.
        """
        sent = {"json": content, "data": form}
        return self._ask("POST", path, endpoint or path, issues=issues, headers=headers, **sent)

    def _ask(self, method: str, path: str, endpoint: str, *, issues: Sequence[str] = (), **request: Any) -> Answer:
        self._line.has_sent = False
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
        return name_of(self.platform)

    @property
    def may_have_arrived(self) -> bool:
        """Whether anything of the last request has gone out."""
        return self._line.has_sent

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

    def follow(
        self,
        path: str,
        *,
        silence: float,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
    ) -> Iterator[list[Any]]:
        """The lines of an answer that does not end, as JSON: what came together is given together.

        An empty list is a sign of life. Ends when the platform ends it; NoAnswer when it breaks off, or has said
        nothing for `silence` seconds. What was given before is whole.
        """
        self._limits.reserve(endpoint or path)
        self.mask.hide(*sent_in(headers))
        request: dict[str, Any] = {
            "params": params,
            "headers": {**(headers or {}), "Accept-Encoding": "identity"},  # nothing is to wait in a compressor
            "timeout": httpx.Timeout(silence, connect=TIMEOUTS.connect),
            "extensions": {"trace": self._line.follow},
        }
        try:
            with ExitStack() as stack:
                with self._line.cut_after(DEADLINE):
                    response = stack.enter_context(self._http.stream("GET", path, **request))
                    self._require_success(response, endpoint or path)
                self._require_plain(response)
                if not self._hung_up:  # else it was cut while there was nothing to cut yet
                    yield from self._lines(response)
        except httpx.TimeoutException as error:
            raise NoAnswer(f"{self.name} has said nothing for {silence:g} seconds.") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswer(f"{self.name}: the connection broke off ({type(error).__name__}).") from None

    def hang_up(self) -> None:
        """Cut what is being followed, for good: from a signal or another thread."""
        self._hung_up = True
        self._line.cut()

    def _require_success(self, response: httpx.Response, endpoint: str) -> None:
        """A stream that is refused tells its own reason, and may well have requests left."""
        if (allowance := allowance_in(response.headers)) is not None:
            self._limits.observe(endpoint, allowance)
        if not response.is_success:
            body = self.mask.value(_json(self._read(response)))
            response.headers = self.mask.headers(response.headers)
            raise refusal_of(response, body, name=self.name)

    def _require_plain(self, response: httpx.Response) -> None:
        """A chunk of what is compressed may grow to gigabytes before anybody can count it."""
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise BadAnswer(f"{self.name} sent a compressed stream, which it was asked not to do.")

    def _lines(self, response: httpx.Response) -> Iterator[list[Any]]:
        rest = b""
        for chunk in response.iter_bytes():
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > MAX_BYTES:
                raise BadAnswer(f"{self.name} sent a line of more than {MAX_BYTES // 1024**2} MB.")
            values = (_json(line) for line in lines if line.strip())
            yield [self.mask.value(value) for value in values if value is not _NO_JSON]

    def _read(self, response: httpx.Response) -> bytes:
        """What is compressed twice may grow a million times with one chunk: nobody does that in earnest."""
        if "," in response.headers.get("content-encoding", ""):
            raise BadAnswer(f"{self.name} answered with something that is compressed more than once.")
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_BYTES:
                raise BadAnswer(f"{self.name} answered with more than {MAX_BYTES // 1024**2} MB.")
        return bytes(content)


@cache
def certificates() -> ssl.SSLContext:
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
