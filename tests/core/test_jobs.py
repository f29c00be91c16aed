"""Jobs reach their cluster, with the rows that they are about; clusters are seen from every process."""

import os
import socket
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.status import Status

from signalops_site.core import jobs
from signalops_site.core.beat import TASK
from signalops_site.core.broker import DatabaseBroker
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import WorkerCluster

pytestmark = pytest.mark.django_db


def test_a_job_goes_to_the_cluster_for_short_jobs_unless_another_is_named() -> None:
    enqueue(TASK)
    enqueue(TASK, cluster=Cluster.RUNS)
    assert [job.key for job in OrmQ.objects.order_by("pk")] == ["short", "runs"]


def test_a_short_job_that_fails_is_tried_again_and_a_run_keeps_its_own_account() -> None:
    enqueue(TASK, cluster=Cluster.SHORT, keep_result=False)
    enqueue(TASK, cluster=Cluster.RUNS, run_id=7)
    short, run = OrmQ.objects.order_by("pk")
    assert (short.task["ack_failure"], short.task["save"]) == (False, False)
    assert (run.task["ack_failure"], run.task["save"], run.task["kwargs"]) == (True, True, {"run_id": 7})


@pytest.mark.parametrize("name", ["signalops_site.core.tasks.heartbeat", "no.such.module", "beat"])
def test_a_name_that_leads_nowhere_is_refused_at_once(name: str) -> None:
    with pytest.raises(ImportError):
        enqueue(name)
    assert not OrmQ.objects.exists()


def test_an_unknown_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        enqueue(TASK, cluster="elsewhere")  # type: ignore[arg-type]
    assert not OrmQ.objects.exists()


def test_a_job_is_rolled_back_with_the_rows_that_it_is_about() -> None:
    with transaction.atomic():
        enqueue(TASK)
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()


def test_what_waits_and_what_is_taken_is_counted_per_cluster() -> None:
    for _ in range(3):
        enqueue(TASK, cluster=Cluster.RUNS)
    OrmQ.objects.filter(pk=OrmQ.objects.order_by("pk")[0].pk).update(lock=timezone.now() + timedelta(hours=1))
    runs, short = jobs.clusters()
    assert (runs.name, runs.waiting, runs.taken) == (Cluster.RUNS, 2, 1)
    assert (short.name, short.waiting, short.taken, short.running, short.last_seen) == ("short", 0, 0, 0, None)


# ---------------------------------------------------------------- signs of life


def tell(broker: DatabaseBroker, status: str) -> None:
    """What the guard of a cluster does each second."""
    stat = Status(os.getpid(), "one")
    stat.status = status
    broker.set_stat("django_q:runs:cluster:one", SignedPackage.dumps(stat, True), 3)


def test_a_cluster_tells_that_it_is_there_that_it_stops_and_that_it_is_gone() -> None:
    broker = DatabaseBroker("runs")
    tell(broker, Conf.STARTING)
    runs, _ = jobs.clusters()
    row = WorkerCluster.objects.get()
    assert (runs.running, row.host, row.pid, row.stopping) == (1, socket.gethostname(), os.getpid(), False)
    tell(broker, Conf.STOPPING)
    row.refresh_from_db()
    assert row.stopping
    tell(broker, Conf.STOPPED)
    assert not WorkerCluster.objects.exists()


def test_a_sign_of_life_is_not_written_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = DatabaseBroker("runs")
    tell(broker, Conf.IDLE)
    long_ago = timezone.now() - timedelta(minutes=5)
    WorkerCluster.objects.update(seen_at=long_ago)
    tell(broker, Conf.WORKING)
    assert WorkerCluster.objects.get().seen_at == long_ago
    monkeypatch.setattr("signalops_site.core.broker.SEEN_EVERY", 0.0)
    tell(broker, Conf.WORKING)
    assert WorkerCluster.objects.get().seen_at > long_ago


def test_a_silent_cluster_is_not_counted_and_in_the_end_forgotten() -> None:
    now = timezone.now()
    ages = {1: timedelta(seconds=10), 2: timedelta(minutes=2), 3: timedelta(days=2)}
    for pid, age in ages.items():
        WorkerCluster.objects.create(name="runs", host="far", pid=pid, started_at=now, seen_at=now - age)
    assert jobs.clusters()[0].running == 1
    tell(DatabaseBroker("runs"), Conf.IDLE)
    assert set(WorkerCluster.objects.filter(host="far").values_list("pid", flat=True)) == {1, 2}
    assert jobs.clusters()[0].running == 2


def test_a_new_cluster_is_not_taken_for_one_that_stopped_under_its_number() -> None:
    now = timezone.now()
    WorkerCluster.objects.create(
        name="short", host=socket.gethostname(), pid=os.getpid(), started_at=now, seen_at=now, stopping=True
    )
    tell(DatabaseBroker("runs"), Conf.IDLE)
    assert list(WorkerCluster.objects.values_list("name", "stopping")) == [("runs", False)]


def test_a_worker_learns_that_its_cluster_stops() -> None:
    assert not jobs.is_stopping()
    now = timezone.now()
    mine = {"name": "runs", "host": socket.gethostname(), "pid": os.getppid()}
    row = WorkerCluster.objects.create(**mine, started_at=now, seen_at=now)
    assert not jobs.is_stopping()
    WorkerCluster.objects.filter(pk=row.pk).update(stopping=True)
    assert jobs.is_stopping()
    WorkerCluster.objects.filter(pk=row.pk).update(host="elsewhere")
    assert not jobs.is_stopping()
