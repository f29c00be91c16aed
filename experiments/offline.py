"""Two judges compared from a file: JSON lines of what each of them and a person said of the same subjects.

    {"subject": "1", "author": "x:7", "primary": {"label": "relevant", "latency_ms": 420, "cost_usd": 0.0004},
     "canary": {"label": "maybe", "latency_ms": 12, "cost_usd": 0}, "human": "relevant"}

`author`, `human`, `latency_ms` and `cost_usd` may be left out. An arm that was not asked is absent or null (in
canary mode one of the two always is); one that failed has no label, or a `failure`.
Further keys are left alone.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from signalops_site.core.errors import DomainError

from .labels import Label
from .models import ExperimentMode
from .tallies import Answer, Subject

MOST_NAMED = 10
LARGEST = 10**12
"""Milliseconds, or dollars: sums of such numbers stay finite."""


class BadLine(ValueError):
    """A sentence about one line."""


def read_subjects(path: Path, *, mode: ExperimentMode) -> list[Subject]:
    """The file's subjects. DomainError names the lines that do not hold, by number, up to ten of them."""
    subjects: list[Subject] = []
    problems: list[str] = []
    seen: set[str] = set()
    for number, line in _lines(path):
        try:
            subjects.append(_subject(line, mode, seen))
        except BadLine as error:
            problems.append(f"line {number}: {error}")
    if problems:
        more = f"\n... and {len(problems) - MOST_NAMED:,} more" if len(problems) > MOST_NAMED else ""
        raise DomainError("\n".join([f"{path} does not hold:", *problems[:MOST_NAMED]]) + more)
    if not subjects:
        raise DomainError(f"{path} holds no line.")
    return subjects


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            lines = enumerate(chain([file.readline().removeprefix(BOM_UTF8)], file), start=1)
            yield from ((number, line) for number, line in lines if line.strip())
    except OSError as error:
        raise DomainError(f"{path} cannot be read: {error.strerror}.") from error


def _subject(line: bytes, mode: ExperimentMode, seen: set[str]) -> Subject:
    try:
        values = orjson.loads(line)
    except ValueError as error:
        raise BadLine(f"no JSON ({error})") from None
    values = _object(values, "a line")
    key = _text(values, "subject")
    if key in seen:
        raise BadLine(f"the subject {key!r} stands in the file twice")
    seen.add(key)
    primary, canary = (_answer(values, name) for name in ("primary", "canary"))
    if mode == ExperimentMode.CANARY and (primary is None) == (canary is None):
        raise BadLine("in canary mode a line has either a primary or a canary")
    if primary is None and canary is None:
        raise BadLine("neither a primary nor a canary stands there")
    human = _label(values, "human")
    return Subject(_text(values, "author", default=f"subject {key}"), primary, canary, blind=human)


def _answer(values: Mapping[str, Any], name: str) -> Answer | None:
    if values.get(name) is None:
        return None
    arm = _object(values[name], f"`{name}`")
    failed = bool(arm.get("failure"))
    return Answer(
        label="" if failed else _label(arm, "label"),
        latency_ms=_number(arm, "latency_ms"),
        cost_usd=_number(arm, "cost_usd"),
    )


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadLine(f"{what} is an object, not {value!r:.40}")
    return value


def _text(values: Mapping[str, Any], name: str, *, default: str = "") -> str:
    """A number will do: many files number their subjects."""
    value = values.get(name)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if text is None and default:
        return default
    if not isinstance(text, str) or not text.strip():
        raise BadLine(f"`{name}` is missing, or no text")
    return text


def _label(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or value not in Label.values:
        raise BadLine(f"`{name}` is one of {', '.join(Label.values)}, not {value!r:.40}")
    return value


def _number(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name)
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
        raise BadLine(f"`{name}` is a number from 0 to {LARGEST:,}, not {value!r:.40}")
    return float(value)
