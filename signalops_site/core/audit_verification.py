"""Whether a chain of audit entries is as it was written. Pure: entries come in, what is wrong comes out.

What this finds: an entry that was changed, removed, inserted, reordered or moved to another project, a head that
was changed, and entries removed from the end. What it cannot find by itself is a database that was put back as
a whole (entries and head) to an earlier state: keep a digest that an earlier check printed, and ask for it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from .audit_digest import Content, UnknownKey, expected_digest, is_keyed

MAX_FINDINGS = 100
"""Per chain: one act of tampering is told in a few, and no more are looked into."""
REACH = 50
"""How far from its place an entry is looked for that does not fit where it is."""
UNREADABLE = "was changed: it holds a value that nothing here can have written"


class Kind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    MOVED = "moved"
    HEAD = "head"
    DOWNGRADED = "downgraded"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row. One that is not readable holds what no release writes; then only its place is known."""

    id: int
    content: Content
    digest: str
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain as the database keeps it, apart from the entries."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`sequence` is the place in the chain, `entry` the row's id; None where there is no such row."""

    sequence: int
    entry: int | None
    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`entries` were read, the last with `digest`. `keyed_from` is the first entry that takes the key to forge."""

    scope: str
    entries: int
    digest: str
    keyed_from: int | None
    findings: tuple[Finding, ...]
    more_findings: bool
    expected_found: frozenset[str]

    @property
    def is_intact(self) -> bool:
        return not self.findings


def verify_chain(
    entries: Iterable[StoredEntry],
    *,
    scope: str,
    read_head: Callable[[], Head | None],
    other_scopes: Collection[str] = (),
    expected: Collection[str] = (),
    was_begun: bool = False,
) -> ChainReport:
    """Check one chain. `entries` come by rising sequence and are held one at a time.

    `read_head` is called before the first entry and again when writers have gone on since; `other_scopes` are
    the chains that a misplaced entry may have come from; `expected` are digests that earlier checks printed;
    `was_begun` when something else tells that the chain has entries: that there is such a project, say.
    """
    walk = _Walk(scope, read_head(), other_scopes, frozenset(expected), was_begun=was_begun)
    for entry, following in _with_following(entries):
        walk.take(entry, following)
    walk.close(read_head)
    return walk.report()


def _with_following(entries: Iterable[StoredEntry]) -> Iterator[tuple[StoredEntry, StoredEntry | None]]:
    before: StoredEntry | None = None
    for entry in entries:
        if before is not None:
            yield before, entry
        before = entry
    if before is not None:
        yield before, None


class _Walk:
    """The state between two entries."""

    def __init__(
        self, scope: str, head: Head | None, others: Collection[str], expected: frozenset[str], *, was_begun: bool
    ) -> None:
        self.scope, self.head, self.others, self.expected = scope, head, others, expected
        self.was_begun = was_begun
        self.sequence, self.digest, self.entries = 0, "", 0
        self.row, self.all_readable = 0, True
        self.shift = 0
        self.link_is_known = True
        self.keyed_from: int | None = None
        self.digest_at_head = ""
        self.found: set[str] = set()
        self.findings: list[Finding] = []
        self.more = False

    def take(self, entry: StoredEntry, following: StoredEntry | None) -> None:
        place = entry.content.sequence
        if place <= self.sequence:
            self._find_extra(entry)
            return
        if place > self.sequence + 1:
            self._miss(self.sequence + 1, place - 1)
        if entry.is_readable:
            self._check_form(entry)
            self._check_content(entry, following)
        else:
            self.all_readable = False
            self._find(entry, Kind.CHANGED, UNREADABLE)
        self._check_row(entry)
        self.entries, self.sequence, self.digest = self.entries + 1, place, entry.digest
        self.link_is_known = True
        if entry.digest in self.expected:
            self.found.add(entry.digest)
        if self.head is not None and place == self.head.sequence:
            self.digest_at_head = entry.digest

    def close(self, read_head: Callable[[], Head | None]) -> None:
        head = self.head
        if head is not None and self.sequence > head.sequence and self.digest_at_head == head.digest:
            head = read_head()  # entries were added while we read
        if not self.entries and (head is None or head.sequence < 1):
            if self.was_begun or head is not None:  # a head is written together with the first entry
                self._add(Finding(1, None, Kind.REMOVED, "The whole chain was removed, from entry 1 on."))
        elif head is None:
            self._add(Finding(self.sequence, None, Kind.HEAD, "The head of the chain was removed."))
        elif head.sequence > self.sequence and head == self.head:
            self._miss(self.sequence + 1, head.sequence, where="from the end")
        elif head.sequence < self.sequence or (head.sequence == self.sequence and head.digest != self.digest):
            self._add(Finding(head.sequence, None, Kind.HEAD, self._head_says(head)))
        if self.entries and self.keyed_from is None and self.all_readable:
            message = "No entry is keyed, though the upgrade keyed each chain: it may have been written anew."
            self._add(Finding(self.sequence, None, Kind.DOWNGRADED, message))

    def report(self) -> ChainReport:
        return ChainReport(
            scope=self.scope,
            entries=self.entries,
            digest=self.digest,
            keyed_from=self.keyed_from,
            findings=tuple(self.findings),
            more_findings=self.more,
            expected_found=frozenset(self.found),
        )

    def _head_says(self, head: Head) -> str:
        if head.sequence < self.sequence:
            return (
                f"The head says that entry {head.sequence} is the last, and there are entries up to "
                f"{self.sequence}: it was put back, or they were inserted."
            )
        return f"The head does not have the digest of entry {self.sequence}: one of the two was changed."

    def _find_extra(self, entry: StoredEntry) -> None:
        if entry.is_readable:
            self._find(entry, Kind.INSERTED, f"is a second entry {entry.content.sequence}")
        else:  # a number that is none comes after all others
            self.entries += 1
            self._find(entry, Kind.CHANGED, UNREADABLE)

    def _check_row(self, entry: StoredEntry) -> None:
        """Ids rise along a chain, as entries are added under a lock. Of an entry that was found out, nothing more
        is told, and nothing is measured by it.
        """
        place, before = entry.content.sequence, self.row
        if self._was_found_out(place):
            return
        self.row = entry.id
        if entry.id < before:
            self._find(entry, Kind.REORDERED, f"has a lower id than the row before it, {before}: ids were changed")

    def _check_form(self, entry: StoredEntry) -> None:
        if is_keyed(entry.digest):
            self.keyed_from = self.keyed_from or entry.content.sequence
        elif self.keyed_from is not None:
            self._find(entry, Kind.DOWNGRADED, f"is not keyed, though entries from {self.keyed_from} on are")

    def _check_content(self, entry: StoredEntry, following: StoredEntry | None) -> None:
        try:
            holds = _holds(entry)
        except UnknownKey as error:
            self._find(entry, Kind.UNKNOWN_KEY, _key_is_unknown(error))
            return
        if holds:
            self._check_link(entry)
        elif not self.more:
            self._explain(entry, following)

    def _check_link(self, entry: StoredEntry) -> None:
        """The entry is as it was written; was it written after the one before? A broken link that follows on an
        entry that was found out is a consequence, and not told again.
        """
        place, shift, self.shift = entry.content.sequence, self.shift, 0
        if not self.link_is_known or entry.content.previous_digest == self.digest:
            return
        if shift:
            self._find(entry, Kind.REMOVED, "holds, and the entries before it do not: one was removed between")
        elif place == 1:
            self._find(entry, Kind.INSERTED, "is the first, and says that another came before it")
        elif not self._was_found_out(place - 1):
            what = (
                f"was not written after entry {place - 1} as that is now: one of the two was inserted or changed"
            )
            self._find(entry, Kind.INSERTED, what)

    def _explain(self, entry: StoredEntry, following: StoredEntry | None) -> None:
        """An entry that does not hold where it stands: does it hold elsewhere?"""
        place = entry.content.sequence
        origin = self._origin_of(entry)
        if origin is not None:
            self._displaced(entry, origin, following)
            return
        for scope in self.others:
            if _holds(_placed(entry, scope=scope)):
                self._find(entry, Kind.MOVED, f"was written in another chain, {_chain(scope)}")
                return
        if following is not None and self._origin_of(following) == place - self.shift:
            self._find(entry, Kind.INSERTED, "was inserted: the one that was written here comes after it")
            self.shift += 1
        else:
            self._find(entry, Kind.CHANGED, "was changed: it is not what its digest was made of")

    def _displaced(self, entry: StoredEntry, origin: int, following: StoredEntry | None) -> None:
        """Entries that are all shifted by the same number tell of one act, at their beginning."""
        place, shift = entry.content.sequence, entry.content.sequence - origin
        if shift == self.shift:
            return
        goes_on = following is None or self._origin_of(following) == place + 1 - shift
        if goes_on and shift < self.shift:
            self._find(entry, Kind.REMOVED, f"was written as entry {origin}: one was removed before it")
            self.shift = shift
        elif goes_on and following is not None:
            self._find(entry, Kind.INSERTED, f"was written as entry {origin}: one was inserted before it")
            self.shift = shift
        else:
            self._find(entry, Kind.REORDERED, f"was written as entry {origin}: they were reordered")

    def _origin_of(self, entry: StoredEntry) -> int | None:
        """Another place where an entry holds: the shifted one first, then those around it."""
        place = entry.content.sequence
        tried = (place + step for distance in range(1, REACH + 1) for step in (-distance, distance))
        try:
            return next((at for at in (place - self.shift, *tried) if _holds(_placed(entry, sequence=at))), None)
        except UnknownKey:
            return None

    def _was_found_out(self, place: int) -> bool:
        return bool(self.findings) and self.findings[-1].sequence == place

    def _miss(self, first: int, last: int, *, where: str = "") -> None:
        what = f"Entry {first} was" if first == last else f"Entries {first} to {last} were"
        self._add(Finding(first, None, Kind.REMOVED, " ".join(filter(None, (what, "removed", where))) + "."))
        self.link_is_known = False

    def _find(self, entry: StoredEntry, kind: Kind, what: str) -> None:
        message = f"Entry {entry.content.sequence} {what}."
        self._add(Finding(entry.content.sequence, entry.id, kind, message))

    def _add(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.more = True


def _holds(entry: StoredEntry) -> bool:
    return entry.is_readable and expected_digest(entry.content, stored=entry.digest) == entry.digest


def _placed(entry: StoredEntry, **changes: object) -> StoredEntry:
    return replace(entry, content=replace(entry.content, **changes))  # type: ignore[arg-type]


def _chain(scope: str) -> str:
    return "that of no project" if scope == "all" else f"that of project number {scope}"


def _key_is_unknown(error: UnknownKey) -> str:
    return f"is keyed with a SECRET_KEY that is not known here ({error}): add it to SECRET_KEY_FALLBACKS"
