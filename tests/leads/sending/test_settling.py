"""Who may say what became of a reply, and what becomes of one of which nobody can."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from connectors.errors import NotSure
from leads.models import Delivery, Draft
from leads.sending.assist import mark_not_posted, mark_posted, start_assist
from leads.sending.enqueue import enqueue_draft
from leads.sending.reconcile import reconcile
from leads.sending.schedule import projects_at_work, take_turn
from leads.sending.worker import send_due
from signalops_site.core.errors import Conflict
from signalops_site.core.models import Project, Role
from tests.factories import member

from .conftest import Approve
from .harbour import Quay


def leave_unknown(draft: Draft, quay: Quay, *, by: User) -> Delivery:
    def cut(_post: str) -> None:
        raise NotSure("The line went dead.")

    quay.after = cut
    delivery = enqueue_draft(draft, by=by)
    assert send_due(draft.lead.project).counts == {"unknown": 1}
    return delivery


def test_what_is_unknown_and_has_no_draft_any_more_has_failed(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    delivery = leave_unknown(approved(), quay, by=remy)
    Delivery.objects.update(draft=None, due_at=timezone.now())
    assert reconcile(project) == {"failed": 1}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error) == ("failed", "Its draft is gone: nobody can look for it.")


@pytest.mark.parametrize("mark", [mark_posted, mark_not_posted])
@pytest.mark.parametrize(
    ("role", "after", "may"),
    [
        (Role.REVIEWER, timedelta(days=2), False),
        (Role.OPERATOR, timedelta(hours=23), False),
        (Role.OPERATOR, timedelta(hours=25), True),
    ],
)
def test_what_a_person_has_in_hand_is_theirs_to_settle_and_after_a_day_an_operators(  # noqa: PLR0917 - fixtures
    project: Project,
    remy: User,
    approved: Approve,
    mark: Callable[..., Delivery],
    role: Role,
    after: timedelta,
    may: bool,
) -> None:
    draft, other = approved(), member(project, role, username="sage")
    start_assist(draft, by=remy)
    Delivery.objects.update(claimed_at=timezone.now() - after)
    if may:
        assert mark(draft, by=other).status in ("sent", "cancelled")
        return
    with pytest.raises(Conflict, match="remy has draft"):
        mark(draft, by=other)
    assert mark(draft, by=remy).status in ("sent", "cancelled")


def test_a_superuser_settles_what_anybody_has_in_hand(
    project: Project, remy: User, superuser: User, approved: Approve
) -> None:
    draft = approved()
    start_assist(draft, by=remy)
    assert mark_not_posted(draft, by=superuser).status == "cancelled"


def test_any_reviewer_settles_what_is_unknown(project: Project, remy: User, approved: Approve, quay: Quay) -> None:
    draft = approved()
    leave_unknown(draft, quay, by=remy)
    assert mark_posted(draft, by=member(project, Role.REVIEWER, username="sage")).status == "sent"


def test_what_a_person_says_to_be_there_is_looked_for_so_that_its_answers_are_known(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    delivery = leave_unknown(approved(), quay, by=remy)
    assert delivery.draft is not None
    mark_posted(delivery.draft, by=remy)
    Delivery.objects.update(due_at=timezone.now())
    assert list(projects_at_work()) == [project]
    assert take_turn(project) == "1 matched"
    delivery.refresh_from_db()
    assert (delivery.status, delivery.platform_post_id) == ("sent", "1")
    assert list(projects_at_work()) == []


def test_what_is_said_to_be_there_and_is_not_found_stays_sent(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    delivery = leave_unknown(approved(), quay, by=remy)
    assert delivery.draft is not None
    mark_posted(delivery.draft, by=remy)
    quay.posted.clear()
    for days, told in ((0, "1 not known"), (3, "nothing was due")):
        Delivery.objects.update(due_at=timezone.now(), claimed_at=timezone.now() - timedelta(days=days))
        assert take_turn(project) == told
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, len(quay.posted)) == ("sent", 1, 0)
