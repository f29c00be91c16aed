from django.conf import settings
from django.db import models

from signalops_site.core.models import Project

from ..judges.base import Label
from .notifications import Notification
from .posts import Post


class LeadStage(models.TextChoices):
    """How far the pipeline has taken a lead. Each stage picks up the leads that the one before it left.

    Whatever its stage was, the lead of a post that is gone at its platform is `gone`, where nothing picks it up.
    """

    COLLECTED = "collected"
    FILTERED = "filtered"
    NORMALIZED = "normalized"
    JUDGED = "judged"
    SCORED = "scored"
    DRAFTED = "drafted"
    REVIEWED = "reviewed"
    GONE = "gone"


class Lead(models.Model):
    """A post as one project sees it. Label, confidence and score are copied here so that lists are fast."""

    # An index of its own would only cost writes: constraints and indexes below start with it.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="leads", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="leads")
    stage = models.CharField(max_length=16, choices=LeadStage.choices, default=LeadStage.COLLECTED)
    filter_reason = models.CharField(max_length=200, blank=True)
    copy_of = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="copies",
        db_index=False,
        help_text="the lead whose text this one repeats; that one stands for both",
    )
    label = models.CharField(max_length=16, choices=Label.choices, blank=True)
    confidence = models.FloatField(default=0)
    labelled_by_human = models.BooleanField(default=False)
    score = models.FloatField(default=0, help_text="0-100; 0 until scored, so that lists never sort by NULL")
    scored_at = models.DateTimeField(null=True)
    weighed_for_draft = models.BooleanField(
        default=False, help_text="it had its chance among the best of a run; a new score gives it another"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="assigned_leads"
    )
    snoozed_until = models.DateTimeField(null=True, help_text="put off: in no list before then")
    note = models.TextField(blank=True, help_text="what people want to remember of it; found by search")
    error = models.TextField(blank=True, help_text="why the last attempt at the next stage failed")
    error_stage = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "post"], name="lead_once_per_project"),
            models.CheckConstraint(condition=models.Q(stage__in=LeadStage.values), name="lead_stage_known"),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=100), name="lead_score_within_0_and_100"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1),
                name="lead_confidence_within_0_and_1",
            ),
            models.CheckConstraint(
                condition=models.Q(copy_of__isnull=True) | models.Q(stage=LeadStage.FILTERED),
                name="lead_copies_are_filtered",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-score", "-id", "copy_of"], name="lead_by_score"),
            models.Index(fields=["project", "-created_at", "-id", "label", "copy_of"], name="lead_by_age"),
            models.Index(fields=["project", "stage", "id"], name="lead_by_stage"),
            models.Index(fields=["project", "label", "-score", "-id"], name="lead_by_label"),
            models.Index(
                fields=["project", "-score"],
                condition=models.Q(stage="scored", weighed_for_draft=False),
                name="lead_to_weigh_for_draft",
            ),
            models.Index(
                fields=["project", "snoozed_until"],
                condition=models.Q(snoozed_until__isnull=False),
                name="lead_snoozed",
            ),
            models.Index(fields=["copy_of"], condition=models.Q(copy_of__isnull=False), name="lead_copies"),
        ]

    def __str__(self) -> str:
        return f"lead {self.pk} of {self.project}"


class Fingerprint(models.Model):
    """What copies of an original are found by (`near_duplicates.Keys`).

    Only leads that passed the filters have one: however many copies of a text there are, a batch reads its
    originals alone. A key that too many originals share is left out of the later ones (`pipeline/copies.py`).
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="fingerprint")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    exact = models.CharField(max_length=32)
    head = models.BigIntegerField(null=True)
    band_1 = models.BigIntegerField(null=True)
    band_2 = models.BigIntegerField(null=True)
    band_3 = models.BigIntegerField(null=True)
    band_4 = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "exact"], name="fingerprint_exact"),
            models.Index(fields=["project", "head"], name="fingerprint_head"),
            *(
                models.Index(fields=["project", f"band_{number}"], name=f"fingerprint_band_{number}")
                for number in range(1, 5)
            ),
        ]

    def __str__(self) -> str:
        return f"fingerprint of lead {self.lead_id}"


class LeadQuery(models.Model):
    """Which of the project's queries found a lead."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="queries", db_index=False)
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "label"], name="lead_query_once")]
        indexes = [models.Index(fields=["label", "lead"], name="lead_query_by_label")]

    def __str__(self) -> str:
        return self.label


class NotificationLog(models.Model):
    """A lead is announced once per target. The target `dashboard` is the `new_lead` event; the others have the
    message in which they are told of it.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    target = models.CharField(max_length=64)
    notification = models.ForeignKey(
        Notification, null=True, on_delete=models.SET_NULL, related_name="logs", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "target"], name="notified_once_per_target")]
        indexes = [
            models.Index(
                fields=["notification"],
                condition=models.Q(notification__isnull=False),
                name="notified_in_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} -> {self.target}"
