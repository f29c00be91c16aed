"""Traces at Langfuse: one generation for each call to a model, and a score for what a person decided.

Configured by LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY; without them nothing is imported, kept or said. All
that is known of one subject (`lead:12`) stands in one trace, whose id anybody can work out from the subject.
Prompts and answers, and with them people's posts, are only sent along where LANGFUSE_CONTENT says so.

Nothing here waits for the host and nothing fails because of it. What is recorded goes into a bounded queue, which
a thread of this process empties (`trace_sender`); where the host is slow or dead, records are dropped, and that
is logged once. `flush` waits a moment at the end of a task.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from .ledger import Try
from .requests import LlmRequest
from .trace_sender import Removal, Score, Sender, Span

FLUSH_SECONDS = 0.2
"""How long the end of a task waits at least for what is not sent yet; longer by a fiftieth of the task's time."""

_sender = Sender()


def is_on() -> bool:
    return bool(settings.LANGFUSE_PUBLIC_KEY and settings.LANGFUSE_SECRET_KEY)


def trace_id_for(subject: str) -> str:
    """The id of a subject's trace, 32 hexadecimal digits, as the SDK makes them from a seed."""
    return sha256(subject.encode()).digest()[:16].hex()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where calls come from, for the names and tags of their traces."""

    project: str
    run: int | None


def record_call(request: LlmRequest, call: Try, origin: Origin, *, ended_at: float) -> None:
    """A model was asked and is done, well or badly. `ended_at` is in seconds since 1970."""
    if not is_on() or not call.attempts:
        return
    project = (f"project:{origin.project}",) if origin.project else ()
    span = Span(
        trace_id=trace_id_for(request.subject) if request.subject else "",
        name=request.purpose,
        model=call.model,
        began_at=ended_at - call.latency_ms / 1000,
        ended_at=ended_at,
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        cost=call.cost,
        tags=(*project, f"purpose:{request.purpose}", *request.tags),
        metadata={
            "subject": request.subject,
            "prompt_version": request.prompt_version,
            "attempts": call.attempts,
            "run": origin.run,
        },
        failure=f"{call.failure.value}: {call.reason}" if call.failure else "",
        asked=tuple((each.role, each.content) for each in request.messages) if settings.LANGFUSE_CONTENT else (),
        answered=call.text if settings.LANGFUSE_CONTENT else "",
    )
    _sender.put(span)


def record_score(subject: str, name: str, value: float | str | None, *, comment: str = "") -> None:
    """What a person decided about a subject, once the present transaction is committed.

    One score for each subject and name: a later one takes the place of an earlier, and None takes it back. A text
    is a category (`relevant`), a number is counted.
    """
    if is_on():
        trace_id = trace_id_for(subject)
        score = Score(sha256(f"{subject}\n{name}".encode()).hexdigest()[:32], trace_id, name, value, comment)
        transaction.on_commit(partial(_sender.put, score))


def forget_traces(subjects: Collection[str]) -> None:
    """Have the traces of these removed, once the present transaction is committed. A failure is logged."""
    if is_on() and subjects:
        removal = Removal(tuple(trace_id_for(subject) for subject in subjects))
        transaction.on_commit(partial(_sender.put, removal))


def get_ready() -> None:
    """Calls are about to be made."""
    if is_on():
        _sender.warm_up()


def flush(*, after: float = 0.0) -> bool:
    """Wait a moment until everything is sent; whether it is. `after` are the seconds that the task has taken."""
    return _sender.flush(max(FLUSH_SECONDS, after / 50))


def flush_after_task(**_signal: object) -> None:
    """At the end of a background job: a worker may be ended behind it."""
    flush()
