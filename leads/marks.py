"""Marks that are piled on one letter. Unicode's normal forms sort them, in time that grows with the square of
their number. Of the marks in a row the first 30 are kept, as in Unicode's Stream-Safe Text Format (UAX 15, 12.1),
which finds that no writing needs more.
"""

import re
import unicodedata
from functools import cache

MOST = 30
FIRST, LAST = 0x300, 0x1E94A
"""Where Unicode's marks stand."""
MADE_OF_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""No marks themselves, but the normal forms make marks of them."""


def without_piles(text: str) -> str:
    """The text with at most 30 marks in a row, as nearly every text is."""
    maybe, pile = _patterns()
    return pile.sub(r"\1", text) if maybe.search(text) else text


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What may be a pile, which is looked for much faster, and what is one."""
    ranges = _ranges()
    common = _as_set([each for each in ranges if each[1] <= 0xFFFF])
    exact = _as_set(ranges)
    maybe = f"[{common}\U00010000-{chr(LAST)}]{{{MOST + 1}}}"
    return re.compile(maybe), re.compile(f"([{exact}]{{{MOST}}})[{exact}]+")


def _as_set(ranges: list[tuple[int, int]]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + MADE_OF_MARKS


def _ranges() -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for code in range(FIRST, LAST + 1):
        if unicodedata.combining(chr(code)):
            first = ranges.pop()[0] if ranges and ranges[-1][1] == code - 1 else code
            ranges.append((first, code))
    return ranges
