"""What came of what was sent, and who spoke to one of our accounts by themselves.

People stand here as keyed digests (`sending.authors`), which tell the same author again and name nobody. What they
wrote is not kept: a reply is known by its id and its address at the platform.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.models import Account
from signalops_site.core.models import Project

from .drafts import Draft


class OutcomeType(models.TextChoices):
    REPLY_RECEIVED = "reply_received", "Reply"
    LIKE_RECEIVED = "like_received", "Like"
    FOLLOW_RECEIVED = "follow_received", "Follow"
    PROFILE_CLICK = "profile_click", "Profile click"
    LINK_CLICK = "link_click", "Link click"
    BOOKING = "booking", "Booking"
    NEGATIVE = "negative", "Negative"


class OutcomeSource(models.TextChoices):
    POLLED = "polled", "seen at the platform"
    PERSON = "person", "recorded by a person"


class Outcome(models.Model):
    """Something that came of a reply of ours. What a person takes back stays, so as not to be found again."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="outcomes", db_index=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="outcomes", db_index=False)
    type = models.CharField(max_length=16, choices=OutcomeType.choices)
    reference = models.CharField(
        max_length=250, help_text="what tells it from others: the reply's id, or the count that was reached"
    )
    count = models.PositiveIntegerField(default=1, help_text="how many it stands for: likes come as a number")
    source = models.CharField(max_length=8, choices=OutcomeSource.choices)
    author_digest = models.CharField(
        max_length=64, blank=True, help_text="keyed; of whoever it came from, if known"
    )
    details = models.JSONField(default=dict, blank=True, help_text="url, by_author, rule, note")
    observed_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="who recorded it",
    )
    withdrawn_at = models.DateTimeField(null=True, help_text="when a person said that it is none")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "type", "reference"], name="outcome_once"),
            models.CheckConstraint(condition=Q(type__in=OutcomeType.values), name="outcome_type_known"),
            models.CheckConstraint(condition=Q(source__in=OutcomeSource.values), name="outcome_source_known"),
        ]
        indexes = [
            models.Index(fields=["project", "type", "observed_at"], name="outcome_by_type"),
            models.Index(fields=["author_digest"], condition=~Q(author_digest=""), name="outcome_by_author"),
        ]

    def __str__(self) -> str:
        return f"outcome {self.pk} ({self.type})"


class InteractionKind(models.TextChoices):
    """`reply`: it answers a post of ours without naming the account."""

    MENTION = "mention"
    QUOTE = "quote"
    REPLY = "reply"


class Interaction(models.Model):
    """Somebody mentioned, quoted or answered one of our accounts: rules ask for that before a reply by API."""

    platform = models.CharField(max_length=32)
    account = models.ForeignKey(
        Account,
        null=True,
        on_delete=models.CASCADE,
        related_name="interactions",
        help_text="which was spoken to; NULL where the platform has no accounts",
    )
    author_digest = models.CharField(max_length=64, help_text="keyed: tells the author again, and names nobody")
    platform_post_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=InteractionKind.choices)
    happened_at = models.DateTimeField(default=timezone.now)
    answers_id = models.CharField(
        max_length=200, blank=True, help_text="what it answers, until that is known to be a reply of ours or none"
    )
    url = models.CharField(max_length=500, blank=True, help_text="where it is, as long")
    verdict = models.CharField(max_length=20, blank=True, help_text="what it says to us, as long")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "platform_post_id"],
                condition=Q(account__isnull=False),
                name="interaction_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["platform", "platform_post_id"],
                condition=Q(account__isnull=True),
                name="interaction_once_without_account",
            ),
            models.CheckConstraint(condition=Q(kind__in=InteractionKind.values), name="interaction_kind_known"),
        ]
        indexes = [
            models.Index(fields=["author_digest", "happened_at"], name="interaction_by_author"),
            models.Index(fields=["happened_at"], name="interaction_by_time"),
            models.Index(fields=["platform"], name="interaction_waiting", condition=~Q(answers_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.platform})"


class MentionCursor(models.Model):
    """How far the mentions of an account have been read; `account` NULL: of a platform that has none."""

    platform = models.CharField(max_length=32)
    account = models.OneToOneField(Account, null=True, on_delete=models.CASCADE, related_name="mention_cursor")
    newest_id = models.CharField(max_length=200, blank=True, help_text="everything up to here has been read")
    newest_follow_id = models.CharField(max_length=200, blank=True, help_text="the same of who follows it now")
    looked_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform"], condition=Q(account__isnull=True), name="mention_cursor_without_account"
            ),
        ]

    def __str__(self) -> str:
        return f"mentions of {self.account or self.platform}"


class NegativeShare(models.Model):
    """Whether too many of a project's replies were answered badly: told, and paused for, once per crossing."""

    project = models.OneToOneField(Project, primary_key=True, on_delete=models.CASCADE, related_name="+")
    above_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"negatives of {self.project_id}"
