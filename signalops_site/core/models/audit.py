from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from ..errors import NotAllowed
from .projects import Project


class AuditEntry(models.Model):
    """Who did what, to what, when. It holds ids and field names, never a post's, author's or draft's text,
    so that erasing a person and keeping the log do not fight. Entries of one project form a hash chain; a
    project that has any cannot be deleted, only made inactive.
    """

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries"
    )
    sequence = models.PositiveBigIntegerField()
    # The id outlives the account: it is part of what the digest covers.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=200, help_text="a user name, or job:NAME or command:NAME")
    action = models.CharField(max_length=64)
    target_type = models.CharField(max_length=64, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    fields = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(fields=["project", "sequence"], name="audit_sequence_once"),
            models.UniqueConstraint(
                fields=["sequence"],
                condition=models.Q(project__isnull=True),
                name="audit_sequence_once_without_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.target_type} {self.target_id}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise NotAllowed("The audit log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotAllowed("The audit log is append-only.")


class AuditHead(models.Model):
    """The end of one project's chain (`scope` is the project's id, or "all"), locked while an entry is added."""

    scope = models.CharField(max_length=32, unique=True)
    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.scope}: {self.sequence}"
