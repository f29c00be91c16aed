"""Following a stream through its cuts: opened again as long as nobody stops it, waiting as X asks for.

A connection that lived is opened again at once. After that the wait grows, by the kind of failure: a little each
time when the network fails (250 ms, up to 16 s), doubled when the platform is in trouble (5 s, up to 320 s) or
limits (1 minute). Source: https://docs.x.com/x-api/fundamentals/handling-disconnections (read 2026-11-23).
"""

from collections.abc import Callable, Generator
from threading import Event
from time import monotonic

from .base import FetchedPage, PostStream
from .errors import BadAnswer, BadQuery, ConnectorError, InTrouble, RateLimited

NETWORK_STEP, NETWORK_MOST = 0.25, 16.0
TROUBLE_FIRST, TROUBLE_MOST = 5.0, 320.0
LIMITED_FIRST, LIMITED_MOST = 60.0, 900.0
HEALTHY = 20.0
"""Seconds after which a connection has lived: the time between two signs of life."""
TOO_MANY_CONNECTIONS = "streaming-connection"
"""X's name for a 429 that its window of requests says nothing of."""


class Backoff:
    """How long to wait before the next connection, by what has failed since one lived."""

    def __init__(self) -> None:
        self.network = self.trouble = self.limited = 0

    def clear(self) -> None:
        self.network = self.trouble = self.limited = 0

    def after(self, error: ConnectorError | None) -> float:
        """Seconds; without an error: the connection was ended."""
        if isinstance(error, RateLimited):
            self.limited += 1
            own = min(LIMITED_FIRST * 2.0 ** (self.limited - 1), LIMITED_MOST)
            return own if error.code == TOO_MANY_CONNECTIONS else max(own, error.retry_after or 0.0)
        if isinstance(error, InTrouble | BadAnswer):
            self.trouble += 1
            own = min(TROUBLE_FIRST * 2.0 ** (self.trouble - 1), TROUBLE_MOST)
            return max(own, error.retry_after or 0.0)
        self.network += 1
        return min(NETWORK_STEP * (self.network - 1), NETWORK_MOST)


def follow(
    stream: PostStream, *, backfill_minutes: int, stopped: Event, tell: Callable[[str], None]
) -> Generator[FetchedPage, None, None]:
    """What comes, as it comes, until `stopped`. ConnectorError for what no waiting mends.

    After a cut some come twice: X sends what was missed, and does not know what arrived.
    """
    backoff = Backoff()
    while not stopped.is_set():
        error: ConnectorError | None = None
        began = monotonic()
        try:
            for page in stream.posts(backfill_minutes=backfill_minutes):
                if monotonic() - began > HEALTHY:
                    backoff.clear()
                yield page
        except BadQuery:
            if not backfill_minutes or stopped.is_set():
                raise
            tell("This account gets no backfill: what appears while the connection is cut will be missing.")
            backfill_minutes = 0
            continue
        except ConnectorError as caught:
            if not caught.may_pass:
                raise
            error = caught
        if not stopped.is_set():
            wait = backoff.after(error)
            why = error.detail if error else "The connection was ended."
            tell(f"{why} It is opened again {f'in {wait:g} s' if wait else 'at once'}.")
            stopped.wait(wait)
