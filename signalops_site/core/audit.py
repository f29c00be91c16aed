"""The audit log: one chained entry for each write by a person or a job.

Call `record` last in the service's transaction: it locks the head of the project's chain until commit.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from .models import AuditEntry, AuditHead, Project
from .request_id import current_request_id

Actor = User | str
"""A user, or the name of a job or command ("job:pipeline")."""


def record(
    action: str,
    *,
    by: Actor,
    project: Project | None = None,
    on: models.Model | None = None,
    fields: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry. `fields` are names, ids and counts that were changed; never people's texts."""
    with transaction.atomic():
        head = _locked_head(str(project.pk) if project else "all")
        entry = AuditEntry(
            project=project,
            sequence=head.sequence + 1,
            actor=None if isinstance(by, str) else by,
            actor_name=by if isinstance(by, str) else by.get_username(),
            action=action,
            target_type=on._meta.label_lower if on else "",
            target_id=str(on.pk) if on else "",
            fields=dict(fields or {}),
            request_id=current_request_id(),
            created_at=timezone.now(),
            previous_digest=head.digest,
        )
        entry.digest = digest_of(entry)
        entry.save()
        AuditHead.objects.filter(pk=head.pk).update(sequence=entry.sequence, digest=entry.digest)
    return entry


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over the previous digest and everything that the entry says."""
    content = [
        entry.previous_digest,
        entry.sequence,
        entry.actor_name,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.fields,
        entry.request_id,
        _moment(entry.created_at),
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _locked_head(scope: str) -> AuditHead:
    AuditHead.objects.get_or_create(scope=scope)
    return AuditHead.objects.select_for_update().get(scope=scope)
