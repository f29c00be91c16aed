"""What people outside SignalOps are told: the outbox, which is its own log."""

import uuid

from django.db import models
from django.utils import timezone

from signalops_site.core.models import Project


class NotificationTarget(models.TextChoices):
    SLACK = "slack", "Slack"
    DISCORD = "discord", "Discord"
    WEBHOOK = "webhook", "Webhook"


class NotificationKind(models.TextChoices):
    LEADS = "leads"
    DIGEST = "digest"
    ALERT = "alert"
    TEST = "test"


class NotificationStatus(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Notification(models.Model):
    """One message for one target. What it says of leads is written when it is sent, so no post is kept in here.

    `failed` was refused or given up, and may be replayed. `dropped` had nobody to go to, or nothing to tell any
    more.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    target = models.CharField(max_length=16, choices=NotificationTarget.choices)
    kind = models.CharField(max_length=16, choices=NotificationKind.choices)
    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=32, blank=True, help_text="of an alert: what it is about")
    sentence = models.TextField(blank=True, help_text="of an alert: what it says")
    slot = models.DateTimeField(null=True, help_text="of a digest: the time that it was due at")
    status = models.CharField(
        max_length=16, choices=NotificationStatus.choices, default=NotificationStatus.WAITING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(
        default=timezone.now, help_text="from when on a worker may take it; ahead while one has it"
    )
    waiting_since = models.DateTimeField(default=timezone.now, help_text="written, or replayed")
    error = models.TextField(blank=True, help_text="why the last try failed, or why it was dropped")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "target", "slot"], name="notification_one_digest_per_slot"),
            models.CheckConstraint(
                condition=models.Q(status__in=NotificationStatus.values), name="notification_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=NotificationKind.values), name="notification_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status=NotificationStatus.SENT, sent_at__isnull=False)
                | (~models.Q(status=NotificationStatus.SENT) & models.Q(sent_at__isnull=True)),
                name="notification_sent_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="notification_by_project"),
            models.Index(
                fields=["project", "next_try_at"],
                condition=models.Q(status="waiting"),
                name="notification_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.get_target_display()}"
