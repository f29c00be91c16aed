"""The audit log: what an entry says, and that a chain that was tampered with is found out, with how."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone
from pytest_django import Settings as SettingsWrapper

from signalops_site.core import audit
from signalops_site.core.audit_chains import check_chains
from signalops_site.core.audit_verification import ChainReport, Kind
from signalops_site.core.errors import NotAllowed
from signalops_site.core.models import AuditEntry, AuditHead, Project

pytestmark = pytest.mark.django_db
BY = "command:test"


@pytest.fixture
def chain(project: Project) -> Project:
    """A project with entries 1 to 6."""
    for number in range(1, 7):
        audit.record("thing.change", by=BY, project=project, on=project, fields={"number": number})
    return project


def entries(project: Project) -> Any:
    return AuditEntry.objects.filter(project=project)


def report(project: Project) -> ChainReport:
    return next(check_chains(only=project)).report


def found(project: Project) -> list[tuple[int, str]]:
    return [(finding.sequence, finding.kind.value) for finding in report(project).findings]


def renumber(project: Project, *, above: int, by: int) -> None:
    """Shift the numbers of later entries, in an order that never breaks the unique constraint."""
    order = "-sequence" if by > 0 else "sequence"
    for pk in entries(project).filter(sequence__gt=above).order_by(order).values_list("pk", flat=True):
        AuditEntry.objects.filter(pk=pk).update(sequence=F("sequence") + by)


def first_form(content: list[Any]) -> str:
    """The digest as the first release made it."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_as_the_first_release(project: Project, count: int) -> None:
    """Append entries in the first form, and move the head."""
    head, _ = AuditHead.objects.get_or_create(scope=str(project.pk))
    for _number in range(count):
        at = timezone.now()
        sequence, before = head.sequence + 1, head.digest
        content = [before, sequence, BY, "old", "", "", {"n": 1}, "", at.isoformat()]
        digest = first_form(content)
        AuditEntry.objects.create(
            project=project, sequence=sequence, actor_name=BY, action="old", fields={"n": 1}, created_at=at,
            previous_digest=before, digest=digest,
        )  # fmt: skip
        head.sequence, head.digest = sequence, digest
    head.save()


def test_a_chain_that_nobody_touched_is_intact(chain: Project) -> None:
    last = entries(chain).get(sequence=6)
    told = report(chain)
    assert told.is_intact
    assert (told.entries, told.digest, told.keyed_from) == (6, last.digest, 1)


def test_an_entry_cannot_be_saved_again_or_deleted(chain: Project) -> None:
    entry = entries(chain).first()
    with pytest.raises(NotAllowed):
        entry.save()
    with pytest.raises(NotAllowed):
        entry.delete()


@pytest.mark.parametrize(
    "change",
    [
        {"action": "thing.other"},
        {"actor_name": "somebody"},
        {"actor_id": 4711},
        {"target_type": "leads.draft"},
        {"target_id": "99"},
        {"fields": {"number": 99}},
        {"request_id": "abcdef123456"},
        {"created_at": timezone.now() - timedelta(days=1)},
        {"digest": "v2:00000000:" + "A" * 43},
        {"digest": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_changed_in_an_entry_is_found(chain: Project, change: dict[str, Any]) -> None:
    entries(chain).filter(sequence=3).update(**change)
    assert 3 in {sequence for sequence, _kind in found(chain)}


def test_a_changed_entry_is_named_and_nothing_else(chain: Project) -> None:
    entries(chain).filter(sequence=3).update(action="thing.other")
    (finding,) = report(chain).findings
    assert (finding.kind, finding.sequence) == (Kind.CHANGED, 3)
    assert finding.entry == entries(chain).get(sequence=3).pk


def test_a_removed_entry_leaves_a_hole(chain: Project) -> None:
    entries(chain).filter(sequence__in=[3, 4])._raw_delete(connection.alias)
    assert [finding.message for finding in report(chain).findings] == ["Entries 3 to 4 were removed."]


def test_a_removed_entry_is_found_when_the_later_ones_close_up(chain: Project) -> None:
    entries(chain).filter(sequence=3)._raw_delete(connection.alias)
    renumber(chain, above=3, by=-1)
    AuditHead.objects.filter(scope=str(chain.pk)).update(sequence=5)
    assert found(chain) == [(3, "removed")]


def test_entries_removed_from_the_end_are_missed(chain: Project) -> None:
    entries(chain).filter(sequence__gt=4)._raw_delete(connection.alias)
    assert found(chain) == [(5, "removed")]


def test_a_whole_chain_that_was_removed_is_missed(chain: Project) -> None:
    entries(chain)._raw_delete(connection.alias)
    assert found(chain) == [(1, "removed")]


def test_a_chain_put_back_with_its_head_is_found_with_a_digest_from_before(chain: Project) -> None:
    kept = report(chain).digest
    entries(chain).filter(sequence__gt=4)._raw_delete(connection.alias)
    AuditHead.objects.filter(scope=str(chain.pk)).update(sequence=4, digest=entries(chain).get(sequence=4).digest)
    assert report(chain).is_intact, "nothing in the database tells of it"
    with pytest.raises(CommandError, match="digest that was expected is missing"):
        call_command("verifyaudit", "--expect", kept)


def test_an_inserted_entry_is_found_where_the_later_ones_made_room(chain: Project) -> None:
    renumber(chain, above=2, by=1)
    forged = entries(chain).get(sequence=2)
    AuditEntry.objects.create(
        project=chain, sequence=3, actor_name=BY, action="forged", created_at=timezone.now(),
        previous_digest=forged.digest, digest=forged.digest,
    )  # fmt: skip
    AuditHead.objects.filter(scope=str(chain.pk)).update(sequence=7)
    assert found(chain) == [(3, "inserted")]


def test_an_entry_inserted_after_the_end_is_found(chain: Project) -> None:
    last = entries(chain).get(sequence=6)
    AuditEntry.objects.create(
        project=chain, sequence=7, actor_name=BY, action="forged", created_at=timezone.now(),
        previous_digest=last.digest, digest=last.digest,
    )  # fmt: skip
    assert {sequence for sequence, _kind in found(chain)} == {6, 7}


def test_entries_that_changed_places_are_found(chain: Project) -> None:
    third, fourth = (entries(chain).get(sequence=number) for number in (3, 4))
    for pk, number in ((third.pk, 1000), (fourth.pk, 3), (third.pk, 4)):
        AuditEntry.objects.filter(pk=pk).update(sequence=number)
    assert found(chain) == [(3, "reordered"), (4, "reordered")]


def test_an_entry_moved_to_another_project_is_found_in_both(chain: Project, other_project: Project) -> None:
    audit.record("thing.change", by=BY, project=other_project)
    entries(chain).filter(sequence=3).update(project=other_project)
    assert found(chain) == [(3, "removed")]
    assert (3, "moved") in found(other_project)


def test_an_entry_moved_to_no_project_is_found(chain: Project) -> None:
    entries(chain).filter(sequence=1).update(project=None)
    named = {check.name: check.report for check in check_chains()}
    assert named["entries of no project"].findings[0].kind == Kind.MOVED


@pytest.mark.parametrize("change", [{"sequence": 5}, {"sequence": 9}, {"digest": "v2:0:x"}, {"digest": ""}])
def test_a_changed_head_is_found(chain: Project, change: dict[str, Any]) -> None:
    AuditHead.objects.filter(scope=str(chain.pk)).update(**change)
    assert not report(chain).is_intact


def test_a_removed_head_is_found(chain: Project) -> None:
    AuditHead.objects.all().delete()
    assert found(chain) == [(6, "head")]


def test_a_forger_without_the_key_cannot_write_a_chain_anew(chain: Project, settings: SettingsWrapper) -> None:
    """Whoever can write to the database, but does not know SECRET_KEY, changes an entry and all that follow."""
    known = settings.SECRET_KEY
    settings.SECRET_KEY = "the forger's own"
    entries(chain)._raw_delete(connection.alias)
    AuditHead.objects.all().delete()
    for number in range(1, 7):
        audit.record("forged", by=BY, project=chain, fields={"number": number})
    settings.SECRET_KEY = known
    assert found(chain)[0] == (1, "unknown_key")


def test_entries_of_the_first_release_hold_and_are_sealed_by_the_next(project: Project) -> None:
    write_as_the_first_release(project, 3)
    audit.record("thing.change", by=BY, project=project)
    told = report(project)
    assert told.is_intact
    assert (told.entries, told.keyed_from) == (4, 4)
    entries(project).filter(sequence=2).update(action="forged")
    assert found(project) == [(2, "changed")]


def test_a_chain_cannot_be_written_anew_in_the_form_of_the_first_release(chain: Project) -> None:
    entries(chain)._raw_delete(connection.alias)
    AuditHead.objects.all().delete()
    write_as_the_first_release(chain, 6)
    assert found(chain) == [(6, "downgraded")]


def test_an_entry_of_the_first_form_after_a_keyed_one_is_found(chain: Project) -> None:
    write_as_the_first_release(chain, 1)
    assert found(chain) == [(7, "downgraded")]
    audit.record("thing.change", by=BY, project=chain)
    assert found(chain) == [(7, "downgraded")], "a later entry does not hide it"


def test_the_upgrade_keys_each_chain(project: Project, other_project: Project) -> None:
    from importlib import import_module

    from django.apps import apps

    write_as_the_first_release(project, 2)
    audit.record("thing.change", by=BY, project=other_project)
    migration: Any = import_module("signalops_site.core.migrations.0003_key_audit_chains")
    migration.key_chains(apps, None)
    assert [check.report.is_intact for check in check_chains()] == [True, True]
    assert (report(project).entries, report(project).keyed_from) == (3, 3)
    assert report(other_project).entries == 1


def test_after_a_change_of_the_key_older_entries_hold_with_the_fallback(
    chain: Project, settings: SettingsWrapper
) -> None:
    earlier = settings.SECRET_KEY
    settings.SECRET_KEY = "a new one"
    audit.record("thing.change", by=BY, project=chain)
    assert (1, "unknown_key") in found(chain)
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert report(chain).is_intact


def test_fields_hold_in_whatever_shape_the_database_gives_them_back(project: Project) -> None:
    fields: dict[Any, Any] = {
        "whole": 3.0,
        "large": 1e16,
        "small": 1e-7,
        "pair": (1, 2),
        5: "number as a name",
        "é": "ü",
        "no": None,
    }
    audit.record("thing.change", by=BY, project=project, fields=fields)
    assert report(project).is_intact


def test_an_account_that_is_deleted_leaves_its_entries_as_they_were(project: Project) -> None:
    user = User.objects.create_user("gone")
    audit.record("thing.change", by=user, project=project)
    pk = user.pk
    user.delete()
    assert report(project).is_intact
    assert entries(project).values_list("actor_id", "actor_name").get() == (pk, "gone")


def test_a_project_with_entries_cannot_be_deleted(chain: Project) -> None:
    with pytest.raises(ProtectedError):
        chain.delete()


def test_entries_written_while_a_chain_is_read_are_no_tampering(
    chain: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signalops_site.core import audit_chains

    head = audit_chains._head
    asked: list[str] = []

    def head_then_write(scope: str) -> Any:
        seen = head(scope)
        asked.append(scope)
        if len(asked) == 1:
            audit.record("late", by=BY, project=chain)
        return seen

    monkeypatch.setattr(audit_chains, "_head", head_then_write)
    told = report(chain)
    assert told.is_intact
    assert told.entries == 7


def test_the_command_checks_every_chain(chain: Project, capsys: pytest.CaptureFixture[str]) -> None:
    audit.record("thing.change", by=BY)
    call_command("verifyaudit")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(", ends")[0] for line in lines] == [
        "entries of no project: 1 entries, intact",
        "tidewater: 6 entries, intact",
    ]


def test_the_command_fails_and_says_which_entry_is_wrong_and_how(
    chain: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    entries(chain).filter(sequence=3).update(action="thing.other")
    with pytest.raises(CommandError, match="not intact: tidewater"):
        call_command("verifyaudit", project="tidewater")
    assert "changed: Entry 3 was changed" in capsys.readouterr().out


def test_the_command_tells_programs_the_same(chain: Project, capsys: pytest.CaptureFixture[str]) -> None:
    kept = report(chain).digest
    call_command("verifyaudit", "--json", "--expect", kept)
    told = json.loads(capsys.readouterr().out)
    assert told["intact"] is True
    assert told["chains"][0] | {"digest": ""} == {
        "chain": "tidewater", "project": "tidewater", "intact": True, "entries": 6, "digest": "", "keyed_from": 1,
        "findings": [], "more_findings": False,
    }  # fmt: skip
    entries(chain).filter(sequence=6)._raw_delete(connection.alias)
    with pytest.raises(CommandError):
        call_command("verifyaudit", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["chains"][0]["findings"] == [
        {"sequence": 6, "entry": None, "kind": "removed", "message": "Entry 6 was removed from the end."}
    ]


def test_what_is_rolled_back_leaves_no_entry_and_no_hole(chain: Project) -> None:
    @transaction.atomic
    def write_and_fail() -> None:
        audit.record("undone", by=BY, project=chain)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    audit.record("thing.change", by=BY, project=chain)
    assert report(chain).is_intact
    assert not entries(chain).filter(action="undone").exists()


def test_an_entry_says_who_did_what_to_what_and_when(project: Project, operator: User) -> None:
    entry = audit.record("thing.change", by=operator, project=project, on=project, fields={"changed": ["name"]})
    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor_name) == (operator.pk, "otto")
    assert (entry.target_type, entry.target_id) == ("core.project", str(project.pk))
    assert entry.fields == {"changed": ["name"]}
    assert isinstance(entry.created_at, datetime)
