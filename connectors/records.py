"""Files of records, read one record at a time: JSON lines, and CSV with its lines counted. `json_values` reads
those in which JSON stands in other ways.

What cannot be read comes as a BadRecord in its place, so that all that is wrong with a file is told at once.
"""

import codecs
import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

MAX_CSV_FIELD = 10_000_000
HEADER_WITHIN = 20
"""Rows among which a CSV's header is looked for: exports put a title or a note above it."""
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be read: where it stands (line, from 1; `part` of what begins there) and why."""

    line: int
    message: str
    part: str = ""

    def __str__(self) -> str:
        return f"line {self.line}{self.part and f', {self.part}'}: {self.message}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is in order and is not wanted, and why: `without words`, say."""

    line: int
    reason: str


Record = dict[str, Any]
Numbered = tuple[int, Record | BadRecord]
"""A record with the line on which it begins."""


def jsonl_records(path: Path) -> Iterator[Numbered]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _json_object(line, number)


def csv_records(path: Path, *, is_header: Callable[[Sequence[str]], bool]) -> Iterator[Numbered]:
    """The rows below the header, by its names. Commas, semicolons or tabs divide their cells."""
    csv.field_size_limit(MAX_CSV_FIELD)
    if _is_utf_16(path):
        yield 1, BadRecord(1, "is UTF-16 text: save it as CSV in UTF-8")
        return
    delimiter = _delimiter(path, is_header)
    if delimiter is None:
        yield 1, BadRecord(1, f"none of the first {HEADER_WITHIN} rows names columns that are known here")
        return
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        header = [cell.strip() for cell in next(filter(is_header, reader))]
        line = reader.line_num + 1
        if twice := [name for name, count in Counter(header).items() if name and count > 1]:
            yield line - 1, BadRecord(line - 1, f"names the column {twice[0]!r} twice")
            return
        try:
            for row in reader:
                if any(row):
                    yield line, _by_name(header, row, line)
                line = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as error:
            yield line, BadRecord(line, f"cannot be read as CSV ({error})")


def _delimiter(path: Path, is_header: Callable[[Sequence[str]], bool]) -> str | None:
    for delimiter in DELIMITERS:
        with path.open(encoding="utf-8-sig", newline="") as text:
            try:
                if any(map(is_header, islice(csv.reader(text, delimiter=delimiter), HEADER_WITHIN))):
                    return delimiter
            except (csv.Error, UnicodeDecodeError):
                continue
    return None


def _is_utf_16(path: Path) -> bool:
    with path.open("rb") as content:
        return content.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _by_name(header: Sequence[str], row: Sequence[str], line: int) -> Record | BadRecord:
    if any(row[len(header) :]):
        return BadRecord(line, f"has {len(row)} cells where the header has {len(header)}: is a quote missing?")
    return {name: cell for name, cell in zip(header, row, strict=False) if name}


NO_OBJECT = 'should be a JSON object, such as {"id": "1", "text": "..."}'


def _json_object(line: bytes, number: int) -> Record | BadRecord:
    try:
        record = DECODER.decode(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        return BadRecord(number, f"is not UTF-8 text (byte {error.start})")
    except (ValueError, RecursionError) as error:
        return BadRecord(number, f"is not JSON ({why_no_json(error)})")
    return record if isinstance(record, dict) else BadRecord(number, NO_OBJECT)


def _refuse(word: str) -> NoReturn:
    """Python reads NaN and Infinity; no database keeps them as JSON."""
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(f"{text[:20]} is too large a number")


DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def why_no_json(error: Exception) -> str:
    """What is wrong, in a few words, for behind `is not JSON`."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "nested too deeply" if isinstance(error, RecursionError) else f"{error}"[:100]
