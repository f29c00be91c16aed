"""One draft's way: queued, claimed, called, recorded; and what holds it back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from connectors.errors import InTrouble, NotSent, NotSure, RateLimited, Refused
from leads.identities import identity_of
from leads.models import Delivery, Draft, DraftStatus, Lead, LeadStage
from leads.selectors import lead_rows, queue_item, queue_items, shown_status, stats_counts
from leads.sending.claim import DEAD_AFTER
from leads.sending.enqueue import NotSendable, enqueue_draft, enqueue_many
from leads.sending.preview import preview_sending
from leads.sending.reconcile import reconcile
from leads.sending.schedule import enqueue_sending, take_turn
from leads.sending.worker import send_due
from leads.services.suppressions import suppress
from leads.services.undoing import undo_decision
from signalops_site.core.errors import Conflict, NotAllowed
from signalops_site.core.models import AuditEntry, Project, Role
from signalops_site.core.pauses import pause_sending, resume_sending
from tests.factories import AuthorFactory, DraftFactory, PostFactory, member

from .conftest import Approve, configure
from .harbour import Quay


def states(project: Project) -> list[str]:
    return list(Delivery.objects.filter(project=project).order_by("pk").values_list("status", flat=True))


def pass_time(project: Project, by: timedelta) -> None:
    for delivery in Delivery.objects.filter(project=project):
        delivery.due_at -= by
        delivery.claimed_at = delivery.claimed_at and delivery.claimed_at - by
        delivery.save()


def test_an_approved_draft_that_a_person_sends_leaves_once(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    draft = approved()
    assert send_due(project).counts == {}
    assert quay.posted == []

    delivery = enqueue_draft(draft, by=remy)
    assert send_due(project).counts == {"sent": 1}
    assert send_due(project).counts == {}

    delivery.refresh_from_db()
    assert quay.posted == [(draft.lead.post.platform_post_id, draft.text_final, str(delivery.key))]
    assert (delivery.status, delivery.platform_post_id, delivery.url) == ("sent", "1", "https://quay.example/1")
    assert stats_counts(project)["sent"] == 1
    actions = AuditEntry.objects.filter(action__startswith="delivery.").values_list("action", "actor_name")
    assert list(actions.order_by("pk")) == [
        ("delivery.queue", "remy"),
        ("delivery.claim", "job:sending"),
        ("delivery.sent", "job:sending"),
    ]
    with pytest.raises(Conflict, match="on its way already"):
        enqueue_draft(draft, by=remy)


def test_what_is_not_approved_or_gone_or_of_an_inactive_project_is_refused(
    project: Project, remy: User, approved: Approve
) -> None:
    pending = DraftFactory.create(lead__project=project, lead__post__platform="quay")
    with pytest.raises(NotSendable, match="not approved"):
        enqueue_draft(pending, by=remy)
    draft = approved()
    Lead.objects.filter(pk=draft.lead_id).update(stage=LeadStage.GONE)
    with pytest.raises(NotSendable, match="gone"):
        enqueue_draft(draft, by=remy)
    other = approved()
    Project.objects.filter(pk=project.pk).update(is_active=False)
    with pytest.raises(NotSendable, match="not active"):
        enqueue_draft(other, by=remy)
    with pytest.raises(NotAllowed):
        enqueue_draft(other, by=member(project, Role.VIEWER))
    assert states(project) == []


def test_what_changes_between_the_send_and_the_claim_is_seen_in_the_claim(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    drafts = [approved() for _ in range(3)]
    enqueue_many(project, [draft.pk for draft in drafts], by=remy)
    Draft.objects.filter(pk=drafts[0].pk).update(status=DraftStatus.PENDING)
    Lead.objects.filter(pk=drafts[1].lead_id).update(stage=LeadStage.GONE)
    assert send_due(project).counts == {"cancelled": 2, "sent": 1}
    assert [post for post, _, _ in quay.posted] == [drafts[2].lead.post.platform_post_id]


def test_an_author_who_is_not_to_be_contacted_is_not_sent_anything(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    draft, wanted = approved(), approved()
    enqueue_draft(draft, by=remy)
    suppress(
        identity_of("pattern", value="handle*"), project=project, reason="They asked for it", by="command:test"
    )
    assert {row.sentence for row in preview_sending(project).rows} == {
        "The author is on the do-not-contact list of this project: They asked for it."
    }
    with pytest.raises(NotSendable, match="They asked for it"):
        enqueue_draft(wanted, by=remy)
    send_due(project)
    assert (states(project), quay.posted) == (["cancelled"], [])


def test_an_author_is_answered_once_in_the_cool_down_unless_there_is_a_reason(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    author = AuthorFactory.create(platform="quay")
    first, second, third = (
        approved(lead__post=PostFactory.create(platform="quay", author=author)) for _ in range(3)
    )
    enqueue_many(project, [first.pk, second.pk], by=remy)
    assert send_due(project).counts == {"sent": 1, "cancelled": 1}
    with pytest.raises(NotSendable, match="left alone until"):
        enqueue_draft(third, by=remy)
    enqueue_draft(third, by=remy, override="They asked a second question.")
    assert send_due(project).counts == {"sent": 1}
    pass_time(project, timedelta(days=31))
    enqueue_draft(second, by=remy)
    assert send_due(project).counts == {"sent": 1}


def test_a_reason_goes_with_what_the_cool_down_alone_refuses_and_with_one_draft_of_an_author(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    author = AuthorFactory.create(platform="quay")
    first, second, third = (
        approved(lead__post=PostFactory.create(platform="quay", author=author)) for _ in range(3)
    )
    enqueue_draft(first, by=remy)
    assert send_due(project).counts == {"sent": 1}
    fresh, gone = approved(), approved()
    Lead.objects.filter(pk=gone.lead_id).update(stage=LeadStage.GONE)
    ids = [second.pk, third.pk, fresh.pk, gone.pk]
    done = enqueue_many(project, ids, by=remy, override="They asked again.")
    reasons = [each.delivery.override_reason if each.delivery else None for each in done]
    assert reasons == ["They asked again.", None, "", None]
    assert ("left alone until" in done[1].problem, "gone" in done[3].problem) == (True, True)


def test_caps_count_all_that_may_have_left(project: Project, remy: User, approved: Approve, quay: Quay) -> None:
    configure(
        project, rate_limits={"max_replies_per_hour": 2, "max_replies_per_day": 3, "max_replies_per_month": 4}
    )

    def cut(_post: str) -> None:
        raise NotSure("The line went dead.")

    quay.after = cut
    enqueue_many(project, [approved().pk for _ in range(6)], by=remy)
    turn = send_due(project)
    assert (turn.counts, len(quay.posted)) == ({"unknown": 2, "waiting": 1}, 2)
    assert "cap of 2 per hour" in turn.held_by
    quay.after = lambda _post: None
    for hours, sent in ((1.1, 1), (1.1, 0), (24, 1), (48, 0)):
        wait = timedelta(hours=hours)
        pass_time(project, wait)
        Delivery.objects.filter(status="unknown").update(due_at=timezone.now() + timedelta(days=1))
        assert send_due(project).counts["sent"] == sent
    assert len(quay.posted) == 4


def test_replies_are_spaced_with_jitter(project: Project, remy: User, approved: Approve, quay: Quay) -> None:
    configure(project, sending={"spacing_seconds": 60})
    enqueue_many(project, [approved().pk for _ in range(2)], by=remy)
    assert "spaced" in send_due(project).held_by
    pass_time(project, timedelta(seconds=59))
    assert send_due(project).counts == {"waiting": 1}
    pass_time(project, timedelta(seconds=32))
    assert send_due(project).counts == {"sent": 1}


def test_nothing_leaves_in_quiet_hours(project: Project, remy: User, approved: Approve, quay: Quay) -> None:
    now = timezone.now()
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=5)
    configure(project, sending={"quiet_hours": f"{start:%H:%M}-{end:%H:%M}"})
    enqueue_draft(approved(), by=remy)
    assert "Quiet hours" in send_due(project).held_by
    configure(project, sending={"quiet_hours": "somewhen"})
    assert "cannot be read" in send_due(project).held_by
    assert quay.posted == []


def test_a_pause_of_the_project_or_of_all_stops_everything(
    project: Project, remy: User, superuser: User, approved: Approve, quay: Quay
) -> None:
    enqueue_draft(approved(), by=remy)
    pause_sending(project, by=remy, why="Something is off")
    pause_sending(None, by=superuser)
    assert "paused" in send_due(project).held_by
    resume_sending(project, by=remy)
    assert "all projects" in send_due(project).held_by
    with pytest.raises(NotAllowed):
        resume_sending(None, by=remy)
    resume_sending(None, by=superuser)
    with pytest.raises(Conflict):
        resume_sending(project, by=remy)
    assert quay.posted == []
    assert send_due(project).counts == {"sent": 1}


def test_a_decision_can_be_taken_back_until_its_draft_is_claimed(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    configure(project, review={"undo_seconds": 60})
    draft, other = approved(), approved()
    enqueue_many(project, [draft.pk, other.pk], by=remy)
    assert send_due(project).counts == {}
    undo_decision(draft, by=remy)
    pass_time(project, timedelta(seconds=61))
    assert send_due(project).counts == {"waiting": 1}
    Draft.objects.filter(pk=other.pk).update(decided_at=timezone.now() - timedelta(seconds=61))
    assert send_due(project).counts == {"sent": 1}
    with pytest.raises(Conflict, match="has left"):
        undo_decision(other, by=remy)
    assert states(project) == ["cancelled", "sent"]


def test_a_refusal_is_a_failure_and_a_rate_limit_waits_for_its_time(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    errors = {
        approved().pk: NotSent("Too long."),
        approved().pk: RateLimited("Wait.", retry_after=600),
    }
    by_post = {Draft.objects.get(pk=pk).lead.post.platform_post_id: error for pk, error in errors.items()}

    def refuse(post_id: str) -> None:
        raise by_post[post_id]

    quay.before = refuse
    enqueue_many(project, list(errors), by=remy)
    assert send_due(project).counts == {"failed": 1, "put back": 1}
    failed, queued = Delivery.objects.order_by("pk")
    assert (failed.status, failed.error) == ("failed", "Too long.")
    assert (queued.status, queued.error) == ("queued", "Wait.")
    assert timedelta(seconds=590) < queued.due_at - timezone.now() < timedelta(seconds=601)
    assert quay.posted == []
    quay.before = lambda _post: None
    pass_time(project, timedelta(seconds=600))
    assert send_due(project).counts == {"sent": 1}
    again = enqueue_draft(failed.draft or Draft(), by=remy)
    assert (again.pk, again.key) == (failed.pk, failed.key)


@pytest.mark.parametrize("error", [NotSure("Cut."), InTrouble("500"), ValueError("a fault of ours")])
@pytest.mark.parametrize("is_there", [True, False])
def test_what_nobody_knows_is_looked_for_and_never_sent_blindly(
    approved: Approve, quay: Quay, error: Exception, is_there: bool
) -> None:
    draft = approved()
    project, by = draft.lead.project, draft.reviewer
    assert by is not None

    def fail(_post: str) -> None:
        raise error

    setattr(quay, "after" if is_there else "before", fail)
    enqueue_draft(draft, by=by)
    send_due(project)
    quay.after = quay.before = lambda _post: None
    assert states(project) == ["unknown"]
    assert stats_counts(project)["unknown"] == 1
    assert reconcile(project) == {}, "not at once: platforms take a moment to show it"
    pass_time(project, timedelta(minutes=2))
    assert "1 found" in take_turn(project) if is_there else "1 absent, 1 sent" in take_turn(project)
    assert states(project) == ["sent"]
    assert len(quay.posted) == 1


def test_while_the_platform_cannot_say_it_stays_unknown(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    def fail(_post: str) -> None:
        raise NotSure("The platform does not say.")

    quay.after = quay.looked = fail
    enqueue_draft(approved(), by=remy)
    send_due(project)
    pass_time(project, timedelta(minutes=2))
    assert reconcile(project) == {"not known": 1}
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.checks, delivery.error) == ("unknown", 1, "The platform does not say.")
    assert delivery.due_at > timezone.now() + timedelta(minutes=4)
    assert len(quay.posted) == 1


def test_a_claim_whose_worker_is_lost_is_looked_for(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    class Killed(BaseException):
        """As a signal would end it."""

    def die(_post: str) -> None:
        raise Killed

    quay.after = die
    enqueue_draft(approved(), by=remy)
    with pytest.raises(Killed):
        send_due(project)
    assert states(project) == ["claimed"]
    OrmQ.objects.all().delete()
    assert enqueue_sending() == 0
    pass_time(project, DEAD_AFTER)
    assert enqueue_sending() == 1
    assert enqueue_sending() == 0, "its job waits"
    assert reconcile(project) == {"found": 1}
    assert (states(project), len(quay.posted)) == (["sent"], 1)


def test_after_five_attempts_that_left_nothing_it_has_failed(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    def fail(_post: str) -> None:
        raise NotSure("Cut.")

    quay.before = fail
    enqueue_draft(approved(), by=remy)
    for _ in range(5):
        assert send_due(project).counts == {"unknown": 1}
        pass_time(project, timedelta(minutes=2))
        reconcile(project)
    assert states(project) == ["failed"]


def test_a_refused_account_holds_its_platform_and_no_other(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    def refuse(_post: str) -> None:
        raise Refused("The key is not taken.")

    quay.before = refuse
    enqueue_many(project, [approved().pk, approved().pk], by=remy)
    assert send_due(project).counts == {"put back": 1}, "the second was not tried"
    assert states(project) == ["queued", "queued"]


def test_a_sent_draft_shows_its_delivery_as_its_status(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    draft, other = approved(), approved()
    enqueue_draft(draft, by=remy)
    send_due(project)
    assert shown_status(queue_item(project, draft_id=draft.pk)) == "sent"
    assert list(queue_items(project, status="sent")) == [draft]
    assert list(queue_items(project, status="approved")) == [other]
    shown = {row.pk: vars(row)["draft_status"] for row in lead_rows(project)}
    assert shown == {draft.lead_id: "sent", other.lead_id: "approved"}
