"""LinkedIn, read only: posts that a person exported or pasted. `importposts --format linkedin` reads them.

There is no public search, and nothing is ever written there. Three kinds of files are read: a member's own data
(`Shares.csv`), a page's analytics of its posts, and records as scrapers and CRMs give them (CSV, JSON lines, or a
JSON list). docs/connectors.md describes them; names of columns count in any case and spelling.

A post's id is the number in its URN or address, so that it is the same post from whichever file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from signalops_site.core.config.schema import LinkedInPlatform

from ..base import Capability, Connector, FetchedPage, FetchedPost, SearchQuery, connectors
from ..errors import ConnectorError
from ..json_values import json_records
from ..records import BadRecord, LeftOut, Numbered, csv_records, jsonl_records
from ._linkedin_authors import name_in_address
from ._linkedin_columns import ADDRESSES, IDS, PAGE_EXPORT, SHARES, TEXTS, plain, spelled, spelling_of
from ._linkedin_entries import Entry, identities, read_entry

WORKBOOK = b"PK"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

NO_WORDS = "without words"
OTHER_KIND = "of a kind that platforms.linkedin.post_types does not name"
OTHER_PAGE = "of a page that platforms.linkedin.company_pages does not name"


@connectors.register("linkedin")
class LinkedInConnector(Connector):
    platform = "linkedin"
    capabilities = frozenset({Capability.IMPORT})

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        raise ConnectorError(
            "LinkedIn cannot be searched: it has no public search. Export posts, or paste them into a file, and "
            "take them in with `manage.py importposts FILE --format linkedin`."
        )


def read_posts(path: Path, *, options: LinkedInPlatform) -> Iterator[FetchedPost | BadRecord | LeftOut]:
    """Each record of a file as a post, as one that is not wanted, or as what is wrong with it."""
    for line, record in _records(path):
        if isinstance(record, BadRecord):
            yield record
            continue
        try:
            entry = read_entry(record)
        except ValueError as error:
            yield BadRecord(line, str(error))
            continue
        reason = why_unwanted(entry, options)
        yield LeftOut(line, reason) if reason or entry.post is None else entry.post


def why_unwanted(entry: Entry, options: LinkedInPlatform) -> str:
    """Why a post is not taken; empty when it is. What a record does not tell leaves nothing out."""
    if entry.post is None:
        return NO_WORDS
    if options.post_types and entry.kinds and not entry.kinds & {plain(kind) for kind in options.post_types}:
        return OTHER_KIND
    pages = {name for page in options.company_pages for name in (plain(page), name_in_address(page))}
    return OTHER_PAGE if pages and entry.page_names and not entry.page_names & pages else ""


def is_linkedin(path: Path) -> bool:
    """Whether a file is LinkedIn's beyond doubt: by the columns of its exports, or because its posts are at
    LinkedIn and it is nothing that the plain formats read.
    """
    first = next((record for _line, record in _records(path)), None)
    if not isinstance(first, dict):
        return False
    record = spelled(first)
    if record.keys() >= SHARES or record.keys() >= PAGE_EXPORT:
        return True
    if "id" in first and ("text" in first or "title" in first):
        return False
    return any("linkedin.com/" in value or value.startswith("urn:li:") for value in identities(record))


def _records(path: Path) -> Iterator[Numbered]:
    """The records of a file, by what it begins with rather than by its name."""
    with path.open("rb") as file:
        beginning = file.read(64).removeprefix(BYTE_ORDER_MARK).lstrip()
    if beginning.startswith(WORKBOOK):
        yield 1, BadRecord(1, "is a workbook: save its sheet of posts as CSV (UTF-8), and import that")
    elif beginning.startswith(b"["):
        yield from json_records(path)
    elif beginning.startswith(b"{"):
        yield from jsonl_records(path)
    else:
        yield from csv_records(path, is_header=_is_header)


def _is_header(cells: Sequence[str]) -> bool:
    """It names words and a post. The row above it may be a note about the file."""
    names = {spelling_of(cell) for cell in cells}
    return not names.isdisjoint(TEXTS) and not names.isdisjoint((*IDS, *ADDRESSES))
