from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings as SettingsWrapper

from signalops_site.core.checks import BROKER, check_clusters, check_lease, check_queues

GOOD: dict[str, Any] = {
    "name": "runs",
    "orm": "default",
    "broker_class": BROKER,
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
        ({"broker_class": "django_q.brokers.redis_broker.Redis"}, ["signalops.E003"]),
        ({"catch_up": True}, ["signalops.E004"]),
        ({"max_attempts": 0}, ["signalops.E005"]),
        ({"ALT_CLUSTERS": {"short": {"bulk": 20, "timeout": 30}}}, ["signalops.E002"]),
        ({"ALT_CLUSTERS": {"short": {"bulk": 20, "timeout": 4}}}, []),
    ],
)
def test_a_bad_queue_has_an_id(settings: SettingsWrapper, changes: dict[str, Any], expected: list[str]) -> None:
    settings.Q_CLUSTER = GOOD | changes
    assert [message.id for message in check_queues()] == expected


SHORT: dict[str, Any] = {"short": {"bulk": 20, "timeout": 4}}


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, "", []),
        ({}, "short", []),
        ({}, "runs", []),
        ({}, "shrot", ["signalops.E009"]),
        ({"ALT_CLUSTERS": {}}, "", ["signalops.E008"]),
        ({"ALT_CLUSTERS": {**SHORT, "more": {}}}, "", ["signalops.E008"]),
        ({"name": "default"}, "", ["signalops.E008"]),
        ({"bulk": 2}, "", ["signalops.E010"]),
        ({"timeout": 39}, "", ["signalops.E011"]),
        ({"timeout": None}, "", ["signalops.E011"]),
    ],
)
def test_clusters_that_do_not_fit_have_an_id(
    settings: SettingsWrapper,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    asked: str,
    expected: list[str],
) -> None:
    settings.RUN_YIELD_SECONDS = 20
    settings.Q_CLUSTER = GOOD | {"ALT_CLUSTERS": SHORT} | changes
    monkeypatch.setenv("Q_CLUSTER_NAME", asked)
    assert [message.id for message in check_clusters()] == expected


def test_a_run_that_never_works_is_refused(settings: SettingsWrapper) -> None:
    settings.RUN_YIELD_SECONDS = 0
    assert [message.id for message in check_clusters()] == ["signalops.E011"]


def test_a_lease_outlasts_a_late_heartbeat(settings: SettingsWrapper) -> None:
    settings.RUN_HEARTBEAT_SECONDS, settings.RUN_LEASE_SECONDS = 2.0, 4.0
    assert [message.id for message in check_lease()] == ["signalops.E006"]
    settings.RUN_LEASE_SECONDS = 4.1
    assert check_lease() == []


def test_our_own_settings_pass() -> None:
    assert configured.Q_CLUSTER["name"] == "runs"
    assert [*check_queues(), *check_clusters(), *check_lease()] == []
