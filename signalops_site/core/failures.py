"""What may be told of an unexpected error, in logs and on runs: its type and place, not the data it met.

Messages of errors often quote the value that caused them, and here values are people's posts: PostgreSQL
quotes whole rows, `int()` and pydantic quote their input. So only messages whose wording is known are repeated.
"""

import traceback
from pathlib import Path

from django.db import Error as DatabaseError

from .errors import DomainError

ROOT = Path(__file__).resolve().parents[2]
MAX_MESSAGE = 300
_WITHOUT_DATA = (ArithmeticError, AttributeError, ImportError, MemoryError, NameError, RecursionError, TypeError)
"""Built-in errors whose messages name code, never data."""
_POSTGRES_FACTS = ("sqlstate", "table_name", "column_name", "constraint_name")


def describe_failure(error: BaseException) -> str:
    """One line for a person: `ZeroDivisionError: division by zero`, `KeyError in leads/facts.py, line 41`."""
    name, message = type(error).__name__, safe_message(error)
    if message:
        return f"{name}: {message}"
    place = _place_of(error)
    return f"{name} in {place}" if place else name


def safe_message(error: BaseException) -> str:
    """An error's message as far as it cannot hold data; empty for all others."""
    if isinstance(error, DomainError):
        return error.detail
    if isinstance(error, DatabaseError):
        return _of_database(error)[:MAX_MESSAGE]
    if isinstance(error, OSError):
        return error.strerror or ""
    return str(error)[:MAX_MESSAGE] if isinstance(error, _WITHOUT_DATA) else ""


def _of_database(error: DatabaseError) -> str:
    """PostgreSQL's error code and names; its sentences quote rows. SQLite's sentences hold names only."""
    facts = getattr(error.__cause__, "diag", None)
    if facts is None or getattr(facts, "sqlstate", None) is None:
        return str(error).partition("\n")[0]
    known = ((name, getattr(facts, name, None)) for name in _POSTGRES_FACTS)
    return ", ".join(f"{name} {value}" for name, value in known if value)


def _place_of(error: BaseException) -> str:
    """The innermost line of our own code that the error came through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
            return f"{path.relative_to(ROOT)}, line {frame.lineno}"
    return ""
