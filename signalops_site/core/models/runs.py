from django.conf import settings
from django.db import models

from .projects import Project, ProjectConfigVersion


class RunStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def live(cls) -> list[str]:
        return [cls.QUEUED.value, cls.RUNNING.value]


class Run(models.Model):
    """One walk of the pipeline. The lease (holder and heartbeat) keeps it to one live run per kind."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=32, default="pipeline")
    trigger = models.CharField(max_length=16, help_text="command, api, schedule or admin")
    status = models.CharField(max_length=16, choices=RunStatus.choices, default=RunStatus.QUEUED)
    config_version = models.ForeignKey(ProjectConfigVersion, on_delete=models.PROTECT, related_name="runs")
    options = models.JSONField(default=dict, help_text="stages, limit, refresh and since, as asked for")
    stages = models.JSONField(default=dict, help_text="stage -> done, failed, skipped, seconds")
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lease_holder = models.CharField(max_length=120, blank=True, help_text="host:pid:token of the process")
    refreshed_at = models.DateTimeField(null=True, blank=True, help_text="leads to redo were sent back, once")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    takeovers = models.PositiveSmallIntegerField(default=0, help_text="times in a row that its process was lost")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"],
                condition=models.Q(status__in=["queued", "running"]),
                name="run_one_live_per_kind",
            ),
            models.CheckConstraint(condition=models.Q(status__in=RunStatus.values), name="run_status_known"),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="run_by_project")]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.project}"

    @property
    def is_live(self) -> bool:
        return self.status in RunStatus.live()


class RunEvent(models.Model):
    """What the dashboard is told, in order. Rows are the truth; sockets only replay and follow them."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=32)
    stage = models.CharField(max_length=32, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    detail = models.JSONField(default=dict, help_text="ids, counts and sentences; never a post's text")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "seq"]
        constraints = [models.UniqueConstraint(fields=["project", "seq"], name="run_event_seq_once")]

    def __str__(self) -> str:
        return f"{self.type} {self.seq}"


class EventSequence(models.Model):
    """The last number given out for a project's events, locked while one is given out."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="event_sequence")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.project}: {self.last}"
