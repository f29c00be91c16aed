"""The platform and the people of the tests of sending, and time that passes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from leads.models import Delivery, Draft, Outcome, OutcomeSource, OutcomeType
from leads.sending.enqueue import enqueue_draft
from leads.sending.worker import send_due
from signalops_site.core.models import Project
from tests.leads.sending.conftest import Approve, approved, project, quay, remy

__all__ = ["approved", "project", "quay", "remy"]

Send = Callable[[Draft], Draft]


@pytest.fixture
def send(project: Project, remy: User) -> Send:
    def leave(draft: Draft) -> Draft:
        enqueue_draft(draft, by=remy)
        assert send_due(project).counts == {"sent": 1}
        return draft

    return leave


@pytest.fixture
def replied(approved: Approve, send: Send) -> Draft:
    """A reply that has left."""
    return send(approved())


def pass_days(days: int) -> None:
    """Everything that left did so that much longer ago."""
    for delivery in Delivery.objects.exclude(sent_at=None):
        delivery.sent_at = delivery.sent_at and delivery.sent_at - timedelta(days=days)
        delivery.claimed_at = delivery.claimed_at and delivery.claimed_at - timedelta(days=days)
        delivery.save()


def answer(draft: Draft, type_: OutcomeType = OutcomeType.REPLY_RECEIVED) -> Outcome:
    return Outcome.objects.create(
        project=draft.lead.project,
        draft=draft,
        type=type_,
        reference=f"of {draft.pk}",
        source=OutcomeSource.PERSON,
    )
