"""The JSON values of a file, one after the other, however they stand in it; one of them is in memory at a time."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from .records import DECODER, NO_OBJECT, BadRecord, Numbered, why_no_json

CHUNK = 1024 * 1024
NO_BLANK = re.compile(r"\S")
LONGEST_LITERAL = 12
"""Characters. An error this close to the end of what was read may only mean that the rest is missing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value, with the line on which it begins, and which part of a list it is."""

    value: Any
    line: int
    part: str = ""


def values_in(path: Path) -> Iterator[Value | BadRecord]:
    """The JSON values of a file in which they stand one after the other, be it one a line, one over many lines, or
    the items of a list. Holds no more than the largest of them in memory.
    """
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = _Reader(text)
        try:
            yield from reader.values()
        except UnicodeDecodeError:
            yield BadRecord(_line_that_is_no_text(path), "is not UTF-8 text")


def json_records(path: Path) -> Iterator[Numbered]:
    """The objects among them."""
    for each in values_in(path):
        if isinstance(each, BadRecord):
            yield each.line, each
        else:
            is_object = isinstance(each.value, dict)
            yield each.line, each.value if is_object else BadRecord(each.line, NO_OBJECT, each.part)


def _line_that_is_no_text(path: Path) -> int:
    """Text is decoded far ahead of where it is read, so the error itself does not tell."""
    with path.open("rb") as lines:
        return next((number for number, line in enumerate(lines, start=1) if not _is_text(line)), 1)


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Reader:
    def __init__(self, text: TextIO) -> None:
        self.line = 1
        self._text, self._buffer, self._at = text, "", 0

    def values(self) -> Iterator[Value | BadRecord]:
        while character := self._next_character():
            if character == "[":
                yield from self._items()
                continue
            value = self._value()
            yield value
            if isinstance(value, BadRecord):
                self._skip_line()

    def _items(self) -> Iterator[Value | BadRecord]:
        """A list is given item by item. Behind one that cannot be read nobody knows where the next begins."""
        self._advance(1)
        number = 0
        while (character := self._next_character()) != "]":
            if not character:
                yield BadRecord(self.line, "the list does not end")
                return
            if character == ",":
                self._advance(1)
                continue
            number += 1
            value = self._value(part=f"item {number}")
            yield value
            if isinstance(value, BadRecord):
                self._skip_everything()
                return
        self._advance(1)

    def _value(self, *, part: str = "") -> Value | BadRecord:
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if self._may_be_cut(error) and self._read_more():
                    continue
                return BadRecord(self.line, f"is not JSON ({why_no_json(error)})", part)
            line = self.line
            self._advance(end - self._at)
            return Value(value, line, part)

    def _may_be_cut(self, error: Exception) -> bool:
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._buffer) - LONGEST_LITERAL

    def _next_character(self) -> str:
        """The first character that is no blank; empty at the end of the file."""
        while True:
            found = NO_BLANK.search(self._buffer, self._at)
            self._advance((found.start() if found else len(self._buffer)) - self._at)
            if found:
                return found.group()
            if not self._read_more():
                return ""

    def _advance(self, characters: int) -> None:
        self.line += self._buffer.count("\n", self._at, self._at + characters)
        self._at += characters

    def _skip_line(self) -> None:
        while (end := self._buffer.find("\n", self._at)) < 0:
            self._at = len(self._buffer)
            if not self._read_more():
                return
        self._advance(end + 1 - self._at)

    def _skip_everything(self) -> None:
        self._at = len(self._buffer)
        while self._read_more():
            self._at = len(self._buffer)

    def _read_more(self) -> bool:
        """Twice as much each time, so that a long value is tried a few times and not at every chunk."""
        rest = self._buffer[self._at :]
        more = self._text.read(max(CHUNK, len(rest)))
        self._buffer, self._at = rest + more, 0
        return bool(more)
