from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings as SettingsWrapper

from signalops_site.core.checks import check_lease, check_queues

GOOD: dict[str, Any] = {
    "name": "runs",
    "orm": "default",
    "bulk": 1,
    "timeout": 60,
    "retry": 90,
    "max_attempts": 3,
    "catch_up": False,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"timeout": 90}, ["signalops.E001"]),
        ({"timeout": None}, ["signalops.E001"]),
        ({"bulk": 2}, ["signalops.E002"]),
        ({"bulk": 2, "retry": 121}, []),
        ({"orm": None}, ["signalops.E003"]),
        ({"catch_up": True}, ["signalops.E004"]),
        ({"max_attempts": 0}, ["signalops.E005"]),
        ({"ALT_CLUSTERS": {"short": {"bulk": 20, "timeout": 30}}}, ["signalops.E002"]),
        ({"ALT_CLUSTERS": {"short": {"bulk": 20, "timeout": 4}}}, []),
    ],
)
def test_a_bad_queue_has_an_id(settings: SettingsWrapper, changes: dict[str, Any], expected: list[str]) -> None:
    settings.Q_CLUSTER = GOOD | changes
    assert [message.id for message in check_queues()] == expected


def test_a_lease_outlasts_a_late_heartbeat(settings: SettingsWrapper) -> None:
    settings.RUN_HEARTBEAT_SECONDS, settings.RUN_LEASE_SECONDS = 2.0, 4.0
    assert [message.id for message in check_lease()] == ["signalops.E006"]
    settings.RUN_LEASE_SECONDS = 4.1
    assert check_lease() == []


def test_our_own_settings_pass() -> None:
    assert configured.Q_CLUSTER["name"] == "runs"
    assert [*check_queues(), *check_lease()] == []
