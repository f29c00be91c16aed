"""Replies of which nobody knows whether they left, when the account that sent them is another's by now or gone."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from connectors.access import Credentials, Identity
from connectors.base import AccountConnector, connectors
from connectors.errors import NotSure
from connectors.models import Account
from connectors.services import remove_account, rotate_account
from leads.models import Delivery
from leads.sending.enqueue import enqueue_draft
from leads.sending.reconcile import SINCE, reconcile
from leads.sending.worker import send_due
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal

from .conftest import Approve
from .harbour import Quay, QuayConnector


class Pier(QuayConnector, AccountConnector):
    """A quay at which one posts as somebody, and finds only what one posted oneself."""

    credentials = Credentials
    default_base_url = "https://quay.example"

    def verify(self) -> Identity:
        return Identity("bo")


@pytest.fixture
def ours(quay: Quay, monkeypatch: pytest.MonkeyPatch, db: None) -> Account:
    monkeypatch.setitem(connectors._items, "quay", Pier)
    return account("ours", handle="ada")


def account(label: str, *, handle: str) -> Account:
    return Account.objects.create(
        platform="quay", label=label, handle=handle, credentials=seal({}), base_url=Pier.default_base_url
    )


@pytest.fixture
def unknown(ours: Account, project: Project, remy: User, approved: Approve, quay: Quay) -> Delivery:
    """A reply that left, unheard, and that a search would not find."""

    def cut(_post: str) -> None:
        raise NotSure("The line went dead.")

    quay.after = cut
    delivery = enqueue_draft(approved(), by=remy)
    assert send_due(project).counts == {"unknown": 1}
    quay.after = lambda _post: None
    quay.posted.clear()
    delivery.refresh_from_db()
    assert delivery.account == ours
    Delivery.objects.update(due_at=timezone.now())
    return delivery


def settle(delivery: Delivery, project: Project) -> tuple[dict[str, int], str]:
    done = reconcile(project)
    send_due(project)
    delivery.refresh_from_db()
    return dict(done), delivery.status


def test_what_left_by_the_account_that_is_still_there_is_sent_again_when_it_is_absent(
    unknown: Delivery, project: Project, quay: Quay
) -> None:
    assert settle(unknown, project) == ({"absent": 1}, "sent")


def test_what_left_by_an_account_that_was_removed_waits_for_a_person(
    unknown: Delivery, ours: Account, project: Project, quay: Quay
) -> None:
    remove_account(ours, by="command:test")
    account("other", handle="bo")
    assert settle(unknown, project) == ({"not known": 1}, "unknown")
    assert (quay.posted, unknown.error) == (
        [],
        "The account by which it left was removed. Look at the platform: is it there?",
    )


@pytest.mark.parametrize("claimed_later", [timedelta(0), SINCE / 2])
def test_what_left_before_its_account_was_given_other_credentials_waits_for_a_person(
    unknown: Delivery, ours: Account, project: Project, quay: Quay, claimed_later: timedelta
) -> None:
    """A worker may have opened the account a moment before, and claimed a moment later."""
    rotate_account(ours, credentials={}, by="command:test")
    claimed_at = (unknown.claimed_at or timezone.now()) + claimed_later
    Delivery.objects.update(claimed_at=claimed_at)
    assert settle(unknown, project) == ({"not known": 1}, "unknown")
    assert (quay.posted, "given other credentials" in unknown.error) == ([], True)


def test_credentials_that_were_entered_long_before_hold_nothing_up(
    unknown: Delivery, ours: Account, project: Project
) -> None:
    rotate_account(ours, credentials={}, by="command:test")
    Delivery.objects.update(claimed_at=timezone.now() + SINCE + timedelta(minutes=1))
    assert reconcile(project) == {"absent": 1}
