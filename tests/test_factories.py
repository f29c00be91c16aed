"""The rows that other tests stand on are whole and valid."""

import pytest

from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Role

from .factories import (
    DraftFactory,
    JudgmentFactory,
    LeadQueryFactory,
    ProjectFactory,
    RawPostFactory,
    ScoreFactory,
    member,
)

pytestmark = pytest.mark.django_db


def test_a_project_has_a_valid_active_configuration() -> None:
    project = ProjectFactory.create(slug="harbour")

    assert active_document(project).project_id == "harbour"


def test_every_row_of_a_reviewed_lead_can_be_made() -> None:
    draft = DraftFactory.create()
    JudgmentFactory.create(lead=draft.lead)
    LeadQueryFactory.create(lead=draft.lead)
    RawPostFactory.create(post=draft.lead.post)
    score = ScoreFactory.create(lead=draft.lead)

    assert score.plugin_results.count() == 2
    assert draft.lead.post.author is not None


def test_a_member_has_the_role_that_was_asked_for() -> None:
    user = member(ProjectFactory.create(), Role.OPERATOR)

    assert user.username == "otto"
    assert user.memberships.get().role == Role.OPERATOR
