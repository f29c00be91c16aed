"""Targets that are real HTTP servers on this machine's loopback, which the operator allows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings as SettingsWrapper

from leads.models import Notification
from leads.notifying.outbox import send_due
from signalops_site.core.models import Project
from tests.connectors.standin import StandIn, reply, running
from tests.factories import ProjectFactory, document

SLACK_SECRET, DISCORD_SECRET, SIGNING_SECRET = "T0-very-secret-slack", "very-secret-discord", "very-secret-key"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running() as server:
        for path in ("/slack/", "/discord/", "/hook"):
            server.routes[path] = lambda _asked: reply({"ok": True})
        yield server


@pytest.fixture
def configured(stand_in: StandIn, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The section `notifications` with all three targets at the stand-in, by variables as it should be."""
    values = {
        "N_SLACK": f"{stand_in.url}/slack/{SLACK_SECRET}",
        "N_DISCORD": f"{stand_in.url}/discord/{DISCORD_SECRET}",
        "N_SECRET": SIGNING_SECRET,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings.CONFIG_ENV_ALLOW = frozenset(values)
    settings.NOTIFICATION_HOSTS = frozenset({"127.0.0.1"})
    return {
        "enabled": True,
        "min_score_to_notify": 60,
        "slack_webhook": "${N_SLACK}",
        "discord_webhook": "${N_DISCORD}",
        "webhook": {"url": f"{stand_in.url}/hook", "secret": "${N_SECRET}"},
    }


@pytest.fixture
def told(configured: dict[str, Any], db: None) -> Project:
    """A project that tells all three targets."""
    return project_with(configured)


def project_with(notifications: dict[str, Any], *, slug: str = "tidewater") -> Project:
    return ProjectFactory.create(
        slug=slug, document=document(project_id=slug, notifications=notifications), name="Tidewater"
    )


def only(configured: dict[str, Any], *names: str, **changes: Any) -> dict[str, Any]:
    """The section with these targets alone."""
    others = {"slack_webhook", "discord_webhook", "webhook"} - set(names)
    return {name: value for name, value in configured.items() if name not in others} | changes


def bodies(stand_in: StandIn, path: str) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in stand_in.asked if asked.path.startswith(path)]


def send_again(project: Project) -> dict[str, int]:
    """As when the next try has come."""
    for message in Notification.objects.filter(project=project, status="waiting"):
        Notification.objects.filter(pk=message.pk).update(next_try_at=message.waiting_since)
    return send_due(project)
