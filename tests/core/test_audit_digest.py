"""The forms of digests as they were released. A digest that differs here breaks every chain that is out there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from pytest_django import Settings as SettingsWrapper

from signalops_site.core.audit_digest import Content, expected_digest, new_digest, scope_of

ENTRY = Content(
    scope="7",
    sequence=3,
    actor_id=11,
    actor_name="Zo\u00eb",
    action="draft.edit",
    target_type="leads.draft",
    target_id="42",
    fields={"b": [1, 2.5], "a": "\u00e9"},
    request_id="r-1",
    created_at=datetime(2026, 3, 2, 10, 30, 0, 5, tzinfo=timezone(timedelta(hours=1))),
    previous_digest="before",
)
FIRST_FORM = "44379608c93e135795f6d49e409aea51ecdb5f55a73293060baeb5259dd72a44"
PRESENT_FORM = "v2:3f233d3d:t_A7bImZlABwjYtBDITtxQTlAkyU_xSyN76u282nzN4"


def test_the_first_form_stays_as_it_was_released() -> None:
    assert expected_digest(ENTRY, stored=FIRST_FORM) == FIRST_FORM


def test_the_keyed_form_stays_as_it_was_released(settings: SettingsWrapper) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a key for tests", []
    assert new_digest(ENTRY) == PRESENT_FORM
    assert expected_digest(ENTRY, stored=PRESENT_FORM) == PRESENT_FORM


def test_what_belongs_to_no_project_has_a_scope_of_its_own() -> None:
    assert (scope_of(None), scope_of(7)) == ("all", "7")


def test_a_moment_is_the_same_in_any_zone() -> None:
    moved = replace(ENTRY, created_at=ENTRY.created_at.astimezone(UTC))
    assert expected_digest(moved, stored="") == FIRST_FORM
