"""django-q's queue in the database, which also tells there that its cluster is alive.

django-q keeps the state of its clusters in the cache, which crosses processes with Redis only. The guard of a
cluster calls `set_stat` every second, however busy the workers are; here it leaves its sign of life.
"""

import os
import socket
import time
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from .beat import start_beating
from .jobs import SEEN_EVERY, Cluster
from .models import WorkerCluster

FORGOTTEN_AFTER = timedelta(days=1)


class DatabaseBroker(ORM):
    _written_at: float | None = None
    _stopping = False

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        super().set_stat(key, value, timeout)
        status = str(SignedPackage.loads(value).status)
        if status == str(Conf.STOPPED):
            self._rows().delete()
            return
        stopping = status == str(Conf.STOPPING)
        if self._is_due(stopping):
            self._write(stopping)

    def _is_due(self, stopping: bool) -> bool:
        return (
            self._written_at is None
            or stopping != self._stopping
            or time.monotonic() - self._written_at > SEEN_EVERY
        )

    def _write(self, stopping: bool) -> None:
        now = timezone.now()
        if self._written_at is None:
            self._begin()
        self._rows().update(seen_at=now, stopping=stopping)
        self._written_at, self._stopping = time.monotonic(), stopping

    def _begin(self) -> None:
        """A new cluster: its own row, where an earlier life with the same number may have left one."""
        now = timezone.now()
        WorkerCluster.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
        self._rows().delete()
        WorkerCluster.objects.create(
            name=self.list_key, host=socket.gethostname(), pid=os.getpid(), started_at=now, seen_at=now
        )
        if self.list_key == Cluster.SHORT:
            start_beating()

    @staticmethod
    def _rows() -> "QuerySet[WorkerCluster]":
        return WorkerCluster.objects.filter(host=socket.gethostname(), pid=os.getpid())
