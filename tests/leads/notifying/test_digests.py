"""What did not reach the threshold is summed up at its times, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.judges.base import Label
from leads.models import Lead, Notification, NotificationLog
from leads.notifying.digests import write_digests
from leads.notifying.outbox import send_due, tell_of_leads
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project, ProjectConfigVersion
from tests.connectors.standin import StandIn
from tests.factories import LeadFactory

from .conftest import bodies, only, project_with

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def summed(configured: dict[str, Any]) -> Project:
    project = project_with(only(configured, "webhook", digest="daily 08:00"))
    ProjectConfigVersion.objects.update(created_at=DUE - timedelta(days=10))
    return Project.objects.select_related("active_config").get(pk=project.pk)


def lead_of(project: Project, *, score: float = 40, hours_before: float = 1, **fields: Any) -> Lead:
    return LeadFactory.create(
        project=project, score=score, scored_at=DUE - timedelta(hours=hours_before), **fields
    )


def told(stand_in: StandIn) -> list[list[int]]:
    return [[lead["id"] for lead in event["leads"]] for event in bodies(stand_in, "/hook")]


def test_it_holds_what_is_below_the_threshold_the_best_first(summed: Project, stand_in: StandIn) -> None:
    low, better = lead_of(summed, score=20), lead_of(summed, score=50)
    lead_of(summed, score=60)  # has a message of its own
    lead_of(summed, label=Label.IRRELEVANT)
    lead_of(summed, hours_before=25)  # of a time before anybody asked
    lead_of(summed, hours_before=-1)  # of the next one
    assert write_digests(summed, now=DUE + timedelta(minutes=1)) == 1
    send_due(summed)
    assert told(stand_in) == [[better.pk, low.pk]]
    assert bodies(stand_in, "/hook")[0]["type"] == "digest"


def test_it_is_written_once_and_goes_on_from_the_last_one(summed: Project, stand_in: StandIn) -> None:
    first = lead_of(summed)
    assert [write_digests(summed, now=DUE + timedelta(minutes=minutes)) for minutes in (0, 1, 90)] == [1, 0, 0]
    second = lead_of(summed, hours_before=-30)
    assert write_digests(summed, now=DUE + timedelta(days=3)) == 1  # two days late
    send_due(summed)
    assert told(stand_in) == [[first.pk], [second.pk]]


def test_there_is_none_without_news_or_before_its_first_time(summed: Project, configured: dict[str, Any]) -> None:
    assert write_digests(summed, now=DUE) == 0
    fresh = project_with(only(configured, "webhook", digest="daily 08:00"), slug="fresh")
    lead_of(fresh)
    assert write_digests(fresh, now=DUE) == 0  # it was configured after that time
    assert not Notification.objects.exists()


def test_a_lead_of_a_digest_has_no_message_of_its_own_later(summed: Project) -> None:
    lead = lead_of(summed)
    write_digests(summed, now=DUE)
    Lead.objects.update(score=90)
    tell_of_leads(summed, active_document(summed), [lead.pk])
    assert (Notification.objects.count(), NotificationLog.objects.count()) == (1, 1)
