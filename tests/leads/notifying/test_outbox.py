"""What the outbox promises: once for each lead and target, tried again, given up in the end, and replayed."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.errors import Refused
from connectors.models import Account
from connectors.services import pause_refused
from leads.models import Lead, LeadStage, Notification, NotificationLog, NotificationStatus
from leads.notifying import outbox
from leads.notifying.alerts import alert
from leads.notifying.outbox import MOST_TRIES, enqueue_due, forget_old, send, send_due, take, tell_of_leads
from leads.notifying.posting import Posted, post
from leads.notifying.services import replay, replay_failed, send_test
from leads.notifying.targets import OpenTarget
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict
from signalops_site.core.models import AuditEntry, Project
from signalops_site.core.secrets import seal
from tests.connectors.standin import Reply, StandIn, reply
from tests.factories import LeadFactory

from .conftest import SIGNING_SECRET, bodies, only, project_with, send_again

pytestmark = pytest.mark.django_db


def tell(project: Project, leads: Sequence[Lead]) -> None:
    tell_of_leads(project, active_document(project), [lead.pk for lead in leads])


def test_each_target_is_told_of_a_lead_once(told: Project, stand_in: StandIn) -> None:
    lead = LeadFactory.create(project=told, score=88)
    tell(told, [lead])
    tell(told, [lead])
    assert send_due(told) == {"sent": 3}
    assert send_due(told) == {}
    assert sorted(asked.path.split("/")[1] for asked in stand_in.asked) == ["discord", "hook", "slack"]
    assert NotificationLog.objects.filter(lead=lead).count() == 3
    assert bodies(stand_in, "/hook")[0]["leads"][0]["id"] == lead.pk


def test_a_few_leads_have_a_message_each_and_many_share_one(configured: dict[str, Any], stand_in: StandIn) -> None:
    project = project_with(only(configured, "webhook"))
    tell(project, LeadFactory.create_batch(5, project=project))
    tell(project, LeadFactory.create_batch(6, project=project))
    send_due(project)
    assert sorted(event["total"] for event in bodies(stand_in, "/hook")) == [1, 1, 1, 1, 1, 6]


def test_a_receiver_can_check_the_signature(configured: dict[str, Any], stand_in: StandIn) -> None:
    project = project_with(only(configured, "webhook"))
    message = send_test(project, target="webhook", by="command:test")
    (asked,) = stand_in.asked
    signed = f"{asked.headers['signalops-timestamp']}.".encode() + asked.body
    expected = hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert asked.headers["signalops-signature"] == f"v1={expected}"
    assert asked.headers["signalops-event"] == json.loads(asked.body)["id"] == str(message.event_id)
    assert abs(int(asked.headers["signalops-timestamp"]) - timezone.now().timestamp()) < 60


def test_what_may_pass_is_tried_again_later_each_time_with_the_same_id(
    configured: dict[str, Any], stand_in: StandIn
) -> None:
    project = project_with(only(configured, "webhook"))
    answers = [Reply(drops=True), reply({}, 503), reply({"ok": True})]
    stand_in.routes["/hook"] = lambda _asked: answers.pop(0)
    tell(project, [LeadFactory.create(project=project)])
    waits = []
    for _ in range(2):
        send_again(project)
        message = Notification.objects.get()
        waits.append(round((message.next_try_at - timezone.now()).total_seconds() / 60))
        assert send_due(project) == {}  # not yet
    assert waits == [1, 2]
    assert send_again(project) == {"sent": 1}
    assert len({event["id"] for event in bodies(stand_in, "/hook")}) == 1


def test_a_target_that_asks_to_wait_is_waited_for(configured: dict[str, Any], stand_in: StandIn) -> None:
    project = project_with(only(configured, "slack_webhook"))
    stand_in.routes["/slack/"] = lambda _asked: reply({}, 429, Retry_After="600")
    tell(project, LeadFactory.create_batch(2, project=project))
    assert send_due(project) == {"waiting": 1}
    assert len(stand_in.asked) == 1, "the others are not tried against a target that asks to wait"
    first = Notification.objects.get(tries=1)
    assert first.next_try_at - timezone.now() > timedelta(minutes=9)


def test_it_is_given_up_after_the_last_try_and_says_so(
    configured: dict[str, Any], stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    project = project_with(only(configured, "slack_webhook"))
    stand_in.routes["/slack/"] = lambda _asked: reply({}, 500)
    tell(project, [LeadFactory.create(project=project)])
    for _ in range(MOST_TRIES + 2):
        send_again(project)
    message = Notification.objects.get()
    assert (message.status, len(stand_in.asked)) == (NotificationStatus.FAILED, MOST_TRIES)
    assert message.error == f"Given up, having tried {MOST_TRIES} times: Slack answered 500."
    assert "leads for Slack of tidewater has failed" in caplog.text
    assert AuditEntry.objects.get(action="notification.fail").fields["tries"] == MOST_TRIES


def test_what_is_refused_has_failed_at_once_and_is_replayed_when_it_is_mended(
    configured: dict[str, Any], stand_in: StandIn
) -> None:
    project = project_with(only(configured, "slack_webhook"))
    stand_in.routes["/slack/"] = lambda _asked: reply({}, 404)
    tell(project, [LeadFactory.create(project=project)])
    assert send_due(project) == {"failed": 1}
    message = Notification.objects.get()
    stand_in.routes["/slack/"] = lambda _asked: reply({"ok": True})
    assert replay(message, by="command:test").status == NotificationStatus.WAITING
    assert send_due(project) == {"sent": 1}
    with pytest.raises(Conflict, match="Only what failed is replayed; this message is sent"):
        replay(message, by="command:test")
    assert replay_failed(project, by="command:test") == 0


def test_a_missing_variable_is_waited_for(
    configured: dict[str, Any], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_with(only(configured, "slack_webhook"))
    monkeypatch.delenv("N_SLACK")
    tell(project, [LeadFactory.create(project=project)])
    assert send_due(project) == {"waiting": 1}
    assert "${N_SLACK} is not set" in Notification.objects.get().error
    assert stand_in.asked == []


def test_a_message_that_a_worker_took_and_never_sent_comes_up_again(told: Project) -> None:
    tell(told, [LeadFactory.create(project=told)])
    message = Notification.objects.first()
    assert message is not None
    again = Notification.objects.get(pk=message.pk)
    assert take(message)
    assert not take(again)
    Notification.objects.filter(pk=message.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert send_due(told) == {"sent": 3}


def test_a_second_worker_leaves_alone_what_the_first_is_sending(
    configured: dict[str, Any], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works through the whole outbox while the first one waits for its answers, and tells of the same leads."""
    project = project_with(only(configured, "webhook"))
    leads = LeadFactory.create_batch(5, project=project)
    tell(project, leads)
    sent_by_second: list[dict[str, int]] = []

    def post_slowly(target: OpenTarget, *, body: bytes, headers: dict[str, str]) -> Posted:
        monkeypatch.setattr(outbox, "post", post)
        tell(project, leads)
        sent_by_second.append(send_due(project))
        return post(target, body=body, headers=headers)

    monkeypatch.setattr(outbox, "post", post_slowly)
    assert send_due(project) == {"sent": 1}
    assert sent_by_second == [{"sent": 4}]
    told_of = [lead["id"] for event in bodies(stand_in, "/hook") for lead in event["leads"]]
    assert sorted(told_of) == sorted(lead.pk for lead in leads)


def test_a_late_worker_does_not_undo_what_another_has_sent(configured: dict[str, Any], stand_in: StandIn) -> None:
    project = project_with(only(configured, "webhook"))
    tell(project, [LeadFactory.create(project=project)])
    late = Notification.objects.select_related("project").get()
    assert take(late)
    Notification.objects.update(next_try_at=timezone.now())
    assert send_due(project) == {"sent": 1}
    stand_in.routes["/hook"] = lambda _asked: reply({}, 404)
    send(late, active_document(project).notifications)
    assert Notification.objects.get().status == NotificationStatus.SENT


def test_nobody_is_told_when_it_is_off_or_the_posts_are_gone(
    configured: dict[str, Any], stand_in: StandIn
) -> None:
    off = project_with(configured | {"enabled": False}, slug="quiet")
    tell(off, [LeadFactory.create(project=off)])
    assert not Notification.objects.exists()
    on = project_with(only(configured, "slack_webhook"))
    lead, other = LeadFactory.create_batch(2, project=on)
    tell(on, [lead, other])
    lead.post.delete()
    Lead.objects.filter(pk=other.pk).update(stage=LeadStage.GONE)
    assert send_due(on) == {"dropped": 2}
    assert stand_in.asked == []


def test_what_waits_is_dropped_when_the_project_switches_off(configured: dict[str, Any]) -> None:
    project = project_with(only(configured, "slack_webhook"))
    tell(project, [LeadFactory.create(project=project)])
    version = project.active_config
    assert version is not None
    version.document["notifications"]["enabled"] = False
    version.save()
    assert send_due(project) == {"dropped": 1}
    assert "switched off" in Notification.objects.get().error


def test_a_test_message_is_tried_once_also_before_it_is_enabled(
    configured: dict[str, Any], stand_in: StandIn
) -> None:
    project = project_with(only(configured, "slack_webhook", enabled=False))
    assert send_test(project, target="slack", by="command:test").status == NotificationStatus.SENT
    stand_in.routes["/slack/"] = lambda _asked: reply({}, 503)
    failed = send_test(project, target="slack", by="command:test")
    assert (failed.status, failed.error) == (NotificationStatus.FAILED, "Slack answered 503.")
    assert "test message" in bodies(stand_in, "/slack/")[0]["text"]


def test_an_alert_is_told_once_in_a_while_and_escaped(configured: dict[str, Any], stand_in: StandIn) -> None:
    project = project_with(only(configured, "slack_webhook"))
    assert [alert(project, "account", "It is <!here> refused.") for _ in range(3)] == [1, 0, 0]
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert alert(project, "account", "It is <!here> refused.") == 1
    send_due(project)
    assert "It is &lt;!here&gt; refused." in bodies(stand_in, "/slack/")[0]["text"]


def test_a_refused_account_is_told_where_its_queries_pause(
    configured: dict[str, Any], stand_in: StandIn, told: Project
) -> None:
    own = project_with(only(configured, "webhook"), slug="own")
    account = Account.objects.create(project=own, platform="mastodon", label="main", credentials=seal({}))
    shared = Account.objects.create(platform="sample", label="all", credentials=seal({}))
    pause_refused(account, Refused("Mastodon refused the account (401)."))
    pause_refused(shared, Refused("Sample refused the account (401)."))
    assert Notification.objects.filter(project=own).count() == 2
    assert Notification.objects.filter(project=told).count() == 3
    send_due(own)
    event = bodies(stand_in, "/hook")[0]
    assert (event["type"], event["subject"]) == ("alert", "account")
    assert "is paused: Mastodon refused the account (401)." in event["message"]


def test_the_beat_gives_a_project_with_due_messages_one_job(told: Project) -> None:
    Notification.objects.create(project=told, target="slack", kind="test")
    assert (enqueue_due(), enqueue_due()) == (1, 0)


def test_old_messages_go_and_who_was_told_stays_known(told: Project) -> None:
    lead = LeadFactory.create(project=told)
    tell(told, [lead])
    send_due(told)
    Notification.objects.update(created_at=timezone.now() - timedelta(days=31))
    forget_old()
    assert not Notification.objects.exists()
    tell(told, [lead])
    assert not Notification.objects.exists()
