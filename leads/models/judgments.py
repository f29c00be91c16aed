from django.conf import settings
from django.db import models

from experiments.models import AbResult, ModelVersion

from ..judges.base import Label
from .leads import Lead


class Judgment(models.Model):
    """What one model, with one prompt, said of one lead. A failed call is no judgment and leaves no row."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="judgments", db_index=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    prompt_version = models.CharField(max_length=64, help_text="hash of the rendered instructions")
    label = models.CharField(max_length=16, choices=Label.choices)
    confidence = models.FloatField()
    reasoning = models.TextField(blank=True)
    latency_ms = models.FloatField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    ab_result = models.ForeignKey(
        AbResult,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="what it counts as in the latest experiment that it was made or used in",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "model_version", "prompt_version"], name="judgment_once_per_model_and_prompt"
            ),
            models.CheckConstraint(condition=models.Q(label__in=Label.values), name="judgment_label_known"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1),
                name="judgment_confidence_within_0_and_1",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ab_result"], condition=models.Q(ab_result__isnull=False), name="judgment_by_ab_result"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.confidence:.2f}"


class LabelSource(models.TextChoices):
    CORRECTION = "correction"
    REVIEW = "review"
    BLIND_AUDIT = "blind_audit"
    MISSED_SAMPLE = "missed_sample"


class HumanLabel(models.Model):
    """What a person says of a lead. Of several people's labels the latest by the highest role counts."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="human_labels", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=16, choices=Label.choices)
    reason = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=16, choices=LabelSource.choices)
    role_rank = models.PositiveSmallIntegerField(default=0, help_text="of the user's role when labelling")
    sampling_probability = models.FloatField(
        null=True, help_text="how likely the lead was to be asked about; NULL: nobody drew it"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "user"], name="human_label_once_per_user"),
            models.CheckConstraint(condition=models.Q(label__in=Label.values), name="human_label_known"),
            models.CheckConstraint(
                condition=models.Q(sampling_probability__isnull=True)
                | models.Q(sampling_probability__gt=0, sampling_probability__lte=1),
                name="human_label_sampling_within_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.label}"
