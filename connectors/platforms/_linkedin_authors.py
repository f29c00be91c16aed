"""Who wrote a LinkedIn post: a person or a page, from an `author` object, `author_*` columns, or a page's name."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ..base import FetchedAuthor
from ..records import Record
from ..written import written_truth
from ._linkedin_columns import (
    AUTHOR_ADDRESSES,
    AUTHOR_BIOS,
    AUTHOR_FOLLOWERS,
    AUTHOR_HANDLES,
    AUTHOR_IDS,
    AUTHOR_NAMES,
    AUTHOR_VERIFIED,
    EMPLOYER_OR_PAGE,
    FLAT_AUTHOR,
    PAGES,
    as_table,
    count_of,
    first_of,
    plain,
    spelled,
    text_of,
)

IN_ADDRESS = re.compile(r"/(in|pub|company|showcase|school)/([^/]+)")
PAGE_WORDS = frozenset({"company", "organization", "organisation", "page"})


@dataclass(frozen=True, slots=True)
class Poster:
    """`page_names`: what the post's page may be called; none for a person's post, or when it is not told."""

    author: FetchedAuthor | None
    page: str
    page_names: frozenset[str]


def read_poster(record: Record) -> Poster:
    facts = _author_facts(record)
    page = text_of(record, PAGES) or ("" if facts else text_of(record, EMPLOYER_OR_PAGE))
    address = text_of(facts, AUTHOR_ADDRESSES)
    slug = name_in_address(address)
    is_page = _is_page(facts, address) or bool(page and not facts)
    name = (_full_name(facts) or (page if is_page else ""))[:300]
    own = (name, slug) if is_page else ()
    names = frozenset(plain(each) for each in (page, name_in_address(page), *own) if each)
    return Poster(_author(facts, name=name, slug=slug, is_page=is_page), page or (name if is_page else ""), names)


def name_in_address(address: str) -> str:
    """`ada-harbour` of `https://www.linkedin.com/in/Ada-Harbour/`, and the like of a page; else empty."""
    found = IN_ADDRESS.search(_path(address))
    return unquote(found[2]).lower() if found else ""


def _author(facts: Record, *, name: str, slug: str, is_page: bool) -> FetchedAuthor | None:
    """A name stands for a handle that is not told; two people of one name are then one."""
    told = text_of(facts, AUTHOR_HANDLES).removeprefix("@")
    given = slug or told.lower() or text_of(facts, AUTHOR_IDS) or (f"name:{name}" if name else "")
    identity = "".join(filter(str.isprintable, given))  # as every database takes it
    if not identity:
        return None
    return FetchedAuthor(
        id=(f"company/{identity}" if is_page else identity)[:200],
        handle=(slug or told or name or identity)[:200],
        name=name,
        bio=text_of(facts, AUTHOR_BIOS),
        followers=count_of(facts, AUTHOR_FOLLOWERS, inside="author."),
        verified=_verified(facts),
    )


def _author_facts(record: Record) -> Record:
    """A text is a name, a handle or an address."""
    author = record.get("author")
    facts = as_table(author)
    if isinstance(author, str) and author.strip():
        key = "profile_url" if "linkedin.com/" in author else "name" if " " in author.strip() else "handle"
        facts = spelled({key: author})
    columns = {key.removeprefix("author_"): value for key, value in record.items() if key.startswith("author_")}
    flat = {key: record.get(key) for key in FLAT_AUTHOR}
    found = [(key, value) for told in (flat, columns, facts) for key, value in told.items()]
    return {key: value for key, value in found if value not in (None, "")}


def _full_name(facts: Record) -> str:
    parts = (text_of(facts, (name,)) for name in ("first_name", "last_name"))
    return text_of(facts, AUTHOR_NAMES) or " ".join(part for part in parts if part)


def _is_page(facts: Record, address: str) -> bool:
    found = IN_ADDRESS.search(_path(address))
    if found:
        return found[1] not in ("in", "pub")
    urn = text_of(facts, AUTHOR_IDS)
    return plain(text_of(facts, ("type",))) in PAGE_WORDS or ":organization:" in urn or ":company:" in urn


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _verified(facts: Record) -> bool | None:
    name, value = first_of(facts, AUTHOR_VERIFIED)
    if value is None:
        return None
    try:
        return written_truth(value)
    except ValueError:
        raise ValueError(f"`author.{name}` should be true or false, and is {value!r:.60}") from None
