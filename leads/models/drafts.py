from django.conf import settings
from django.db import models

from experiments.models import ModelVersion
from signalops_site.core.models import Run

from .leads import Lead


class DraftStatus(models.TextChoices):
    """A draft's own states end at the decision; `edited` is approved with changes."""

    PENDING = "pending"
    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Draft(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="drafts")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    text_generated = models.TextField()
    text_final = models.TextField(blank=True, help_text="what was approved; empty until then")
    tone = models.CharField(max_length=200, blank=True)
    template_used = models.CharField(max_length=64, blank=True)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    prompt = models.TextField(blank=True, help_text="what the drafter was asked, for preference pairs")
    status = models.CharField(max_length=16, choices=DraftStatus.choices, default=DraftStatus.PENDING)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reject_reason = models.CharField(max_length=500, blank=True)
    better_text = models.TextField(blank=True, help_text="what the reviewer would have written instead")
    seconds_spent = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(status="pending"), name="draft_one_open_per_lead"
            ),
            models.CheckConstraint(condition=models.Q(status__in=DraftStatus.values), name="draft_status_known"),
        ]
        indexes = [models.Index(fields=["status", "lead"], name="draft_by_status")]

    def __str__(self) -> str:
        return f"draft {self.pk} ({self.status})"


class DecisionKind(models.TextChoices):
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    LABEL = "label"
    BLIND = "blind"
    SNOOZE = "snooze"
    WAKE = "wake"
    ASSIGN = "assign"


class Decision(models.Model):
    """One act of review, with the state before and after it: what undo walks back."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="decisions")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=DecisionKind.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    seconds_spent = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="decision_by_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} {self.draft_id or self.lead_id}"
