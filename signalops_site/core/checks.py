"""System checks: a bad combination of settings stops `manage.py check`, not a run at night.

signalops.E001  a queue's timeout is not shorter than its redelivery
signalops.E002  tasks taken in bulk would be redelivered while they wait
signalops.E003  the queue is not in the database
signalops.E004  missed schedules would all be caught up at once
signalops.E005  a failing task would be tried for ever
signalops.E006  a run's lease is too short for its heartbeat
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_queues(**_: object) -> list[CheckMessage]:
    """Every django-q cluster: the main one, and ALT_CLUSTERS, which inherit from it."""
    return [error for name, queue in _queues(settings.Q_CLUSTER) for error in _problems_of(name, queue)]


def check_lease(**_: object) -> list[CheckMessage]:
    if settings.RUN_LEASE_SECONDS > 2 * settings.RUN_HEARTBEAT_SECONDS:
        return []
    hint = "Make RUN_LEASE_SECONDS more than twice RUN_HEARTBEAT_SECONDS: one late beat must not lose a run."
    return [Error("A run would be taken over while it is alive.", hint=hint, id="signalops.E006")]


def _queues(cluster: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    main = {key: value for key, value in cluster.items() if key != "ALT_CLUSTERS"}
    yield str(main.get("name", "default")), main
    for name, own in cluster.get("ALT_CLUSTERS", {}).items():
        yield name, {**main, **own}


def _problems_of(name: str, queue: Mapping[str, Any]) -> Iterator[CheckMessage]:
    timeout, retry = queue.get("timeout"), queue.get("retry", 60)
    if timeout is None or timeout >= retry:
        hint = "Set `timeout` (seconds) below `retry`, or a task starts again while it still runs."
        yield Error(
            f"Queue {name!r}: timeout {timeout} is not below retry {retry}.", hint=hint, id="signalops.E001"
        )
    elif queue.get("bulk", 1) * timeout >= retry:
        hint = "The redelivery clock starts when a task is taken: keep bulk x timeout below retry."
        yield Error(
            f"Queue {name!r}: bulk {queue['bulk']} outlasts retry {retry}.", hint=hint, id="signalops.E002"
        )
    if not queue.get("orm"):
        hint = 'Set "orm": "default"; the Redis broker loses a task when its worker dies.'
        yield Error(f"Queue {name!r} is not in the database.", hint=hint, id="signalops.E003")
    if queue.get("catch_up", True):
        yield Error(f"Queue {name!r} catches up.", hint='Set "catch_up": False.', id="signalops.E004")
    if not queue.get("max_attempts"):
        hint = 'Set "max_attempts" to a small number; 0 is for ever.'
        yield Error(f"Queue {name!r} never gives a task up.", hint=hint, id="signalops.E005")
