from django.conf import settings
from django.db import models
from django.db.models import Q

from signalops_site.core.models import Project
from signalops_site.core.secrets import EncryptedJSONField

from .rules import SELF_SERVE


class AccountState(models.TextChoices):
    """Whether a platform takes an account. There is no untested one: a key is tested before it is stored.

    Of an account that a person connects, the application (its client_id) may stand there first, `unconnected`:
    its person has not agreed yet.
    """

    OK = "ok"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNCONNECTED = "unconnected"


class Account(models.Model):
    """An account at a platform, of one project or (project NULL) of all. Its queries pause unless it is `ok`."""

    project = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="accounts",
        help_text="empty: of all",
    )
    platform = models.CharField(max_length=32)
    label = models.CharField(max_length=100, help_text="what you call it")
    base_url = models.CharField(max_length=300, help_text="where it is: a Mastodon account belongs to an instance")
    credentials = EncryptedJSONField()
    session = EncryptedJSONField(null=True, help_text="a session that was signed in with the credentials")
    session_lease = models.CharField(max_length=32, blank=True, help_text="which process is renewing the session")
    session_lease_ends_at = models.DateTimeField(null=True)
    handle = models.CharField(max_length=200, blank=True, help_text="as whom the platform knows it")
    scopes = models.JSONField(default=list, help_text="what the platform lets it do, as far as it says so")
    tier = models.CharField(
        max_length=32, default=SELF_SERVE, help_text="what an operator recorded of the access that it has"
    )
    monthly_posts_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="posts that it may read in a month; empty: any number"
    )
    monthly_usd_limit = models.DecimalField(
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="US dollars that it may spend on reading in a month; empty: any sum",
    )
    state = models.CharField(max_length=16, choices=AccountState.choices, default=AccountState.OK)
    last_checked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["platform", "label"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "platform", "label"],
                condition=Q(project__isnull=False),
                name="account_once_per_project",
            ),
            models.UniqueConstraint(
                fields=["platform", "label"], condition=Q(project__isnull=True), name="account_of_all_once"
            ),
            models.CheckConstraint(condition=Q(state__in=AccountState.values), name="account_state_known"),
            models.CheckConstraint(
                condition=Q(monthly_usd_limit__isnull=True) | Q(monthly_usd_limit__gte=0),
                name="account_usd_limit_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.label}"


class ConnectAttempt(models.Model):
    """Somebody on the way to a platform, to agree to what an account is for. It holds once, for them alone, and
    not for long; what comes back without one was not asked for here.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state_digest = models.CharField(max_length=64, unique=True, help_text="SHA-256: the state itself is not kept")
    verifier = EncryptedJSONField(help_text="PKCE: shows the platform that who brings the code asked for it")
    redirect_uri = models.CharField(max_length=500)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account}, by {self.user}"


class RateWindow(models.Model):
    """How many requests an account has left at an endpoint, for all processes. Without one: at an address."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="windows")
    base_url = models.CharField(max_length=300, help_text="where the requests go")
    endpoint = models.CharField(max_length=200)
    limit = models.PositiveIntegerField(null=True, help_text="NULL: the platform does not say")
    remaining = models.PositiveIntegerField()
    resets_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "endpoint"], condition=Q(account__isnull=False), name="rate_window_of_account"
            ),
            models.UniqueConstraint(
                fields=["base_url", "endpoint"], condition=Q(account__isnull=True), name="rate_window_of_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.remaining} left"


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
    retry_at = models.DateTimeField(null=True, help_text="not asked again before: the platform wants us to wait")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "platform", "query"], name="query_cursor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.query}"
