"""The model registry, the experiments in which two models judge side by side, and what each of them said."""

from decimal import Decimal

from django.db import models

from signalops_site.core.models import Project

from .labels import Label


class ModelType(models.TextChoices):
    JUDGE = "judge"
    DRAFTER = "drafter"


class ModelVersion(models.Model):
    """The registry: every model that ever judged or drafted, registered on first use.

    An id has one entry for each type in each project, and one for all projects.
    """

    model_id = models.CharField(max_length=256)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, help_text="empty: for every project"
    )
    provider = models.CharField(max_length=32)
    model_type = models.CharField(max_length=32, choices=ModelType.choices)
    display_name = models.CharField(max_length=256, blank=True)
    base_model = models.CharField(max_length=128, blank=True)
    training_file = models.CharField(max_length=512, blank=True)
    training_examples = models.PositiveIntegerField(null=True, blank=True)
    version = models.CharField(max_length=64, blank=True)
    deployed_at = models.DateTimeField(auto_now_add=True, help_text="when it was registered or last activated")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="out of service for good")
    is_active = models.BooleanField(default=False)
    metrics = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "model_registry"
        constraints = [
            models.UniqueConstraint(
                fields=["model_id", "model_type", "project"],
                condition=models.Q(project__isnull=False),
                name="model_one_entry_per_project_and_type",
            ),
            models.UniqueConstraint(
                fields=["model_id", "model_type"],
                condition=models.Q(project__isnull=True),
                name="model_one_global_entry_per_type",
            ),
            models.UniqueConstraint(
                fields=["project", "model_type"],
                condition=models.Q(is_active=True, project__isnull=False),
                name="model_one_active_per_project_and_type",
            ),
            models.UniqueConstraint(
                fields=["model_type"],
                condition=models.Q(is_active=True, project__isnull=True),
                name="model_one_global_active_per_type",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_active=True, retired_at__isnull=False), name="model_retired_is_not_active"
            ),
        ]

    def __str__(self) -> str:
        return self.model_id


class Variant(models.TextChoices):
    PRIMARY = "primary"
    CANARY = "canary"


class ExperimentMode(models.TextChoices):
    CANARY = "canary", "Canary: each author has one of the two"
    SHADOW = "shadow", "Shadow: the primary decides, the canary is only recorded"


class ExperimentStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"


class ExperimentMetric(models.TextChoices):
    AGREEMENT = "agreement", "Agreement with people about what is relevant"


class Verdict(models.TextChoices):
    CANARY_BETTER = "canary_better", "Canary better"
    PRIMARY_BETTER = "primary_better", "Primary better"
    EQUIVALENT = "equivalent", "Equivalent within the margin"
    KEEP_GOING = "keep_going", "Keep going"
    BROKEN = "broken", "Broken"


class Experiment(models.Model):
    """Two models side by side. Models are named by their registry ids, so that a row reads by itself."""

    experiment_id = models.CharField(max_length=64, unique=True, help_text="part of the hash that assigns authors")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="experiments")
    primary_model = models.CharField(max_length=256)
    canary_model = models.CharField(max_length=256)
    canary_pct = models.FloatField(help_text="share of authors whose posts the canary judges, between 0 and 1")
    mode = models.CharField(max_length=16, choices=ExperimentMode.choices, default=ExperimentMode.SHADOW)
    status = models.CharField(max_length=16, choices=ExperimentStatus.choices, default=ExperimentStatus.ACTIVE)
    hypothesis = models.TextField(blank=True, max_length=2000)
    metric = models.CharField(max_length=32, choices=ExperimentMetric.choices, default=ExperimentMetric.AGREEMENT)
    margin = models.FloatField(help_text="difference in agreement that makes no difference to anybody")
    max_n = models.PositiveIntegerField(help_text="planned number of labels that decide")
    salt = models.CharField(max_length=32)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=32, choices=Verdict.choices, blank=True, help_text="when it ended")
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "ab_experiments"
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(status=ExperimentStatus.ACTIVE),
                name="experiment_one_active_per_project",
            ),
            models.CheckConstraint(
                condition=models.Q(canary_pct__gt=0, canary_pct__lt=1), name="experiment_canary_pct_within_0_and_1"
            ),
            models.CheckConstraint(
                condition=~models.Q(primary_model=models.F("canary_model")), name="experiment_of_two_models"
            ),
            models.CheckConstraint(
                condition=models.Q(margin__gt=0, margin__lt=1), name="experiment_margin_within_0_and_1"
            ),
            models.CheckConstraint(condition=models.Q(max_n__gt=0), name="experiment_max_n_is_positive"),
            models.CheckConstraint(
                condition=models.Q(status=ExperimentStatus.COMPLETED, ended_at__isnull=False)
                | (~models.Q(status=ExperimentStatus.COMPLETED) & models.Q(ended_at__isnull=True)),
                name="experiment_completed_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.experiment_id


class AbResult(models.Model):
    """What one arm said of one subject, or why it could not. A subject is what the floor above judges (`lead:12`).

    Labels that people gave stand on each row of the subject; those of the blind lane, which nobody's score or
    draft has coloured, are kept apart, since only they feed the tests of quality.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="results", db_index=False)
    subject = models.CharField(max_length=64)
    author_digest = models.CharField(
        max_length=16, help_text="the author's place in the assignment, 16 hex digits"
    )
    variant = models.CharField(max_length=16, choices=Variant.choices)
    model_used = models.CharField(max_length=256)
    label = models.CharField(max_length=16, choices=Label.choices, blank=True)
    confidence = models.FloatField(default=0.0)
    latency_ms = models.FloatField(default=0.0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    failure = models.CharField(max_length=200, blank=True, help_text="why there is no label")
    attempts = models.PositiveSmallIntegerField(default=1)
    human_label = models.CharField(max_length=16, choices=Label.choices, blank=True)
    blind_label = models.CharField(max_length=16, choices=Label.choices, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ab_results"
        constraints = [
            models.UniqueConstraint(fields=["experiment", "subject", "variant"], name="ab_result_one_per_arm"),
            models.CheckConstraint(
                condition=(models.Q(label="") & ~models.Q(failure=""))
                | (models.Q(failure="") & ~models.Q(label="")),
                name="ab_result_is_a_label_or_a_failure",
            ),
        ]
        indexes = [models.Index(fields=["subject"], name="ab_result_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.variant}: {self.label or 'failed'}"
