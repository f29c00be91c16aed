from django.conf import settings
from django.db import models
from django.db.models import Q

from .projects import Project


class Pause(models.Model):
    """The kill switch: while one holds, nothing is sent for its project, or (project NULL) for any."""

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="pauses", help_text="empty: all"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="NULL: nobody pressed it; `why` says what did",
    )
    why = models.CharField(max_length=300, blank=True)
    until = models.DateTimeField(null=True, help_text="NULL: until somebody resumes")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, help_text="when somebody resumed")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project"], condition=Q(ended_at__isnull=True), name="pause_not_ended")]

    def __str__(self) -> str:
        return f"sending of {self.project or 'all projects'} paused"
