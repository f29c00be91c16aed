"""Rows that no release writes: a chain with damage in it is still read to its end, and a missing one is missed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from signalops_site.core import audit
from signalops_site.core.audit_chains import check_chains
from signalops_site.core.audit_verification import ChainReport
from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.versions import import_project
from signalops_site.core.models import AuditEntry, AuditHead, Project
from tests.factories import document

pytestmark = pytest.mark.django_db
BY = "command:test"
ON_SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL takes no garbage into a column")


def filled(project: Project) -> Project:
    for number in range(1, 7):
        audit.record("thing.change", by=BY, project=project, on=project, fields={"number": number})
    return project


@pytest.fixture
def chain(project: Project) -> Project:
    """A project with entries 1 to 6."""
    return filled(project)


@pytest.fixture
def other_chain(other_project: Project) -> Project:
    return filled(other_project)


def report(project: Project) -> ChainReport:
    return next(check_chains(only=project)).report


def found(project: Project) -> list[tuple[int, str]]:
    return [(finding.sequence, finding.kind.value) for finding in report(project).findings]


def row(project: Project, sequence: int) -> int:
    return AuditEntry.objects.values_list("pk", flat=True).get(project=project, sequence=sequence)


def write(statement: str, *values: int | str) -> None:
    """Past the models, as somebody with the database's own tools does."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def change_entry(pk: int, change: str) -> None:
    write(" ".join(("UPDATE core_auditentry SET", change, "WHERE id = %s")), pk)


@ON_SQLITE
@pytest.mark.parametrize(
    "change",
    [
        "created_at = 'garbage'",
        "created_at = '2026-13-45 00:00:00'",
        "created_at = '9999-12-31 23:59:59-10:00'",
        "created_at = 5",
        "digest = x'ff00'",
        "digest = ''",
        "digest = 'v2:'",
        "previous_digest = x'ff00'",
        "actor_id = 'abc'",
        "actor_name = cast(x'ff' as text)",
        "target_id = x'ff'",
        "fields = '[1]'",
        "fields = '1e400'",
    ],
)
def test_garbage_in_a_row_is_a_change_and_the_others_are_still_checked(
    chain: Project, other_chain: Project, change: str
) -> None:
    change_entry(row(chain, 3), change)
    reports = {check.slug: check.report for check in check_chains()}
    assert 3 in {finding.sequence for finding in reports["tidewater"].findings}
    assert {finding.entry for finding in reports["tidewater"].findings} <= {row(chain, 3), row(chain, 4)}
    assert reports["tidewater"].entries == 6
    assert reports["elsewhere"].is_intact


@ON_SQLITE
def test_garbage_is_told_as_a_change_of_that_entry_alone(chain: Project) -> None:
    pk = row(chain, 3)
    write("UPDATE core_auditentry SET created_at = 'garbage' WHERE id = %s", pk)
    (finding,) = report(chain).findings
    assert (finding.kind.value, finding.sequence, finding.entry) == ("changed", 3, pk)


@ON_SQLITE
@pytest.mark.parametrize("place", [1, 3, 6])
@pytest.mark.parametrize("number", ["'abc'", "x'ff00'", "cast(x'ff' as text)", "2.5"])
def test_a_number_that_is_none_is_a_change_of_the_entry_that_stood_there(
    chain: Project, other_chain: Project, place: int, number: str
) -> None:
    pk = row(chain, place)
    change_entry(pk, f"sequence = {number}")
    reports = {check.slug: check.report for check in check_chains()}
    told = {(finding.sequence, finding.kind.value, finding.entry) for finding in reports["tidewater"].findings}
    assert (place, "changed", pk) in told
    assert reports["elsewhere"].is_intact


@ON_SQLITE
def test_a_table_full_of_garbage_is_read_to_its_end(chain: Project, other_chain: Project) -> None:
    write("UPDATE core_auditentry SET created_at = 'garbage'")
    assert found(chain) == [(number, "changed") for number in range(1, 7)]
    with pytest.raises(CommandError, match="not intact: tidewater, elsewhere"):
        call_command("verifyaudit")


@ON_SQLITE
@pytest.mark.parametrize("change", ["sequence = 'abc'", "digest = x'ff00'", "scope = x'ff00'"])
def test_garbage_in_a_head_is_found(chain: Project, other_chain: Project, change: str) -> None:
    write(" ".join(("UPDATE core_audithead SET", change, "WHERE scope = %s")), str(chain.pk))
    with pytest.raises(CommandError, match=r"not intact: .*tidewater"):
        call_command("verifyaudit")


def test_a_chain_that_was_removed_with_its_head_is_missed(
    chain: Project, other_chain: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    AuditEntry.objects.filter(project=chain)._raw_delete(connection.alias)
    AuditHead.objects.filter(scope=str(chain.pk)).delete()
    with pytest.raises(CommandError, match="not intact: tidewater"):
        call_command("verifyaudit")
    out = capsys.readouterr().out
    assert "tidewater: 0 entries, NOT intact" in out
    assert "elsewhere: 6 entries, intact" in out


def test_a_chain_that_was_removed_and_its_head_set_to_the_beginning_is_missed(chain: Project) -> None:
    AuditEntry.objects.filter(project=chain)._raw_delete(connection.alias)
    AuditHead.objects.filter(scope=str(chain.pk)).update(sequence=0, digest="")
    assert found(chain) == [(1, "removed")]


def test_a_head_at_the_beginning_tells_of_entries_of_no_project_that_were_removed() -> None:
    audit.record("thing.change", by=BY)
    AuditEntry.objects.all()._raw_delete(connection.alias)
    AuditHead.objects.update(sequence=0, digest="")
    (check,) = check_chains()
    assert (check.name, check.report.is_intact) == ("entries of no project", False)


def test_an_imported_project_has_entries_from_its_beginning() -> None:
    reading = read_project(dump_yaml(document().model_dump(mode="json")))
    version, _is_new = import_project(reading, by=BY)
    told = report(version.project)
    assert told.is_intact
    assert told.entries > 0


def swapped(first: int, second: int) -> None:
    """The ids of two rows, each given to the other."""
    for pk, other in ((first, -1), (second, first), (-1, second)):
        write("UPDATE core_auditentry SET id = %s WHERE id = %s", other, pk)


@pytest.mark.parametrize("places", [(3, 4), (2, 5), (1, 6)])
def test_rows_whose_ids_were_swapped_are_found(chain: Project, places: tuple[int, int]) -> None:
    swapped(*(row(chain, place) for place in places))
    told = found(chain)
    assert {kind for _sequence, kind in told} == {"reordered"}
    assert places[1] in {sequence for sequence, _kind in told}


def test_a_row_with_a_far_id_is_told_once(chain: Project) -> None:
    write("UPDATE core_auditentry SET id = %s WHERE id = %s", 10**6, row(chain, 2))
    assert found(chain) == [(3, "reordered")]


def test_chains_that_were_written_by_turns_are_intact(chain: Project, other_project: Project) -> None:
    record: Callable[..., Any] = audit.record
    for project in (other_project, chain, None, other_project, chain, None):
        record("thing.change", by=BY, project=project)
    assert [check.report.is_intact for check in check_chains()] == [True, True, True]
