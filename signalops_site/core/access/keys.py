"""API keys: made by people, shown once, and never worth more than their owner is at present."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .. import audit
from ..errors import DomainError, NotAllowed
from ..models import ApiKey, KeyHolder, Project, Role
from ..permissions import operated_projects, require_person, require_role

HEADER = "X-API-Key"
USE_IS_NOTED_AFTER = timedelta(minutes=1)
"""How old `last_used_at` grows before it is written again: a busy key must not write with each request."""
_PREFIX_BYTES, _SECRET_BYTES = 4, 32


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key, and the only time that its text can be read."""

    key: ApiKey
    text: str


def require_maker(by: User, projects: Sequence[Project]) -> None:
    """Whoever makes a key operates every project that is named, or any project when none is; and is no key."""
    require_person(by)
    for project in projects:
        require_role(by, project, Role.OPERATOR)
    if not operated_projects(by).exists() and not by.is_superuser:
        raise NotAllowed("Making a key takes the role of operator in a project.")


@transaction.atomic
def create_key(
    *, name: str, role: Role, projects: Sequence[Project], by: User, expires_at: datetime | None = None
) -> IssuedKey:
    """A key for some projects, or (with none named) for all that its owner has or will have.

    It takes an operator in every project that is named; where the owner is less, so is the key.
    """
    require_maker(by, projects)
    if expires_at is not None and expires_at <= timezone.now():
        raise DomainError("A key must expire in the future.")
    prefix = secrets.token_hex(_PREFIX_BYTES)
    text = f"so_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=prefix,
        digest=digest_of(text),
        owner=by,
        role=role,
        all_projects=not projects,
        expires_at=expires_at,
    )
    key.projects.set(projects)
    _record("key.create", key, by=by)
    return IssuedKey(key, text)


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User) -> ApiKey:
    """End a key for good. Its owner may, a superuser, and an operator of all its projects."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    require_person(by)
    if key.owner_id != by.pk and not by.is_superuser:
        _require_all_its_projects(key, by=by)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        _record("key.revoke", key, by=by)
    return key


def keys_seen_by(user: User) -> QuerySet[ApiKey]:
    """One's own keys, and those made for a project that one operates; a superuser sees all."""
    keys = ApiKey.objects.select_related("owner").prefetch_related("projects")
    if user.is_superuser:
        return keys
    scoped = ApiKey.objects.filter(projects__in=operated_projects(user)).values("pk")
    return keys.filter(Q(owner_id=user.pk) | Q(pk__in=scoped))


def holder_of(key_id: int) -> KeyHolder | None:
    """Who acts through the key now; None when it has ended, or its owner's account is closed."""
    return _holder(ApiKey.objects.filter(pk=key_id).first())


def holder_with(text: str) -> KeyHolder | None:
    """Who acts through the key with this text, and a note that it was used."""
    holder = _holder(ApiKey.objects.filter(digest=digest_of(text)).first())
    if holder is not None:
        _note_use(holder.key)
    return holder


def digest_of(text: str) -> str:
    """Plain SHA-256 is enough here: a random secret of 256 bits cannot be guessed from a list."""
    return hashlib.sha256(text.encode()).hexdigest()


def _holder(key: ApiKey | None) -> KeyHolder | None:
    if key is None or not key.is_usable:
        return None
    holder = KeyHolder.of(key)
    return holder if holder.is_active else None


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    due = now - USE_IS_NOTED_AFTER
    if key.last_used_at is None or key.last_used_at < due:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=due)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _require_all_its_projects(key: ApiKey, *, by: User) -> None:
    theirs = set(key.projects.values_list("pk", flat=True))
    operated = set(operated_projects(by).values_list("pk", flat=True))
    if key.all_projects or not theirs or theirs - operated:
        raise NotAllowed("This key also reaches projects that you do not operate: ask its owner or a superuser.")


def _record(action: str, key: ApiKey, *, by: User) -> None:
    """Into the log of each project that the key is made for, always in the same order: their heads are locked."""
    fields = {"key": str(key), "role": key.role, "all_projects": key.all_projects}
    logs: list[Project | None] = [*key.projects.order_by("pk")] or [None]
    for project in logs:
        audit.record(action, by=by, project=project, on=key, fields=fields)
