from django.db import models

from leads.models import Draft
from signalops_site.core.models import Project


class PairSource(models.TextChoices):
    EDIT = "edit"
    REJECT = "reject"
    MANUAL = "manual"


class PreferencePair(models.Model):
    """Two answers to one prompt, of which a person preferred one: what preference training reads."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="preference_pairs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preference_pairs")
    prompt = models.TextField()
    chosen_text = models.TextField()
    rejected_text = models.TextField()
    source = models.CharField(max_length=32, choices=PairSource.choices)
    platform = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "preference_pairs"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["draft", "source"], name="preference_pair_once")]

    def __str__(self) -> str:
        return f"{self.source} pair of draft {self.draft_id}"
