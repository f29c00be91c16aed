from typing import Any, NoReturn
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from ..errors import NotAllowed
from .projects import Project, Role


class ApiKey(models.Model):
    """What a program signs in with. The key itself is shown once; only its digest is kept."""

    name = models.CharField(max_length=100, help_text="what it is for")
    prefix = models.CharField(max_length=12, help_text="the part that may be shown, to tell keys apart")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole key")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    role = models.CharField(max_length=16, choices=Role.choices, help_text="the most that it may do")
    # A flag of its own: if "no projects" meant "all of them", deleting a project would widen a key.
    all_projects = models.BooleanField(help_text="all projects of the owner, those of later too")
    projects = models.ManyToManyField(Project, blank=True, related_name="api_keys")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="api_key_role_known"),
        ]

    def __str__(self) -> str:
        return f"so_{self.prefix}"

    @property
    def is_usable(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired


class KeyHolder(User):
    """The owner of an API key, acting through it: never a superuser, and never more than the key allows.

    Services take it as the user that it is; `permissions` asks it for its key, and the audit log names both.
    """

    key: ApiKey
    owner_is_superuser: bool

    class Meta:
        proxy = True
        default_permissions = ()

    @classmethod
    def of(cls, key: ApiKey) -> "KeyHolder":
        holder = cls.objects.get(pk=key.owner_id)
        holder.key, holder.owner_is_superuser = key, holder.is_superuser
        holder.is_superuser = holder.is_staff = False
        return holder

    @property
    def signature(self) -> str:
        return f"{self.get_username()} (key {self.key})"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """What is withheld in memory must not reach the account."""
        raise NotAllowed("An API key cannot change its owner's account.")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotAllowed("An API key cannot change its owner's account.")

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotAllowed("Read the key again: its owner's row knows nothing of what the key withholds.")


class TokenFamily(models.Model):
    """The refresh tokens that follow from one sign-in. Only the newest can be used, and once."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_families")
    newest = models.CharField(max_length=32, help_text="the newest token's id (`jti`)")
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"tokens of {self.user}"
