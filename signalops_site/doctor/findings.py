"""What the doctor says: a finding has a level, the check it comes from, what is so, and how to mend it.

Nothing here needs Django, so that an install whose settings cannot even be read still gets an answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]
LEVELS: tuple[Level, ...] = ("ok", "warning", "error")
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is empty where there is nothing to do."""

    level: Level
    check: str
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `needs_database` when there is nothing to see without one."""

    name: str
    examine: Callable[[], Iterable["Seen"]]
    needs_database: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check's function answers: a finding that does not know its check's name."""

    level: Level
    message: str
    mend: str = ""


def fine(message: str) -> Seen:
    return Seen("ok", message)


def doubtful(message: str, *, mend: str) -> Seen:
    return Seen("warning", message, mend)


def wrong(message: str, *, mend: str) -> Seen:
    return Seen("error", message, mend)


def worst(findings: Iterable[Finding]) -> Level:
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")


def as_json(findings: list[Finding]) -> dict[str, object]:
    """The shape of `doctor --json`."""
    shown = [{key: asdict(finding)[key] for key in ("check", "level", "message", "mend")} for finding in findings]
    return {"status": worst(findings), "findings": shown}
