"""Where messages may go: to public hosts over HTTPS, and to what the operator allows."""

import logging
import socket
from functools import partial
from typing import Any

import httpx
import pytest
from pytest_django import Settings as SettingsWrapper

from leads.models import Notification, NotificationTarget
from leads.notifying.outbox import send_due
from leads.notifying.posting import post
from leads.notifying.services import send_test
from leads.notifying.targets import BadTarget, OpenTarget, check_notifications, require_address
from signalops_site.core.config.schema import Notifications
from tests.connectors.standin import Asked, Reply, StandIn, raw, reply
from tests.factories import LeadFactory

from .conftest import DISCORD_SECRET, SIGNING_SECRET, SLACK_SECRET, only, project_with

SLACK = NotificationTarget.SLACK


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/x",
        "ftp://hooks.example.com/x",
        "hooks.example.com",
        "https://[",
        "https://host:port/",
    ],
)
def test_an_address_that_is_none_or_leads_inside_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadTarget) as refusal:
        require_address(url, of=SLACK)
    assert url not in refusal.value.detail


def test_a_public_address_is_one() -> None:
    require_address("https://hooks.slack.com/services/T0/B0/x", of=SLACK)


def test_a_name_that_leads_inside_is_found_out_before_anything_is_sent(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a name that a stranger's name server points here, whatever it said when it was looked at."""
    port = stand_in.url.rpartition(":")[2]
    monkeypatch.setattr("leads.notifying.posting._client", _plain_client)
    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: found("127.0.0.1", *rest, **more))
    posted = post(OpenTarget(SLACK, f"http://hooks.example.com:{port}/slack/x"), body=b"{}", headers={})
    assert (posted.delivered, posted.may_pass) == (False, False)
    assert "leads into a private network" in posted.problem
    assert stand_in.asked == []


def _plain_client() -> httpx.Client:
    return httpx.Client(trust_env=False)


def test_an_allowed_host_is_reached_and_only_that(stand_in: StandIn, settings: SettingsWrapper) -> None:
    target = OpenTarget(SLACK, f"{stand_in.url}/slack/x")
    assert not post(target, body=b"{}", headers={}).delivered
    settings.NOTIFICATION_HOSTS = frozenset({"127.0.0.1"})
    assert post(target, body=b"{}", headers={}).delivered


def test_a_redirect_is_not_followed(stand_in: StandIn, settings: SettingsWrapper) -> None:
    settings.NOTIFICATION_HOSTS = frozenset({"127.0.0.1"})
    stand_in.routes["/moved"] = lambda _asked: reply({}, 307, Location=f"{stand_in.url}/slack/x")
    posted = post(OpenTarget(SLACK, f"{stand_in.url}/moved"), body=b"{}", headers={})
    assert posted.problem == "Slack answered 307: redirects are not followed."
    assert not posted.may_pass
    assert stand_in.paths() == ["/moved"]


def test_no_proxy_stands_between(
    stand_in: StandIn, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOTIFICATION_HOSTS = frozenset({"127.0.0.1"})
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert post(OpenTarget(SLACK, f"{stand_in.url}/slack/x"), body=b"{}", headers={}).delivered


@pytest.mark.django_db
def test_no_secret_is_in_a_log_a_row_or_an_error(
    configured: dict[str, Any], stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the target answers, and whatever breaks."""
    project = project_with(configured)
    caplog.set_level(logging.INFO)
    for answer in (raw(SLACK_SECRET.encode(), 400), raw(b"{}", 503), Reply(drops=True)):
        for path in ("/slack/", "/discord/", "/hook"):
            stand_in.routes[path] = partial(_always, answer)
        for target in NotificationTarget:
            send_test(project, target=target, by="command:test")
    LeadFactory.create(project=project, score=90)
    send_due(project)
    told = "".join(f"{row.error}{row.sentence}" for row in Notification.objects.all()) + caplog.text
    for secret in (SLACK_SECRET, DISCORD_SECRET, SIGNING_SECRET):
        assert secret not in told
    assert "Slack answered 400." in told
    assert SLACK_SECRET not in repr(OpenTarget(SLACK, SLACK_SECRET, SIGNING_SECRET))


def _always(answer: Reply, _asked: Asked) -> Reply:
    return answer


def problems_of(**section: Any) -> dict[str, tuple[str, str]]:
    found = check_notifications(Notifications.model_validate(section))
    return {problem.path: (problem.severity, problem.message) for problem in found}


def test_checkproject_finds_what_cannot_work() -> None:
    found = problems_of(digest="every morning", slack_webhook="hooks.slack.com/x")
    assert found["notifications.digest"][0] == "error"
    assert "hourly" in found["notifications.digest"][1]
    assert found["notifications.slack_webhook"][0] == "error"
    assert problems_of(enabled=True)["notifications.enabled"][0] == "warning"


def test_checkproject_warns_of_secrets_in_the_clear_and_not_of_variables() -> None:
    found = problems_of(
        slack_webhook="https://hooks.slack.com/services/T0", webhook={"url": "https://a.example/x", "secret": "s"}
    )
    assert {path: severity for path, (severity, _) in found.items()} == {
        "notifications.slack_webhook": "warning",
        "notifications.webhook.secret": "warning",
    }
    assert problems_of(enabled=True, slack_webhook="${SLACK}", digest="daily 08:00") == {}


def test_a_section_may_name_one_target_alone(configured: dict[str, Any]) -> None:
    assert set(only(configured, "webhook")) == {"enabled", "min_score_to_notify", "webhook"}
