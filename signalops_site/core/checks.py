"""System checks: a bad combination of settings stops `manage.py check`, not a run at night.

signalops.E001  a queue's timeout is not shorter than its redelivery
signalops.E002  tasks taken in bulk would be redelivered while they wait
signalops.E003  the queue is not in the database
signalops.E004  missed schedules would all be caught up at once
signalops.E005  a failing task would be tried for ever
signalops.E006  a run's lease is too short for its heartbeat
signalops.E007  the keys that encrypt secrets are none
signalops.E008  the clusters are not those that jobs are sent to
signalops.E009  a worker was started for a cluster that does not exist
signalops.E010  a worker would take several runs at once
signalops.E011  a run would be killed before it hands itself on
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from .jobs import Cluster
from .secrets import check_keys

BROKER = "signalops_site.core.broker.DatabaseBroker"


def check_queues(**_: object) -> list[CheckMessage]:
    """Every django-q cluster: the main one, and ALT_CLUSTERS, which inherit from it."""
    return [error for name, queue in _queues(settings.Q_CLUSTER) for error in _problems_of(name, queue)]


def check_clusters(**_: object) -> list[CheckMessage]:
    """The clusters of the settings are those of `jobs.Cluster`; the one that this process is to be is there."""
    named = [name for name, _ in _queues(settings.Q_CLUSTER)]
    return [*_strange_clusters(named), *_strange_name(named), *_greedy_runs(settings.Q_CLUSTER)]


def _strange_clusters(named: list[str]) -> Iterator[CheckMessage]:
    if sorted(named) != sorted(Cluster):
        hint = f"Q_CLUSTER and its ALT_CLUSTERS are {', '.join(Cluster)}: `jobs.enqueue` sends to these."
        yield Error(f"The clusters are {', '.join(named)}.", hint=hint, id="signalops.E008")


def _strange_name(named: list[str]) -> Iterator[CheckMessage]:
    asked = os.environ.get("Q_CLUSTER_NAME", "")
    if asked and asked not in named:
        hint = f"Q_CLUSTER_NAME is one of {', '.join(named)}; without it, {named[0]}."
        yield Error(f"There is no cluster {asked!r}.", hint=hint, id="signalops.E009")


def _greedy_runs(queue: Mapping[str, Any]) -> Iterator[CheckMessage]:
    if queue.get("bulk", 1) != 1:
        hint = 'Set "bulk": 1 for runs: one that waits behind another is kept from workers that are free.'
        yield Error("A worker would take several runs at once.", hint=hint, id="signalops.E010")
    timeout = queue.get("timeout") or 0
    if not 0 < 2 * settings.RUN_YIELD_SECONDS <= timeout:
        hint = "RUN_YIELD_SECONDS is above 0 and at most half the timeout of runs: a batch may take a while."
        yield Error(
            f"A run would be killed after {timeout} s, and hands itself on after {settings.RUN_YIELD_SECONDS} s.",
            hint=hint,
            id="signalops.E011",
        )


def check_lease(**_: object) -> list[CheckMessage]:
    if settings.RUN_LEASE_SECONDS > 2 * settings.RUN_HEARTBEAT_SECONDS:
        return []
    hint = "Make RUN_LEASE_SECONDS more than twice RUN_HEARTBEAT_SECONDS: one late beat must not lose a run."
    return [Error("A run would be taken over while it is alive.", hint=hint, id="signalops.E006")]


def check_encryption_keys(**_: object) -> list[CheckMessage]:
    try:
        check_keys()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="signalops.E007")]
    return []


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
    if queue.get("orm") != "default" or queue.get("broker_class") != BROKER:
        hint = f'Set "orm": "default" and "broker_class": "{BROKER}"; others lose a task when its worker dies.'
        yield Error(f"Queue {name!r} is not in the database.", hint=hint, id="signalops.E003")
    if queue.get("catch_up", True):
        yield Error(f"Queue {name!r} catches up.", hint='Set "catch_up": False.', id="signalops.E004")
    if not queue.get("max_attempts"):
        hint = 'Set "max_attempts" to a small number; 0 is for ever.'
        yield Error(f"Queue {name!r} never gives a task up.", hint=hint, id="signalops.E005")
