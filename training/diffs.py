"""What was changed between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
_WORDS = re.compile(r"\s*\S+\s*\Z|\s*\S+")


@dataclass(frozen=True, slots=True)
class DiffPart:
    kind: Kind
    text: str


def diff_words(before: str, after: str) -> list[DiffPart]:
    """Parts in reading order: `same` and `removed` give `before` when joined, `same` and `added` give `after`."""
    return list(_parts(_WORDS.findall(before) or [before], _WORDS.findall(after) or [after]))


def _parts(old: list[str], new: list[str]) -> Iterator[DiffPart]:
    for kind, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield DiffPart("same", "".join(old[start:end]))
            continue
        if end > start:
            yield DiffPart("removed", "".join(old[start:end]))
        if last > first:
            yield DiffPart("added", "".join(new[first:last]))
