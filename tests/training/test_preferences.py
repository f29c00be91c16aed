"""Decisions become preference pairs, and undone ones take them back."""

import pytest
from django.contrib.auth.models import User

from leads.models import Draft
from leads.services.review import approve_draft, edit_draft, reject_draft
from leads.services.undoing import undo_decision
from signalops_site.core.models import Project
from training.models import PreferencePair
from training.preferences import is_trivial

from ..factories import DraftFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project, prompt="Answer kindly.")


def test_an_edit_prefers_the_final_text(draft: Draft, project: Project, reviewer: User) -> None:
    edit_draft(draft, text="We had the same trouble.", by=reviewer)

    pair = PreferencePair.objects.get()
    assert (pair.draft, pair.project, pair.source) == (draft, project, "edit")
    assert (pair.chosen_text, pair.rejected_text) == ("We had the same trouble.", draft.text_generated)
    assert (pair.prompt, pair.platform) == ("Answer kindly.", "sample")


def test_a_rejection_with_a_better_text_prefers_that(draft: Draft, reviewer: User) -> None:
    reject_draft(draft, reason="too_salesy", better_text="Tell us more?", by=reviewer)

    pair = PreferencePair.objects.get()
    assert (pair.source, pair.chosen_text) == ("reject", "Tell us more?")


def test_plain_approvals_and_bare_rejections_make_no_pair(draft: Draft, project: Project, reviewer: User) -> None:
    approve_draft(draft, by=reviewer)
    reject_draft(DraftFactory.create(lead__project=project), reason="wrong_tone", by=reviewer)

    assert not PreferencePair.objects.exists()


def test_an_edit_of_case_and_white_space_alone_makes_no_pair(draft: Draft, reviewer: User) -> None:
    edited = edit_draft(draft, text=draft.text_generated.upper().replace(" ", "  "), by=reviewer)

    assert edited.status == "edited"
    assert not PreferencePair.objects.exists()


def test_undo_takes_the_pair_back_and_a_second_edit_makes_a_new_one(draft: Draft, reviewer: User) -> None:
    edit_draft(draft, text="First try.", by=reviewer)
    undo_decision(draft, by=reviewer)
    assert not PreferencePair.objects.exists()

    edit_draft(draft, text="Second try.", by=reviewer)

    assert PreferencePair.objects.get().chosen_text == "Second try."


@pytest.mark.parametrize(
    ("one", "other", "trivial"), [("A b", "a\n B ", True), ("A b", "A b!", False), ("Straße", "STRASSE", True)]
)
def test_trivial_differences_are_white_space_and_case(one: str, other: str, trivial: bool) -> None:
    assert is_trivial(one, other) is trivial
