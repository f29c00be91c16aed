"""What the walk along a chain says of each kind of tampering, word by word. No database: entries are made here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signalops_site.core import audit_digest
from signalops_site.core.audit_digest import Content, new_digest
from signalops_site.core.audit_verification import (
    MAX_FINDINGS,
    REACH,
    ChainReport,
    Finding,
    Head,
    Kind,
    StoredEntry,
    verify_chain,
)

SCOPE = "7"
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Chain = list[StoredEntry]


def entry(sequence: int, previous: str, *, action: str = "thing.change", scope: str = SCOPE) -> StoredEntry:
    content = Content(
        scope=scope,
        sequence=sequence,
        actor_id=3,
        actor_name="mira",
        action=action,
        target_type="lead",
        target_id=str(sequence),
        fields={"number": sequence},
        request_id="r1",
        created_at=AT,
        previous_digest=previous,
    )
    return StoredEntry(id=100 + sequence, content=content, digest=new_digest(content))


def bare(stored: StoredEntry) -> StoredEntry:
    """The same in the form of the first release."""
    return replace(stored, digest=audit_digest._bare(stored.content))


def chain_of(
    length: int, *, scope: str = SCOPE, form: Callable[[StoredEntry], StoredEntry] = lambda e: e
) -> Chain:
    made: Chain = []
    for sequence in range(1, length + 1):
        made.append(form(entry(sequence, made[-1].digest if made else "", scope=scope)))
    return made


def renumbered(entries: Sequence[StoredEntry]) -> Chain:
    """As they stand in a table whose numbers somebody has written anew; their ids rise."""
    return [
        replace(each, id=100 + place, content=replace(each.content, sequence=place))
        for place, each in enumerate(entries, start=1)
    ]


def changed(stored: StoredEntry) -> StoredEntry:
    return replace(stored, content=replace(stored.content, actor_name="noah"))


def report(entries: Sequence[StoredEntry], *, head: Head | None = None, **known: object) -> ChainReport:
    end = head or (Head(entries[-1].content.sequence, entries[-1].digest) if entries else None)
    return verify_chain(entries, scope=SCOPE, read_head=lambda: end, **known)  # type: ignore[arg-type]


def told(entries: Sequence[StoredEntry], *, head: Head | None = None, **known: object) -> list[tuple[str, str]]:
    return [(each.kind.value, each.message) for each in report(entries, head=head, **known).findings]


def test_a_chain_that_is_as_it_was_written_is_intact() -> None:
    whole = chain_of(4)
    assert report(whole, expected=[whole[1].digest, "other"]) == ChainReport(
        scope=SCOPE,
        entries=4,
        digest=whole[3].digest,
        keyed_from=1,
        findings=(),
        more_findings=False,
        expected_found=frozenset({whole[1].digest}),
    )


def test_entries_of_the_first_release_may_come_before_keyed_ones_and_not_after() -> None:
    old = chain_of(2, form=bare)
    mixed = [*old, entry(3, old[-1].digest)]
    assert report(mixed).keyed_from == 3
    assert report(mixed).is_intact
    back = [*mixed, bare(entry(4, mixed[-1].digest))]
    assert told(back) == [("downgraded", "Entry 4 is not keyed, though entries from 3 on are.")]


def test_a_chain_without_any_key_was_written_anew() -> None:
    words = "No entry is keyed, though the upgrade keyed each chain: it may have been written anew."
    assert report(chain_of(2, form=bare)).findings == (Finding(2, None, Kind.DOWNGRADED, words),)


def test_a_change_is_told_once_and_what_follows_holds() -> None:
    whole = chain_of(5)
    whole[2] = changed(whole[2])
    assert told(whole) == [("changed", "Entry 3 was changed: it is not what its digest was made of.")]


def test_one_that_was_changed_and_given_a_digest_anew_breaks_the_next_one_s_link() -> None:
    whole = chain_of(5)
    whole[2] = entry(3, whole[1].digest, action="thing.undo")
    words = "Entry 4 was not written after entry 3 as that is now: one of the two was inserted or changed."
    assert told(whole) == [("inserted", words)]


def test_a_first_entry_that_names_another_before_it() -> None:
    first = entry(1, "v2:aaaa:bbbb")
    assert told([first, entry(2, first.digest)]) == [
        ("inserted", "Entry 1 is the first, and says that another came before it.")
    ]


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ((1, 2, 4, 5), "Entry 3 was removed."),
        ((1, 5), "Entries 2 to 4 were removed."),
        ((2, 3, 4, 5), "Entry 1 was removed."),
        ((1, 2, 3, 4), "Entry 5 was removed from the end."),
        ((1, 2), "Entries 3 to 5 were removed from the end."),
    ],
)
def test_a_gap_is_a_removal(kept: tuple[int, ...], message: str) -> None:
    whole = chain_of(5)
    rest = [each for each in whole if each.content.sequence in kept]
    assert told(rest, head=Head(5, whole[-1].digest)) == [("removed", message)]


def test_one_removed_and_the_rest_renumbered() -> None:
    whole = chain_of(6)
    assert told(renumbered([*whole[:2], *whole[3:]])) == [
        ("removed", "Entry 3 was written as entry 4: one was removed before it.")
    ]


def test_one_inserted_and_the_rest_renumbered() -> None:
    whole = chain_of(5)
    foreign = changed(entry(3, "nothing"))
    words = "Entry 3 was inserted: the one that was written here comes after it."
    assert told(renumbered([*whole[:2], foreign, *whole[2:]])) == [("inserted", words)]


def test_one_inserted_with_a_digest_that_holds_and_the_rest_renumbered() -> None:
    whole = chain_of(5)
    forged = entry(3, whole[1].digest)
    assert told(renumbered([*whole[:2], forged, *whole[2:]])) == [
        ("inserted", "Entry 4 was written as entry 3: one was inserted before it.")
    ]


def test_one_inserted_and_later_one_removed_are_two_acts() -> None:
    whole = chain_of(8)
    forged = entry(3, whole[1].digest, action="thing.forge")
    assert told(renumbered([*whole[:2], forged, *whole[2:5], *whole[6:]])) == [
        ("inserted", "Entry 4 was written as entry 3: one was inserted before it."),
        ("removed", "Entry 7 holds, and the entries before it do not: one was removed between."),
    ]


def test_two_that_changed_places() -> None:
    whole = chain_of(5)
    assert told(renumbered([whole[0], whole[2], whole[1], *whole[3:]])) == [
        ("reordered", "Entry 2 was written as entry 3: they were reordered."),
        ("reordered", "Entry 3 was written as entry 2: they were reordered."),
    ]


@pytest.mark.parametrize(("distance", "is_found"), [(REACH, True), (REACH + 1, False)])
def test_how_far_one_is_looked_for(distance: int, is_found: bool) -> None:
    stray = replace(entry(1, ""), id=101, content=replace(entry(1, "").content, sequence=distance + 1))
    whole = chain_of(distance)
    ((kind, _message),) = told([*whole, stray])
    assert kind == ("reordered" if is_found else "changed")


@pytest.mark.parametrize(("scope", "name"), [("9", "that of project number 9"), ("all", "that of no project")])
def test_one_of_another_chain(scope: str, name: str) -> None:
    whole = chain_of(3)
    stray = entry(2, "", scope=scope)
    whole[1] = replace(stray, content=replace(stray.content, scope=SCOPE))
    assert told(whole, other_scopes=["8", scope]) == [("moved", f"Entry 2 was written in another chain, {name}.")]


def test_a_second_entry_of_a_number() -> None:
    whole = chain_of(3)
    assert told([*whole[:2], replace(whole[1], id=500), whole[2]]) == [
        ("inserted", "Entry 2 is a second entry 2.")
    ]
    assert report([*whole[:2], replace(whole[1], id=500), whole[2]]).entries == 3


def test_ids_that_do_not_rise() -> None:
    whole = chain_of(3)
    whole[1] = replace(whole[1], id=900)
    words = "Entry 3 has a lower id than the row before it, 900: ids were changed."
    assert told(whole) == [("reordered", words)]


def test_a_row_that_cannot_be_read() -> None:
    whole = chain_of(3)
    whole[1] = replace(whole[1], is_readable=False)
    words = "Entry 2 was changed: it holds a value that nothing here can have written."
    assert told(whole) == [("changed", words)]
    unnumbered = replace(whole[1], content=replace(whole[1].content, sequence=-1))
    answer = report([*chain_of(2), unnumbered], head=Head(2, whole[1].digest))
    words = "Entry -1 was changed: it holds a value that nothing here can have written."
    assert (answer.entries, answer.findings) == (3, (Finding(-1, 102, Kind.CHANGED, words),))


def test_where_a_row_cannot_be_read_nobody_knows_whether_any_was_keyed() -> None:
    old = chain_of(3, form=bare)
    old[1] = replace(old[1], is_readable=False)
    assert [kind for kind, _ in told(old)] == ["changed"]


def test_two_inserted_and_the_rest_renumbered() -> None:
    whole = chain_of(6)
    foreign = [changed(entry(3, "nothing")), changed(entry(4, "nothing"))]
    findings = report(renumbered([*whole[:2], *foreign, *whole[2:]])).findings
    assert [(each.kind, each.sequence) for each in findings] == [
        (Kind.CHANGED, 3),
        (Kind.CHANGED, 4),
        (Kind.INSERTED, 5),
    ]


def test_a_key_that_is_not_known_here() -> None:
    whole = chain_of(2)
    whole[1] = replace(whole[1], digest="v2:deadbeef:abc")
    words = "Entry 2 is keyed with a SECRET_KEY that is not known here (deadbeef): add it to SECRET_KEY_FALLBACKS."
    assert told(whole) == [("unknown_key", words)]


TOO_FAR = "The head says that entry 2 is the last, and there are entries up to 3:"
PUT_BACK = f"{TOO_FAR} it was put back, or they were inserted."


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (Head(2, "x"), PUT_BACK),
        (Head(3, "x"), "The head does not have the digest of entry 3: one of the two was changed."),
    ],
)
def test_a_head_that_does_not_fit(head: Head, message: str) -> None:
    (finding,) = report(chain_of(3), head=head).findings
    assert (finding.kind, finding.sequence, finding.entry, finding.message) == (
        Kind.HEAD,
        head.sequence,
        None,
        message,
    )


def test_a_head_that_is_not_there() -> None:
    answer = verify_chain(chain_of(3), scope=SCOPE, read_head=lambda: None)
    assert answer.findings == (Finding(3, None, Kind.HEAD, "The head of the chain was removed."),)


def test_entries_that_are_added_while_it_is_read_are_no_finding() -> None:
    whole = chain_of(4)
    heads: Iterator[Head] = iter([Head(2, whole[1].digest), Head(4, whole[3].digest)])
    assert verify_chain(whole, scope=SCOPE, read_head=lambda: next(heads)).is_intact


def test_an_old_head_that_never_fitted_is_a_finding_though_entries_go_on() -> None:
    whole = chain_of(4)
    heads: Iterator[Head] = iter([Head(2, "x"), Head(4, whole[3].digest)])
    assert not verify_chain(whole, scope=SCOPE, read_head=lambda: next(heads)).is_intact


@pytest.mark.parametrize(
    ("head", "was_begun", "is_intact"),
    [(None, False, True), (None, True, False), (Head(0, ""), False, False), (Head(0, ""), True, False)],
)
def test_an_empty_chain(head: Head | None, was_begun: bool, is_intact: bool) -> None:
    answer = verify_chain([], scope=SCOPE, read_head=lambda: head, was_begun=was_begun)
    assert answer.is_intact == is_intact
    whole = Finding(1, None, Kind.REMOVED, "The whole chain was removed, from entry 1 on.")
    assert answer.findings == (() if is_intact else (whole,))


def test_nothing_is_missed_where_nothing_tells_that_a_chain_was_begun() -> None:
    assert verify_chain([], scope=SCOPE, read_head=lambda: None).is_intact


@pytest.mark.parametrize(("last", "what"), [(1, "Entry 1 was"), (3, "Entries 1 to 3 were")])
def test_an_empty_chain_with_a_head_lost_what_the_head_counts(last: int, what: str) -> None:
    answer = verify_chain([], scope=SCOPE, read_head=lambda: Head(last, "x"))
    assert answer.findings == (Finding(1, None, Kind.REMOVED, f"{what} removed from the end."),)


def test_a_finding_names_the_place_and_the_row() -> None:
    whole = chain_of(5)
    del whole[3]
    whole[1] = changed(whole[1])
    places = [(each.sequence, each.entry) for each in report(whole).findings]
    assert places == [(2, 102), (4, None)]


def test_findings_end_at_a_hundred_and_the_rest_is_said_to_be_there() -> None:
    whole = [changed(each) for each in chain_of(MAX_FINDINGS + 1)]
    answer = report(whole)
    assert (len(answer.findings), answer.more_findings, answer.entries) == (MAX_FINDINGS, True, MAX_FINDINGS + 1)
    assert not report(whole[:MAX_FINDINGS]).more_findings
