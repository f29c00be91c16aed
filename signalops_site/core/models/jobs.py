from django.db import models


class BeatJob(models.Model):
    """Something that happens every minute or so: when it last did, how long it took, and whether it fails."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="why it failed the last time; empty when it did not")
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WorkerCluster(models.Model):
    """One running `qcluster`: its guard process writes here that it is alive, and deletes the row at its end."""

    name = models.CharField(max_length=100, help_text="the queue that it works off")
    host = models.CharField(max_length=255)
    pid = models.PositiveBigIntegerField(help_text="of the guard, which is the parent of the workers")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopping = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "host", "pid"]
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="worker_cluster_once")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
