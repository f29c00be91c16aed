"""The do-not-contact list as CSV, to keep and to bring in.

    kind, platform, value, digest, scope, reason, expires_at

A person's value is empty when it is written (only the digest is known) and given when it is read; a digest is of
use only under the SECRET_KEY that made it. `handle`, `domain` and `pattern` may be columns in the place of `kind`
and `value`, as other tools write them. Scope is told, and not read: whoever imports says for which project.

Cells that a spreadsheet would run as a formula get an apostrophe in front, which reading takes off again.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from signalops_site.core.config.schema import problem_with_text
from signalops_site.core.errors import DomainError

from .identities import Identity, IdentityKind, identity_of
from .models import Suppression
from .services.suppressions import LONGEST_REASON, Entry, Refused, kept_value

COLUMNS = ("kind", "platform", "value", "digest", "scope", "reason", "expires_at")
SHORT = ("handle", "account", "domain", "pattern")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_LINE = 20_000
LAST_YEAR = 9_000
"""Every database takes what is before it, in any time zone."""


def write_rows(rows: Iterable[Suppression]) -> Iterator[str]:
    """Lines of the file, the heads first; one at a time, however long the list is."""
    yield csv_line(COLUMNS)
    for row in rows:
        yield csv_line(
            (
                row.kind,
                row.platform,
                row.value,
                row.digest,
                row.project.slug if row.project else "all",
                row.reason,
                row.expires_at.isoformat() if row.expires_at else "",
            )
        )


def read_lines(lines: Iterable[str]) -> Iterator[Entry | Refused]:
    """Entries, and what is none of them. DomainError when the first line does not name the columns."""
    reader = csv.reader(_bounded(lines))
    try:
        heads = [head.strip().lower().removeprefix("\ufeff") for head in next(reader, [])]
        _check_heads(heads)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _read(dict(zip(heads, map(_plain, cells), strict=False)), line=reader.line_num)
    except csv.Error as error:
        raise DomainError(f"Line {reader.line_num} is no CSV: {error}.") from None


def csv_line(cells: Iterable[str]) -> str:
    """One line, each cell as `safe_cell` has it."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(safe_cell, cells))
    return text.getvalue()


def safe_cell(text: str) -> str:
    """As a spreadsheet shows it and does not run it. An apostrophe gets another, so that it comes back."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def _plain(cell: str) -> str:
    cell = cell.strip(" ")
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise DomainError(f"Line {number} is longer than {LONGEST_LINE:,} characters.")
        yield line


def _check_heads(heads: list[str]) -> None:
    unknown = [head for head in heads if head not in (*COLUMNS, *SHORT)]
    if unknown or not {*SHORT, "value", "digest"} & set(heads):
        wrong = f"There is no column {unknown[0]!r:.40}. " if unknown else ""
        raise DomainError(f"{wrong}The first line names the columns: {', '.join((*COLUMNS, *SHORT[:1]))}.")


def _read(cells: Mapping[str, str], *, line: int) -> Entry | Refused:
    try:
        reason, expires_at = _reason_of(cells), _moment_of(cells.get("expires_at", ""))
        if identity := _identity_of(cells):
            names = (identity.kind, identity.platform, tuple(identity.digests()), kept_value(identity))
            return Entry(line, *names, reason=reason, expires_at=expires_at)
        kind, platform, digest = _digest_of(cells)
        return Entry(line, kind, platform, (digest,), reason=reason, expires_at=expires_at)
    except DomainError as error:
        return Refused(line, error.detail)


def _identity_of(cells: Mapping[str, str]) -> Identity | None:
    """None when the line names nobody, but may hold a digest."""
    platform = cells.get("platform", "")
    for kind in SHORT:
        if cells.get(kind):
            return identity_of(kind, value=cells[kind], platform=platform)
    if not cells.get("value"):
        return None
    return identity_of(cells.get("kind") or IdentityKind.HANDLE, value=cells["value"], platform=platform)


def _digest_of(cells: Mapping[str, str]) -> tuple[IdentityKind, str, str]:
    """Of a line that an export wrote of a person."""
    kind, digest = cells.get("kind", ""), cells.get("digest", "")
    if not digest:
        raise DomainError("It names nobody.")
    if kind not in (IdentityKind.HANDLE, IdentityKind.ACCOUNT) or not DIGEST.fullmatch(digest):
        raise DomainError("A digest is 64 characters, 0-9 and a-f, of the kind handle or account.")
    at = identity_of(kind, value="anybody", platform=cells.get("platform", "")).platform
    return IdentityKind(kind), at, digest


def _reason_of(cells: Mapping[str, str]) -> str:
    reason = cells.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise DomainError(f"The reason has more than {LONGEST_REASON} characters.")
    if problem := problem_with_text(reason):
        raise DomainError(f"The reason {problem}.")
    return reason


def _moment_of(text: str) -> datetime | None:
    """A day (its end, in UTC) or a moment."""
    if not text.strip():
        return None
    moment = parse_moment(text)
    if moment <= timezone.now():
        raise DomainError("The date on which it expires has passed.")
    return moment


def parse_moment(text: str) -> datetime:
    """`2027-01-31` is the end of that day in UTC; a moment is itself. DomainError for what is neither."""
    try:
        day = parse_date(text.strip())
        moment = datetime.combine(day, time.max, tzinfo=UTC) if day else parse_datetime(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.year >= LAST_YEAR:
        raise DomainError(f"{text!r:.40} is no date, such as 2027-01-31.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
