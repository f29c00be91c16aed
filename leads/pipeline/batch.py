"""Queries side by side: threads wait for platforms, and one thread does everything else.

A thread asks a platform for one query's pages and knows no database. What does need it (storing a page, counting
a request in a shared window, keeping a session) is done for it at the desk, by the thread that holds the run: so
transactions never meet each other, and a run is written to by nobody else.
"""

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

from connectors.base import FetchedPage
from signalops_site.core.errors import DomainError

T = TypeVar("T")

LOOK_UP_EVERY = 1.0
"""Seconds. How often a run that only waits looks whether it is still wanted."""


class DeskClosed(Exception):
    """The run ended while a thread was at a platform; what it brings is left, and read again another time."""


class Walk(ABC):
    """One query's way through its pages. All but the iterating itself happens in the run's own thread."""

    platform: str
    ready_at: float = 0.0
    """Not begun before this time (monotonic)."""

    @abstractmethod
    def begin(self, desk: "Desk") -> Iterator[FetchedPage] | None:
        """The pages, of which none is asked for yet; None when there is nothing to do. Errors go to `ended`."""

    @abstractmethod
    def take(self, page: FetchedPage) -> bool:
        """Store a page; whether more are wanted."""

    @abstractmethod
    def ended(self, error: Exception | None) -> bool:
        """Note how it went; True when it is to begin again, at `ready_at`."""


class _Errand(Generic[T]):
    """Something that a thread wants done, and the place where it waits for the answer."""

    def __init__(self, call: Callable[[], T], *, is_page: bool = False) -> None:
        self.call = call
        self.is_page = is_page
        self.answer: Future[T] = Future()

    def run(self) -> None:
        """Answer with what the call gives or raises. What storing a page raises ends the run as well."""
        try:
            self.answer.set_result(self.call())
        except BaseException as error:
            self.answer.set_exception(DeskClosed() if self.is_page else error)
            if self.is_page or not isinstance(error, Exception):
                raise


class Desk:
    """Where threads leave errands for the one that may use the database."""

    def __init__(self) -> None:
        self._errands: queue.Queue[_Errand[Any]] = queue.Queue()
        self._is_closed = threading.Event()

    def do(self, call: Callable[[], T], *, is_page: bool = False) -> T:
        """Have it called, and wait for what it returns or raises. DeskClosed when the run is over."""
        errand = _Errand(call, is_page=is_page)
        self._errands.put(errand)
        if self._is_closed.is_set():
            self._refuse_all()
        return errand.answer.result()

    def serve(self, *, seconds: float) -> None:
        """Run the next errand, if one comes within that time."""
        with suppress(queue.Empty):
            self._errands.get(timeout=seconds).run()

    def close(self) -> None:
        self._is_closed.set()
        self._refuse_all()

    def _refuse_all(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._errands.get_nowait().answer.set_exception(DeskClosed())


def walk_side_by_side(walks: Sequence[Walk], *, concurrency: int, look_up: Callable[[], object]) -> None:
    """Walk all queries, at most `concurrency` at once, those of different platforms first.

    `look_up` is called about once a second, and what it raises ends everything: the run was cancelled, say.
    """
    desk = Desk()
    crew = _Crew(list(walks), desk, concurrency)
    try:
        while crew.is_at_work:
            crew.begin_ready()
            desk.serve(seconds=crew.seconds_to_wait())
            crew.look_after(look_up)
    finally:
        desk.close()


class _Crew:
    def __init__(self, waiting: list[Walk], desk: Desk, concurrency: int) -> None:
        self.waiting = waiting
        self.running: list[Walk] = []
        self.desk = desk
        self.concurrency = concurrency
        self._looked_up_at = time.monotonic()

    @property
    def is_at_work(self) -> bool:
        return bool(self.waiting or self.running)

    def begin_ready(self) -> None:
        while len(self.running) < self.concurrency and (walk := self._next()) is not None:
            self.waiting.remove(walk)
            try:
                pages = walk.begin(self.desk)
            except DomainError as error:
                self._finish(walk, error)
                continue
            if pages is not None:
                self.running.append(walk)
                name = f"collect {walk.platform}"
                # The thread's log lines carry what this one's do.
                read = partial(copy_context().run, self._read, walk, pages)
                threading.Thread(target=read, name=name, daemon=True).start()

    def _next(self) -> Walk | None:
        """One that is ready, of a platform that nobody is at, if there is one."""
        ready = [walk for walk in self.waiting if walk.ready_at <= time.monotonic()]
        busy = {walk.platform for walk in self.running}
        return next((walk for walk in ready if walk.platform not in busy), next(iter(ready), None))

    def _read(self, walk: Walk, pages: Iterator[FetchedPage]) -> None:
        """In a thread: bring page after page, and say how it ended."""
        error: Exception | None = None
        try:
            with closing(pages):  # type: ignore[type-var]
                for page in pages:
                    if not self.desk.do(partial(walk.take, page), is_page=True):
                        break
        except DeskClosed:
            return
        except Exception as failure:  # noqa: BLE001 - the run's own thread decides what it means
            error = failure
        with suppress(DeskClosed):
            self.desk.do(partial(self._end, walk, error), is_page=True)

    def _end(self, walk: Walk, error: Exception | None) -> None:
        self.running.remove(walk)
        self._finish(walk, error)

    def _finish(self, walk: Walk, error: Exception | None) -> None:
        if walk.ended(error):
            self.waiting.append(walk)

    def seconds_to_wait(self) -> float:
        """Until somebody should look again; errands are run as soon as they come."""
        if not self.is_at_work or len(self.running) >= self.concurrency:
            return LOOK_UP_EVERY
        now = time.monotonic()
        return max(min([LOOK_UP_EVERY, *(walk.ready_at - now for walk in self.waiting)]), 0.001)

    def look_after(self, look_up: Callable[[], object]) -> None:
        if time.monotonic() - self._looked_up_at >= LOOK_UP_EVERY:
            look_up()
            self._looked_up_at = time.monotonic()
