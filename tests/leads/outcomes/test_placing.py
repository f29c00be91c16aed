"""Answers to a reply that is not found at its platform yet: kept without their text, and taken once it is."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from leads.models import (
    Delivery,
    DeliveryMode,
    DeliveryStatus,
    Interaction,
    Outcome,
    Suppression,
)
from leads.outcomes.schedule import track
from leads.services.erasing import erase_author
from signalops_site.core.erasing import ErasureRequest
from signalops_site.core.models import Project
from signalops_site.core.pauses import pause_of
from tests.connectors.standin import StandIn
from tests.factories import AuthorFactory

from .conftest import Sent, later
from .harbour import ADA, BEA, Harbour, account

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]


@pytest.fixture
def harbour(stand_in: StandIn, project: Project) -> Harbour:
    account(project)
    return Harbour(stand_in)


def not_found_yet(sent: Sent, *, status: DeliveryStatus = DeliveryStatus.SENT) -> Delivery:
    delivery = sent("mastodon")
    delivery.platform_post_id, delivery.mode, delivery.status = "", DeliveryMode.ASSISTED, status
    if status == DeliveryStatus.UNKNOWN:
        delivery.mode = DeliveryMode.API
    delivery.save()
    return delivery


def find(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        platform_post_id="900@harbour.example", status=DeliveryStatus.SENT, sent_at=F("claimed_at")
    )


def heard(project: Project) -> int:
    later()
    return track([project], seconds=30).heard["mastodon: main"].outcomes


@pytest.mark.parametrize("status", [DeliveryStatus.CLAIMED, DeliveryStatus.SENT, DeliveryStatus.UNKNOWN])
def test_an_answer_that_is_read_before_our_reply_is_found_is_told_later(
    harbour: Harbour, project: Project, sent: Sent, status: DeliveryStatus
) -> None:
    delivery = not_found_yet(sent, status=status)
    harbour.hears(ADA, "Thanks, but no thanks.")
    assert heard(project) == 0
    kept = Interaction.objects.get()
    assert (kept.answers_id, kept.verdict) == ("900@harbour.example", "not_interested")
    assert "harbour.example" in kept.url
    find(delivery)
    assert (heard(project), heard(project)) == (2, 0)
    kinds = Outcome.objects.filter(draft=delivery.draft).order_by("pk").values_list("type", "details__url")
    assert list(kinds) == [("reply_received", kept.url), ("negative", kept.url)]
    assert pause_of(project) is not None
    kept.refresh_from_db()
    assert (kept.answers_id, kept.url, kept.verdict) == ("", "", "")


def test_a_wish_to_stop_holds_before_our_reply_is_found(harbour: Harbour, project: Project, sent: Sent) -> None:
    delivery = not_found_yet(sent)
    harbour.hears(BEA, "Please stop messaging people!")
    assert heard(project) == 0
    assert Suppression.objects.get().source == "reply"
    find(delivery)
    assert heard(project) == 2
    assert Suppression.objects.count() == 1


def test_what_can_answer_nothing_of_ours_is_not_kept(harbour: Harbour, project: Project, sent: Sent) -> None:
    sent("mastodon")
    not_found_yet(sent, status=DeliveryStatus.CANCELLED)
    Delivery.objects.filter(pk=not_found_yet(sent).pk).update(claimed_at=timezone.now() - timedelta(days=4))
    harbour.hears(BEA, "Please stop messaging people!")
    assert heard(project) == 0
    assert (Interaction.objects.get().answers_id, Suppression.objects.count()) == ("", 0)


def test_what_belongs_to_nothing_after_all_is_forgotten(harbour: Harbour, project: Project, sent: Sent) -> None:
    not_found_yet(sent)
    harbour.hears(ADA, "Thanks, but no thanks.")
    heard(project)
    Interaction.objects.update(happened_at=timezone.now() - timedelta(days=4))
    heard(project)
    kept = Interaction.objects.get()
    assert (kept.answers_id, kept.url, kept.verdict) == ("", "", "")


def test_an_erasure_takes_what_waits(harbour: Harbour, project: Project, sent: Sent) -> None:
    delivery = not_found_yet(sent)
    harbour.hears(ADA, "Thanks, but no thanks.")
    heard(project)
    AuthorFactory.create(platform="mastodon", platform_user_id=ADA, handle=ADA)
    erase_author(ErasureRequest(platform="mastodon", handle=ADA, platform_user_id=ADA))
    find(delivery)
    harbour.notices.clear()
    assert (heard(project), Interaction.objects.count()) == (0, 0)
