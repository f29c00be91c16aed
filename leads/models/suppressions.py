"""The do-not-contact list. It outlives the people that it is about, so it does not hold their names."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from signalops_site.core.models import Project

from ..identities import IdentityKind


class SuppressionSource(models.TextChoices):
    MANUAL = "manual", "written by a person"
    IMPORT = "import", "from a file"
    ERASURE = "erasure", "left by an erasure"
    REPLY = "reply", "asked for in a reply"


class Suppression(models.Model):
    """Somebody, or a kind of somebody, who is not answered. `digest` is what is looked up (`Identity.digests`)."""

    project = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="suppressions",
        help_text="NULL: all",
    )
    kind = models.CharField(max_length=16, choices=IdentityKind.choices)
    platform = models.CharField(max_length=32, blank=True, help_text="empty: any, for a domain or a pattern")
    digest = models.CharField(max_length=64, help_text="keyed; of the kind, the platform and the value")
    value = models.CharField(
        max_length=200, blank=True, help_text="of a domain or a pattern; a person's is not kept"
    )
    reason = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=16, choices=SuppressionSource.choices, default=SuppressionSource.MANUAL)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="NULL: never")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    follows = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="kept_by_id",
        help_text="the entry that meant this id's author before a renaming; they end together",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="suppression_once_per_project"),
            models.UniqueConstraint(
                fields=["digest"], condition=models.Q(project__isnull=True), name="suppression_once_for_all"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=("domain", "pattern")) & ~models.Q(value="")
                | models.Q(kind__in=("handle", "account"), value="") & ~models.Q(platform=""),
                name="suppression_keeps_no_name",
            ),
        ]
        indexes = [
            models.Index(fields=["digest"], name="suppression_by_digest"),
            models.Index(fields=["kind", "platform"], name="suppression_by_kind"),
        ]

    def __str__(self) -> str:
        where = f" at {self.platform}" if self.platform else ""
        return f"{self.kind} {self.value or self.digest[:12]}{where}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
