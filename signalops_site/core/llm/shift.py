"""Many calls at once: they wait in the background's event loop, and the caller's thread does all else.

Whoever iterates over a `Shift` gets outcomes as calls end. Only that thread touches the database: it finds
answers that are there already, reserves money, and writes the rows of what has ended, several in one transaction,
before it hands any of them out. A little more work than may run at once waits in the loop, paid for in advance, so
that no place stands empty while rows are written.
"""

import asyncio
import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import DatabaseError, transaction

from ..failures import describe_failure
from .background import background
from .ledger import Book, Key, Try, key_of
from .requests import NOTHING, FailureKind, LlmAnswer, LlmFailure, LlmOutcome, LlmRequest
from .spending import Purse, Wave
from .trying import Complete, PromptOf, ask_in_turn

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""Seconds between two looks at a budget of which others hold the rest."""
GATHER = 0.1
"""Seconds for which ended calls are gathered while more wait in the loop: one transaction for several."""
APART = 0.004
"""Seconds between the beginnings of two calls, about what one takes of the processor. Calls that begin together
end together and stand in line for the one loop, again and again: each would take a quarter longer.
"""

Numbered = tuple[int, LlmRequest]


@dataclass(eq=False, slots=True)
class _Call:
    """A request to be made, and those that ask the same and wait for its answer."""

    index: int
    request: LlmRequest
    followers: list[Numbered] = field(default_factory=list)
    wave: Wave | None = None
    future: "Future[None] | None" = None


Ended = tuple[_Call, list[Try]]


@dataclass(frozen=True, slots=True)
class Means:
    """What a shift works with. `worst_case` is what a request may cost, with all its fallbacks."""

    book: Book
    purse: Purse
    complete: Complete
    prompt_of: PromptOf
    worst_case: Callable[[LlmRequest], Decimal]
    on_ended: Callable[[LlmRequest, Try], None]


class Shift:
    """All requests of one `ask_many`."""

    def __init__(self, requests: Sequence[LlmRequest], means: Means, *, concurrency: int) -> None:
        self.waiting: deque[Numbered] = deque(enumerate(requests))
        self.ready: deque[_Call] = deque()
        self.under_way: set[_Call] = set()
        self.outcomes: deque[tuple[int, LlmOutcome]] = deque()
        self._means = means
        self._concurrency = concurrency
        self._places = asyncio.Semaphore(concurrency)
        self._next_start = 0.0
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self._same: dict[Key, _Call] = {}
        self._held_since: float | None = None
        self._recorded_at = 0.0

    def __iter__(self) -> Iterator[tuple[int, LlmOutcome]]:
        try:
            while self.waiting or self.ready or self.under_way or self.outcomes:
                self._look_up_next()
                self._begin_ready()
                self._record(self._gathered())
                if self.outcomes:
                    yield self.outcomes.popleft()
        finally:
            self._stop()

    # ------------------------------------------------------------ before a call

    def _look_up_next(self) -> None:
        """Answer the next requests from the ledger; what is not there is ready to be asked, each question once."""
        room = 2 * self._concurrency - len(self.under_way) - len(self.ready)
        if not self.waiting or (room < self._concurrency / 2 and self.under_way):
            return
        batch = [self.waiting.popleft() for _ in range(min(room, len(self.waiting)))]
        known = self._means.book.recall([request for _, request in batch])
        self._hand_out_known(
            [(index, each, known[key_of(each)]) for index, each in batch if key_of(each) in known]
        )
        for index, request in batch:
            if key_of(request) not in known:
                self._make_ready(index, request)

    def _hand_out_known(self, found: Sequence[tuple[int, LlmRequest, LlmAnswer]]) -> None:
        if found:
            with transaction.atomic(durable=True):
                self._means.book.record_recalled(
                    [each for _, each, _ in found], [answer for _, _, answer in found]
                )
            self.outcomes.extend((index, answer) for index, _, answer in found)

    def _make_ready(self, index: int, request: LlmRequest) -> None:
        key = key_of(request)
        leader = self._same.get(key) if request.question else None
        if leader is not None:
            leader.followers.append((index, request))
            return
        call = _Call(index, request)
        if request.question:
            self._same[key] = call
        self.ready.append(call)

    def _begin_ready(self) -> None:
        """Reserve the money and begin, as far as there is money. Nobody waits for more than others hold."""
        while self.ready:
            granted = self._means.purse.reserve([self._means.worst_case(call.request) for call in self.ready])
            for _ in range(granted.items):
                self._begin(self.ready.popleft(), granted.wave)
            if granted.items:
                self._held_since = None
            elif granted.is_final:
                self._refuse(self.ready.popleft(), granted.refusal, retryable=False)
            elif self._is_worth_waiting():
                return
            else:
                self._refuse(self.ready.popleft(), granted.refusal, retryable=True)

    def _is_worth_waiting(self) -> bool:
        """The rest of the budget comes free as calls end: our own surely, those of others within a call's time."""
        if self.under_way:
            return True
        self._held_since = self._held_since or time.monotonic()
        if time.monotonic() - self._held_since > self.ready[0].request.timeout_s:
            return False
        time.sleep(LOOK_EVERY)
        return True

    def _begin(self, call: _Call, wave: Wave | None) -> None:
        call.wave = wave
        self.under_way.add(call)
        call.future = background.submit(self._ask(call))

    async def _ask(self, call: _Call) -> None:
        """In the background: wait for a place, ask, and leave what came of it."""
        async with self._places:
            await self._keep_apart()
            try:
                tries = await ask_in_turn(call.request, self._means.complete, self._means.prompt_of)
            except Exception as error:
                reason = f"{call.request.model}: {describe_failure(error)}"
                log.warning("a call to a model broke off", exc_info=True)
                tries = [Try(call.request.model, failure=FailureKind.UNAVAILABLE, reason=reason, attempts=1)]
            self._ended.put((call, tries))

    async def _keep_apart(self) -> None:
        now = time.monotonic()
        start, self._next_start = max(now, self._next_start), max(now, self._next_start) + APART
        if start > now:
            await asyncio.sleep(start - now)

    def _refuse(self, call: _Call, reason: str, *, retryable: bool) -> None:
        failure = LlmFailure(FailureKind.BUDGET, reason, retryable, 0, call.request.model)
        self._hand_out(call, failure)

    # ------------------------------------------------------------ after a call

    def _gathered(self) -> list[Ended]:
        """What has ended since; with nothing to hand out, wait for it."""
        ended: list[Ended] = []
        if self.under_way and not self.outcomes:
            with suppress(queue.Empty):
                ended.append(self._ended.get(timeout=LOOK_EVERY))
            if ended and len(self.under_way) > self._concurrency:
                time.sleep(GATHER)
        elif time.monotonic() - self._recorded_at < GATHER:
            return []
        with suppress(queue.Empty):
            while True:
                ended.append(self._ended.get_nowait())
        return ended

    def _record(self, ended: Sequence[Ended]) -> None:
        """Write rows and settle the money in one transaction; only then is anything handed out."""
        if not ended:
            return
        with transaction.atomic(durable=True):
            ids = self._means.book.record([(call.request, tries) for call, tries in ended])
            self._means.purse.settle((call.wave, _cost_of(tries)) for call, tries in ended)
        self._recorded_at = time.monotonic()
        for (call, tries), call_id in zip(ended, ids, strict=True):
            self.under_way.discard(call)
            self._hand_out(call, _outcome(tries, call_id))
            for each in tries:
                self._means.on_ended(call.request, each)

    def _hand_out(self, call: _Call, outcome: LlmOutcome) -> None:
        """To whoever asked, and to those who asked the same: they pay nothing."""
        self._same.pop(key_of(call.request), None)
        self.outcomes.append((call.index, outcome))
        if call.followers and isinstance(outcome, LlmAnswer):
            again = replace(outcome, cached=True, cost_usd=NOTHING)
            self._hand_out_known([(index, request, again) for index, request in call.followers])
        elif call.followers and isinstance(outcome, LlmFailure):
            same = replace(outcome, cost_usd=NOTHING)
            self.outcomes.extend((index, same) for index, _ in call.followers)

    def _stop(self) -> None:
        """Cut what is under way. What has ended meanwhile is recorded: it is paid for."""
        for call in self.under_way:
            if call.future is not None:
                call.future.cancel()
        if not self.under_way:
            return
        try:
            self._recorded_at = 0.0
            self.outcomes.clear()
            self._record(self._gathered_at_once())
            with transaction.atomic(durable=True):
                self._means.purse.settle((call.wave, NOTHING) for call in self.under_way)
        except DatabaseError:
            log.warning("calls to models that were cut could not be recorded", exc_info=True)

    def _gathered_at_once(self) -> list[Ended]:
        ended: list[Ended] = []
        with suppress(queue.Empty):
            while True:
                ended.append(self._ended.get_nowait())
        return ended


def _cost_of(tries: Sequence[Try]) -> Decimal:
    return sum((each.cost for each in tries), NOTHING)


def _outcome(tries: Sequence[Try], call_id: int | None) -> LlmOutcome:
    last, cost = tries[-1], _cost_of(tries)
    first = _failure(tries[0]) if len(tries) > 1 else None
    if last.failure is None:
        return LlmAnswer(
            last.text,
            last.data,
            last.model,
            last.tokens_in,
            last.tokens_out,
            cost,
            last.latency_ms,
            cached=False,
            call_id=call_id or 0,
            worth_usd=cost,
            stood_in_for=first,
        )
    return replace(
        _failure(last),
        reason=" ".join(each.reason for each in tries),
        retryable=any(each.retryable for each in tries),
        latency_ms=sum(each.latency_ms for each in tries),
        cost_usd=cost,
        stood_in_for=first,
    )


def _failure(one: Try) -> LlmFailure:
    """Of this one model alone. (Only what failed is asked for.)"""
    kind = one.failure or FailureKind.UNAVAILABLE
    return LlmFailure(
        kind,
        one.reason,
        one.retryable,
        one.latency_ms,
        one.model,
        one.cost,
        is_of_the_model=one.is_of_the_model,
    )
