from django.conf import settings
from django.db import models

from connectors.rules import Training
from leads.models import Draft, Lead
from signalops_site.core.models import Project


class PairSource(models.TextChoices):
    EDIT = "edit"
    REJECT = "reject"
    MANUAL = "manual"


class Licence(models.TextChoices):
    """What the platform's terms say of training models on its posts, as `connectors/policies.py` has it."""

    PERMITTED = Training.PERMITTED.value
    FORBIDDEN = Training.FORBIDDEN.value
    UNKNOWN = Training.UNKNOWN.value


class PreferencePair(models.Model):
    """Two answers to one prompt, of which a person preferred one: what preference training reads.

    One that came out of a decision and was removed by a person stays as a row without texts: else a backfill
    would bring it back.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="preference_pairs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preference_pairs")
    prompt = models.TextField()
    chosen_text = models.TextField()
    rejected_text = models.TextField()
    source = models.CharField(max_length=32, choices=PairSource.choices)
    platform = models.CharField(max_length=32, blank=True)
    licence = models.CharField(max_length=16, choices=Licence.choices, default=Licence.UNKNOWN)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "preference_pairs"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "source"], name="preference_pair_once"),
            models.CheckConstraint(
                condition=models.Q(licence__in=Licence.values), name="preference_pair_licence_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} pair of draft {self.draft_id}"


class ExportType(models.TextChoices):
    DPO = "dpo", "Preference pairs"


class ExportFormat(models.TextChoices):
    TRL = "trl", "TRL"
    TRL_CONVERSATIONAL = "trl-conversational", "TRL, conversational"
    OPENAI_PREFERENCE = "openai-preference", "OpenAI preference"


class ExportState(models.TextChoices):
    """`removed`: a person removed the file, or somebody whose posts it held was erased."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"


LIVE = (ExportState.QUEUED, ExportState.RUNNING)


class Export(models.Model):
    """A file for trainers: from which filter it was made, what is in it, and how to tell it from another.

    `counts` is a `training.exports.Tally` as JSON; `filters` an `ExportWish`.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    type = models.CharField(max_length=16, choices=ExportType.choices)
    format = models.CharField(max_length=32, choices=ExportFormat.choices)
    filters = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=ExportState.choices, default=ExportState.QUEUED)
    problem = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=1024, blank=True, help_text="of the file, as long as it is there")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exports"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="export_state_known")
        ]
        indexes = [models.Index(fields=["project", "-id"], name="export_of_project")]

    def __str__(self) -> str:
        return f"export {self.pk} ({self.state})"

    @property
    def filename(self) -> str:
        return f"{self.project.slug}-{self.type}-{self.format}-{self.pk}.jsonl"


class ExportedLead(models.Model):
    """Whose post stands in which export: so the file goes when the post does."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="leads")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "exported_leads"
        constraints = [models.UniqueConstraint(fields=["export", "lead"], name="exported_lead_once")]

    def __str__(self) -> str:
        return f"lead {self.lead_id} in export {self.export_id}"
