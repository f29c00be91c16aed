"""Erasing a person. Each app removes its part through the `eraser` hook; core keeps the certificate.

Posts are shared between projects, so this reaches across all of them and takes a superuser.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from . import audit
from .errors import DomainError, NotAllowed
from .hooks import Hook
from .models import AuditEntry, RunEvent
from .scrubbing import scrub_soon

ACTION = "person.erase"


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """Whom to erase: by handle (any case, with or without `@`), by the platform's own id, or by both."""

    platform: str
    handle: str = ""
    platform_user_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "platform", self.platform.strip().lower())
        object.__setattr__(self, "handle", self.handle.strip().removeprefix("@"))
        if not self.platform or not (self.handle or self.platform_user_id):
            raise DomainError("Say whom to erase: a platform, and a handle or the platform's user id.")

    def digest(self) -> str:
        """Keyed, so that a certificate can be checked against a name, but no name be found from it."""
        subject = "\n".join((self.platform, self.handle.casefold(), self.platform_user_id))
        return hmac.new(settings.SECRET_KEY.encode(), subject.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was removed, from which tables (label -> rows); `erased` is False for a preview.

    The certificate of an erasure is its entry in the audit log, which nobody can change: `id` is the entry's.
    """

    digest: str
    counts: dict[str, int]
    at: datetime
    erased: bool
    by: str = ""
    id: int | None = None


eraser: Hook[[ErasureRequest], dict[str, int]] = Hook("eraser")
"""Each app removes what it keeps of a person and answers table -> rows. By name, so upper floors come first."""


def preview_erasure(request: ErasureRequest, *, by: audit.Actor) -> Certificate:
    """What `erase_person` would remove: it is done, counted, and rolled back."""
    _require_superuser(by)
    with transaction.atomic():
        counts = _erase(request)
        transaction.set_rollback(True)
    return Certificate(request.digest(), counts, timezone.now(), erased=False)


@transaction.atomic
def erase_person(request: ErasureRequest, *, by: audit.Actor) -> Certificate:
    """Remove a person from every table, or from none. The audit log keeps the counts and the keyed digest."""
    _require_superuser(by)
    fields = {"digest": request.digest(), "counts": _erase(request)}
    scrub_soon()
    return certificate_of(audit.record(ACTION, by=by, fields=fields))


def certificates() -> QuerySet[AuditEntry]:
    """The entries of all erasures; `certificate_of` reads one."""
    return AuditEntry.objects.filter(action=ACTION, project__isnull=True)


def certificate_of(entry: AuditEntry) -> Certificate:
    digest, counts = entry.fields["digest"], entry.fields["counts"]
    return Certificate(digest, counts, entry.created_at, erased=True, by=entry.actor_name, id=entry.pk)


def forget_in_events(*, lead_ids: Collection[int], draft_ids: Collection[int]) -> int:
    """Empty the details of events that point at these rows. The events stay: their numbers have no gaps."""
    about = Q(detail__lead__in=list(lead_ids)) | Q(detail__draft__in=list(draft_ids))
    return RunEvent.objects.filter(about).update(detail={}) if lead_ids else 0


def _erase(request: ErasureRequest) -> dict[str, int]:
    total: Counter[str] = Counter()
    for _name, counts in eraser.run(request):
        total.update(counts)
    return {table: count for table, count in sorted(total.items()) if count}


def _require_superuser(by: audit.Actor) -> None:
    """A command (a name, no user) runs in the operator's own shell, which reaches the database anyway."""
    if isinstance(by, User) and not by.is_superuser:
        raise NotAllowed("Erasing a person takes a superuser: posts are shared between projects.")
