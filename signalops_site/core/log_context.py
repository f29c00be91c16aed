"""What every log line of a request or a run carries, and where the audit log finds the request's id.

A value may be a function without arguments: it is asked when a line is written (who asks is often known
only in the middle of a request). Threads start with an empty context: give them a copy of their parent's.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Value = str | int | None
_bound: ContextVar[Mapping[str, Value | Callable[[], Value]]] = ContextVar(
    "log_context", default=MappingProxyType({})
)


@contextmanager
def bound(**values: Value | Callable[[], Value]) -> Iterator[None]:
    """Add these to every line that is logged in the block."""
    token = _bound.set({**_bound.get(), **values})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_values() -> dict[str, str | int]:
    """What a line that is written now should carry; what is not known is left out."""
    values = {name: value() if callable(value) else value for name, value in _bound.get().items()}
    return {name: value for name, value in values.items() if value is not None}


def current_request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(_bound.get().get("request_id", ""))
