from django.db import models

from signalops_site.core.models import Project


class QueryCursor(models.Model):
    """How far one query of a project has read. Moves in the same transaction as the page it covers."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cursors")
    platform = models.CharField(max_length=32)
    query = models.CharField(max_length=4096, help_text="the query's text: a changed text starts afresh")
    newest_id = models.CharField(max_length=200, blank=True, help_text="everything up to here has been read")
    pending_newest_id = models.CharField(max_length=200, blank=True, help_text="newest id of the pages under way")
    page_token = models.CharField(max_length=1000, blank=True, help_text="where to go on after an interruption")
    walk_count = models.PositiveIntegerField(default=0, help_text="posts taken so far in the walk under way")
    pages = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "platform", "query"], name="query_cursor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.query}"
