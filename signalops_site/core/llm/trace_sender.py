"""The thread that speaks to Langfuse, and the one module that imports its SDK.

The SDK gets a tracer provider of its own, so that no other library's spans go to Langfuse and ours go nowhere
else. Its client is made in the thread, when there is something to send: after a fork, a process makes its own. Its
ways to hold a process up until everything is sent (at exit, in `flush`) are off or happen in the thread.
"""

import atexit
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings

from ..failures import describe_failure
from .requests import NOTHING

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
TIMEOUT_SECONDS = 5
"""For one request to the host."""
FLUSH_INTERVAL = 0.5
AT_EXIT_SECONDS = 0.5
"""What the end of the process waits at least; longer by a fiftieth of the time since the first record."""
SAY_EVERY = 600.0
"""Seconds between two lines in the log about a host that does not answer."""
MOST_CHARACTERS = 20_000
"""Of a prompt or an answer."""


@dataclass(frozen=True, slots=True)
class Span:
    """One call to a model. Times are in seconds since 1970; a trace without an id is one of its own."""

    trace_id: str
    name: str
    model: str
    began_at: float
    ended_at: float
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = NOTHING
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str | int | None] = field(default_factory=dict)
    failure: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    answered: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A value of None takes the score of that id back."""

    id: str
    trace_id: str
    name: str
    value: float | str | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    trace_ids: tuple[str, ...]


_Item = Span | Score | Removal | threading.Event


class Sender:
    """The queue and its thread. Whoever puts something in is never held up."""

    def __init__(self) -> None:
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """The thread stayed with the parent, and what waits is the parent's to send."""
        self._lock = threading.Lock()
        self._items: queue.Queue[_Item] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._is_full = False
        self._flushing: threading.Event | None = None

    def put(self, item: _Item) -> None:
        self._start()
        try:
            self._items.put_nowait(item)
            self._is_full = False
        except queue.Full:
            if not self._is_full:
                log.warning("Langfuse does not keep up: what is recorded now is dropped")
            self._is_full = True

    def flush(self, seconds: float) -> bool:
        """Wait until what was put before is sent; not at all while an earlier flush is still under way."""
        if self._thread is None:
            return True
        if self._flushing is not None and not self._flushing.is_set():
            return False
        self._flushing = threading.Event()
        self.put(self._flushing)
        return self._flushing.wait(seconds)

    def warm_up(self) -> None:
        """Have the client made, which takes a second, while the first calls wait for their models."""
        if self._thread is None:
            self.put(threading.Event())

    def _flush_at_exit(self, began: float) -> None:
        self.flush(max(AT_EXIT_SECONDS, (time.monotonic() - began) / 50))

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="langfuse", daemon=True)
                self._thread.start()
                atexit.register(self._flush_at_exit, time.monotonic())

    def _work(self) -> None:
        clients: dict[tuple[str, str, str], _Client] = {}
        while True:
            item = self._items.get()
            try:
                key = (settings.LANGFUSE_PUBLIC_KEY, settings.LANGFUSE_SECRET_KEY, settings.LANGFUSE_HOST)
                if key not in clients and key[0] and key[1]:
                    clients[key] = _Client(*key)
                if key in clients:
                    clients[key].send(item)
            except Exception as error:  # noqa: BLE001 - tracing never fails anything
                log.warning("Langfuse: %s", describe_failure(error))
            if isinstance(item, threading.Event):
                item.set()


class _Client:
    """The SDK's client, quiet, and with nothing but what we put in."""

    def __init__(self, public_key: str, secret_key: str, host: str) -> None:
        from langfuse import Langfuse  # noqa: PLC0415 - most of a second, and only where it is configured
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

        _hush("langfuse", "opentelemetry")
        self._ids = _seeded_ids()
        provider = TracerProvider(id_generator=self._ids, shutdown_on_exit=False)
        self._tracer = provider.get_tracer("signalops")
        self._sdk = Langfuse(
            public_key=public_key,
            secret_key=secret_key,
            base_url=host.rstrip("/"),
            timeout=TIMEOUT_SECONDS,
            flush_interval=FLUSH_INTERVAL,
            tracer_provider=provider,
            should_export_span=lambda _span: True,
        )
        if self._sdk._resources is not None:
            atexit.unregister(self._sdk._resources.shutdown)  # it would wait for the host

    def send(self, item: _Item) -> None:
        match item:
            case Span():
                self._send_span(item)
            case Score(value=None):
                self._sdk.api.scores.delete(item.id)
            case Score(value=value) if value is not None:
                self._send_score(item, value)
            case Removal():
                self._sdk.api.trace.delete_multiple(trace_ids=list(item.trace_ids))
            case threading.Event():
                self._sdk.flush()

    def _send_span(self, span: Span) -> None:
        """A root span of its own. The names of its attributes are those that Langfuse reads."""
        self._ids.next_trace = int(span.trace_id, 16) if span.trace_id else None
        sent = self._tracer.start_span(
            span.name, context=_no_parent(), start_time=_nanoseconds(span.began_at), attributes=_attributes(span)
        )
        sent.end(_nanoseconds(span.ended_at))

    def _send_score(self, score: Score, value: float | str) -> None:
        create: Callable[..., None] = partial(
            self._sdk.create_score,
            name=score.name,
            score_id=score.id,
            trace_id=score.trace_id,
            comment=score.comment or None,
        )
        if isinstance(value, str):
            create(value=value, data_type="CATEGORICAL")
        else:
            create(value=float(value), data_type="NUMERIC")


def _attributes(span: Span) -> dict[str, Any]:
    from langfuse import LangfuseOtelSpanAttributes as Name  # noqa: PLC0415

    attributes: dict[str, Any] = {
        Name.OBSERVATION_TYPE: "generation",
        Name.TRACE_NAME: span.name,
        Name.TRACE_TAGS: span.tags,
        Name.OBSERVATION_MODEL: span.model,
        Name.OBSERVATION_USAGE_DETAILS: json.dumps({"input": span.tokens_in, "output": span.tokens_out}),
        Name.OBSERVATION_COST_DETAILS: json.dumps({"total": float(span.cost)}),
    }
    for name, value in span.metadata.items():
        if value is not None:
            attributes[f"{Name.OBSERVATION_METADATA}.{name}"] = json.dumps(value, ensure_ascii=False)
    if span.failure:
        attributes |= {Name.OBSERVATION_LEVEL: "ERROR", Name.OBSERVATION_STATUS_MESSAGE: span.failure}
    if span.asked:
        asked = [{"role": role, "content": content[:MOST_CHARACTERS]} for role, content in span.asked]
        attributes[Name.OBSERVATION_INPUT] = json.dumps(asked, ensure_ascii=False)
        attributes[Name.OBSERVATION_OUTPUT] = span.answered[:MOST_CHARACTERS]
    return attributes


def _no_parent() -> Any:
    from opentelemetry.context import Context  # noqa: PLC0415

    return Context()


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def _seeded_ids() -> Any:
    """Ids for spans, and for traces the one that is set; a random one without."""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class SeededIds(RandomIdGenerator):
        next_trace: int | None = None

        def generate_trace_id(self) -> int:
            return self.next_trace or super().generate_trace_id()

    return SeededIds()


class _TellOnce(logging.Handler):
    """What the SDK has to say about a host that does not answer, as one line now and then instead of many."""

    told_at = -SAY_EVERY

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() - self.told_at >= SAY_EVERY:
            self.told_at = time.monotonic()
            log.warning("Langfuse does not take what is sent to it; is LANGFUSE_HOST right, and are the keys?")


def _hush(*names: str) -> None:
    tell = _TellOnce(logging.ERROR)
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [tell], False
        logger.setLevel(logging.ERROR)
