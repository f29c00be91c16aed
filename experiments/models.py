from django.db import models

from signalops_site.core.models import Project


class ModelType(models.TextChoices):
    JUDGE = "judge"
    DRAFTER = "drafter"


class ModelVersion(models.Model):
    """The registry: every model that ever judged or drafted, registered on first use."""

    model_id = models.CharField(max_length=256, unique=True)
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
