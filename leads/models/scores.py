from django.db import models

from .leads import Lead


class Score(models.Model):
    """A lead's present score. What each plugin gave stands in its ScoringPluginResult rows."""

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="current_score")
    total = models.FloatField()
    components = models.JSONField(default=dict, help_text="plugin -> contribution to the total, in points")
    rules = models.JSONField(default=list, help_text="the custom rules that applied: name and boost")
    scoring_plugins = models.JSONField(default=list, help_text="name and version of the plugins used")
    version = models.CharField(max_length=64, help_text="number of the config version that was used")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__gte=0, total__lte=100), name="score_total_within_0_and_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total:.1f}"


class ScoringPluginResult(models.Model):
    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="plugin_results", db_index=False)
    plugin_name = models.CharField(max_length=128)
    plugin_version = models.CharField(max_length=64, blank=True)
    plugin_score = models.FloatField(help_text="0-100")
    weight = models.FloatField()
    contribution = models.FloatField(help_text="plugin_score x weight, in points of the total")
    reason = models.TextField(blank=True)
    error = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "scoring_plugin_results"
        constraints = [
            models.UniqueConstraint(fields=["score", "plugin_name"], name="plugin_result_once_per_score"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin_name} {self.plugin_score:.1f}"
