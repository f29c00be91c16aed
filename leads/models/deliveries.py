import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.models import Account
from signalops_site.core.models import Project

from .drafts import Draft, DraftStatus


class DeliveryKind(models.TextChoices):
    REPLY = "reply"
    FOLLOW_UP = "follow_up", "Follow-up"
    DM = "dm", "Direct message"


class DeliveryMode(models.TextChoices):
    """By the platform's API, or by a person in the platform's own reply box."""

    API = "api", "API"
    ASSISTED = "assisted"


class DeliveryStatus(models.TextChoices):
    """`unknown`: it may be there or not, and nothing is sent again before that is found out."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


COUNTED = (DeliveryStatus.CLAIMED, DeliveryStatus.SENT, DeliveryStatus.UNKNOWN)
"""What caps and the cool-down count: what has left, and what may have."""
SHOWN = tuple(status for status in DeliveryStatus if status != DeliveryStatus.CANCELLED)
"""What stands in the place of an approved draft's own status. One that was cancelled is merely approved again."""
SHOWN_STATUSES = [*DraftStatus.choices, *((status.value, status.label) for status in SHOWN)]
"""A draft's state and its delivery's as one: what the API shows."""


class Delivery(models.Model):
    """A draft on its way out. There is one row for a draft, which is how it leaves at most once.

    The row outlives its draft, so that caps and the cool-down hold when posts are deleted by their age.
    """

    draft = models.OneToOneField(Draft, null=True, on_delete=models.SET_NULL, related_name="delivery")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="+", help_text="as whom it was claimed"
    )
    platform = models.CharField(max_length=32)
    author_digest = models.CharField(
        max_length=64, blank=True, help_text="keyed: tells the same author again, and names nobody"
    )
    kind = models.CharField(max_length=16, choices=DeliveryKind.choices, default=DeliveryKind.REPLY)
    mode = models.CharField(max_length=16, choices=DeliveryMode.choices)
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.QUEUED)
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="the idempotency key of every attempt"
    )
    override_reason = models.CharField(
        max_length=500, blank=True, help_text="why its author is answered before the cool-down is over"
    )
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who sent it"
    )
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        default=timezone.now,
        help_text="when something is next done: it is sent, its worker taken for lost, or it is looked for",
    )
    claimed_by = models.CharField(max_length=100, blank=True, help_text="the process (or person) that has it")
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often the platform was asked to take it")
    checks = models.PositiveSmallIntegerField(default=0, help_text="how often it was looked for in vain")
    sent_at = models.DateTimeField(null=True)
    platform_post_id = models.CharField(max_length=200, blank=True, help_text="what the platform calls our reply")
    url = models.CharField(max_length=1000, blank=True)
    error = models.TextField(blank=True, help_text="why it is not sent (yet)")
    looked_at = models.DateTimeField(null=True, help_text="when its platform was last asked what came of it")
    gone_at = models.DateTimeField(null=True, help_text="when its platform said that our reply is there no more")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"),
            models.CheckConstraint(condition=Q(kind__in=DeliveryKind.values), name="delivery_kind_known"),
            models.CheckConstraint(condition=Q(mode__in=DeliveryMode.values), name="delivery_mode_known"),
            models.CheckConstraint(
                condition=~Q(status__in=COUNTED) | Q(claimed_at__isnull=False), name="delivery_counted_is_claimed"
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "status", "due_at"], name="delivery_due"),
            models.Index(
                fields=["project", "claimed_at"], condition=Q(status__in=COUNTED), name="delivery_for_caps"
            ),
            models.Index(
                fields=["author_digest", "claimed_at"], condition=Q(status__in=COUNTED), name="delivery_to_author"
            ),
            models.Index(
                fields=["platform", "platform_post_id"], condition=~Q(platform_post_id=""), name="delivery_by_post"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} ({self.status})"
