"""Following up: which lead is in which sequence, its steps, and the draft that each step became.

How far a step is stands in its draft and in the delivery of that, and nowhere else.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .drafts import Draft
from .leads import Lead


class StepKind(models.TextChoices):
    """All that there is, and deliveries have the same. Likes, follows and cold messages are no steps."""

    FOLLOW_UP = "follow_up", "Follow-up"
    DM = "dm", "Direct message"


class SequenceExit(models.TextChoices):
    """Why a sequence is over."""

    FINISHED = "finished", "All steps have left"
    REPLIED = "replied", "They answered"
    NEGATIVE = "negative", "They reacted badly"
    SUPPRESSED = "suppressed", "They must not be contacted"
    REJECTED = "rejected", "A draft was rejected"
    GONE = "gone", "The post is gone"
    INACTIVE = "inactive", "The project is not active"
    NOT_WRITTEN = "not_written", "No usable draft could be written"
    STOPPED = "stopped", "A person stopped it"


class Sequence(models.Model):
    """A lead that is followed up, by one of the plans. Its steps are copies, so that a plan may change."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="sequences")
    plan = models.CharField(max_length=32)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who chose it"
    )
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="who stopped it",
    )
    exit = models.CharField(max_length=16, blank=True, choices=SequenceExit.choices)

    replied_at: datetime | None
    """When our reply left, and when the author first wrote back: only on what `standing.whole` has read."""
    wrote_at: datetime | None

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(ended_at__isnull=True), name="sequence_one_open_per_lead"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, exit="")
                | Q(ended_at__isnull=False, exit__in=SequenceExit.values),
                name="sequence_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} of lead {self.lead_id}"


class Step(models.Model):
    """What is written, and how long after the touch before it."""

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="from 1")
    kind = models.CharField(max_length=16, choices=StepKind.choices)
    wait_days = models.PositiveSmallIntegerField(
        help_text="since the touch before it left; of a message: since they wrote"
    )
    instruction = models.TextField(help_text="what a language model is told")
    wording = models.TextField(help_text="the text without a language model, as a template")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often no usable draft came of it")
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, help_text="why there is no draft yet")

    class Meta:
        ordering = ["sequence", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="step_once_per_number"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_kind_known"),
        ]

    def __str__(self) -> str:
        return f"step {self.number} of {self.sequence}"


class Touch(models.Model):
    """A step whose turn came, and its draft. A step has one at most, however many workers find it due."""

    step = models.OneToOneField(Step, on_delete=models.CASCADE, related_name="touch")
    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="touch")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "touches"

    def __str__(self) -> str:
        return f"touch {self.pk} (draft {self.draft_id})"
