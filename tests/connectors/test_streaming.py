"""Following a stream through its cuts. The waits are those that X documents; here nobody waits for them."""

from collections.abc import Iterator
from threading import Event

import pytest

from connectors import streaming
from connectors.base import FetchedPage, FetchedPost, PostStream, RuleChanges
from connectors.errors import BadAnswer, BadQuery, ConnectorError, InTrouble, NoAnswer, RateLimited, Refused
from connectors.streaming import Backoff, follow

Script = list[str] | ConnectorError


class Scripted(PostStream):
    """Each connection brings these posts, or fails so; after the last one it is stopped."""

    changes = RuleChanges(0, 0, 0)

    def __init__(self, *connections: Script, stopped: Event) -> None:
        self.left, self.stopped = list(connections), stopped
        self.asked: list[int] = []

    def posts(self, *, backfill_minutes: int) -> Iterator[FetchedPage]:
        self.asked.append(backfill_minutes)
        script = self.left.pop(0)
        if not self.left:
            self.stopped.set()
        if isinstance(script, ConnectorError):
            raise script
        for identity in script:
            yield FetchedPage((FetchedPost("x", identity, "text"),) if identity else ())

    def hang_up(self) -> None:
        self.stopped.set()

    def close(self) -> None:
        """It holds nothing."""


class Watched(Event):
    """An event that nobody waits for: how long it would have been is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return self.is_set()


def followed(
    *connections: Script, backfill: int = 0
) -> tuple[list[str], list[float | None], list[str], list[int]]:
    """(the ids that came, the waits, what was told, the backfill that was asked for)"""
    stopped, told = Watched(), list[str]()
    stream = Scripted(*connections, stopped=stopped)
    pages = follow(stream, backfill_minutes=backfill, stopped=stopped, tell=told.append)
    ids = [post.id for page in pages for post in page.posts]
    return ids, stopped.waits, told, stream.asked


def test_a_connection_that_is_cut_is_opened_again_and_nothing_of_it_is_lost() -> None:
    ids, waits, told, _ = followed(
        ["1", "", "2"], ["3"], NoAnswer("X: the connection broke off (ReadError)."), ["4"]
    )
    assert ids == ["1", "2", "3", "4"]
    assert waits == [0.0, 0.25, 0.5]
    assert told[0] == "The connection was ended. It is opened again at once."
    assert told[2] == "X: the connection broke off (ReadError). It is opened again in 0.5 s."


def test_who_stops_it_is_told_no_cut() -> None:
    assert followed(["1"])[2] == []
    assert followed(NoAnswer("cut"))[2] == []


def test_an_account_without_backfill_goes_on_without_and_is_told_once() -> None:
    ids, waits, told, asked = followed(BadQuery("no"), ["1"], ["2"], backfill=5)
    assert (ids, asked, waits) == (["1", "2"], [5, 0, 0], [0.0])
    assert [each for each in told if "backfill" in each] == [told[0]]


@pytest.mark.parametrize("error", [BadQuery("Bad."), Refused("No.")])
def test_what_no_waiting_mends_ends_it(error: ConnectorError) -> None:
    with pytest.raises(type(error)):
        followed(error, ["1"])


def test_something_else_that_answers_in_the_platform_s_place_is_waited_for() -> None:
    ids, waits, _told, _asked = followed(BadAnswer("A web page."), ["1"])
    assert (ids, waits[0]) == (["1"], streaming.TROUBLE_FIRST)


def waits_after(*errors: ConnectorError | None) -> list[float]:
    backoff = Backoff()
    return [backoff.after(error) for error in errors]


def test_the_network_is_waited_for_a_little_longer_each_time() -> None:
    waits = waits_after(*[NoAnswer("cut")] * 80)
    assert waits[:4] == [0, 0.25, 0.5, 0.75]
    assert waits[-1] == max(waits) == 16


def test_trouble_and_limits_are_waited_for_twice_as_long_each_time() -> None:
    assert waits_after(*[InTrouble("503")] * 8) == [5, 10, 20, 40, 80, 160, 320, 320]
    assert waits_after(*[RateLimited("429")] * 6) == [60, 120, 240, 480, 900, 900]


def test_the_platforms_own_time_counts_where_it_says_something() -> None:
    assert waits_after(RateLimited("429", retry_after=700)) == [700]
    assert waits_after(RateLimited("429", retry_after=700, code="streaming-connection")) == [60]
    assert waits_after(InTrouble("503", retry_after=30)) == [30]


def test_a_connection_that_lived_makes_the_waits_short_again(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(0, 10_000, 21))
    monkeypatch.setattr(streaming, "monotonic", lambda: next(times))
    _, waits, _, _ = followed(InTrouble("503"), InTrouble("503"), ["1", ""], InTrouble("503"), [""])
    assert waits == [5, 10, 0, 5]


def test_one_that_dies_at_once_does_not() -> None:
    _, waits, _, _ = followed([""], [""], [""], [""])
    assert waits == [0, 0.25, 0.5]
