"""What was collected. Posts belong to a platform, not to a project: two projects share one row.

A fact that a platform does not give is NULL, meaning unknown, never 0.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone

CHECKED_EVERY = timedelta(hours=20)
"""A post that is deleted at its platform goes here within a day; the rest is for waiting in line."""


def first_check() -> datetime:
    """A post that was just collected was there a moment ago."""
    return timezone.now() + CHECKED_EVERY


class PostAvailability(models.TextChoices):
    """Whether a post is still at its platform. Unknown: it was asked, and did not say."""

    LIVE = "live"
    GONE = "gone"
    UNKNOWN = "unknown"


class Author(models.Model):
    platform = models.CharField(max_length=32)
    platform_user_id = models.CharField(max_length=200)
    handle = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=300, blank=True)
    bio = models.TextField(blank=True)
    followers = models.PositiveBigIntegerField(null=True)
    verified = models.BooleanField(null=True)
    account_created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "platform_user_id"], name="author_once_per_platform"),
        ]
        indexes = [
            models.Index(fields=["platform", "handle"], name="author_by_handle"),
            models.Index(Upper("handle"), name="author_by_upper_handle"),
        ]

    def __str__(self) -> str:
        return f"{self.handle or self.platform_user_id} ({self.platform})"


class Post(models.Model):
    platform = models.CharField(max_length=32)
    platform_post_id = models.CharField(max_length=200)
    author = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL, related_name="posts")
    text = models.TextField(help_text="as the platform gave it")
    clean_text = models.TextField(blank=True, help_text="what judges and rules read")
    language = models.CharField(max_length=16, blank=True, help_text="ISO 639-1; empty: not known")
    url = models.CharField(max_length=1000, blank=True)
    posted_at = models.DateTimeField(null=True)
    conversation_id = models.CharField(max_length=200, blank=True)
    reply_to_id = models.CharField(max_length=200, blank=True)
    community = models.CharField(max_length=200, blank=True)
    likes = models.PositiveBigIntegerField(null=True)
    replies = models.PositiveBigIntegerField(null=True)
    reposts = models.PositiveBigIntegerField(null=True)
    views = models.PositiveBigIntegerField(null=True)
    hashtags = models.JSONField(default=list)
    mentions = models.JSONField(default=list)
    urls = models.JSONField(default=list)
    near_duplicate_key = models.CharField(
        max_length=32, blank=True, help_text="equal for texts of the same words; empty for very short ones"
    )
    first_seen_at = models.DateTimeField(auto_now_add=True)
    availability = models.CharField(max_length=8, choices=PostAvailability.choices, default=PostAvailability.LIVE)
    checked_at = models.DateTimeField(null=True, help_text="when its platform was last asked for it")
    next_check_at = models.DateTimeField(null=True, default=first_check, help_text="NULL: not again")
    gone_at = models.DateTimeField(null=True, help_text="when it was found to be gone, and was emptied")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "platform_post_id"], name="post_once_per_platform"),
            models.CheckConstraint(
                condition=Q(availability__in=PostAvailability.values), name="post_availability_known"
            ),
            models.CheckConstraint(
                condition=~Q(availability="gone") | Q(text="", gone_at__isnull=False), name="post_gone_is_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["language"], name="post_by_language"),
            models.Index(fields=["platform", "next_check_at"], name="post_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}:{self.platform_post_id}"


class RawPost(models.Model):
    """The payload exactly as it was received, for looking things up later."""

    post = models.OneToOneField(Post, primary_key=True, on_delete=models.CASCADE, related_name="raw")
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"raw {self.post_id}"
