"""Which workers are alive, and what happens every minute."""

from django.contrib import admin

from ..models import BeatJob, WorkerCluster
from .base import ReadOnlyAdmin
from .display import Shown, block_of


@admin.register(WorkerCluster)
class WorkerClusterAdmin(ReadOnlyAdmin):
    list_display = ("name", "host", "pid", "started_at", "seen_at", "stopping")
    fields = ("name", "host", "pid", "started_at", "seen_at", "stopping")


@admin.register(BeatJob)
class BeatJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "seconds", "failing_since")
    fields = ("name", "started_at", "seconds", "failing_since", "failure")

    @admin.display(description="error")
    def failure(self, job: BeatJob) -> Shown:
        return block_of(job.error)
