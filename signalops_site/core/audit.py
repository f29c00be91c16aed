"""The audit log: one chained entry for each write by a person or a job.

Call `record` last in the service's transaction: it locks the head of the project's chain until commit.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from .audit_digest import Content, as_stored, new_digest, scope_of
from .log_context import current_request_id
from .models import AuditEntry, AuditHead, KeyHolder, Project

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
        head = _locked_head(scope_of(project.pk if project else None))
        entry = AuditEntry(
            project=project,
            sequence=head.sequence + 1,
            actor=None if isinstance(by, str) else by,
            actor_name=_name_of(by),
            action=action,
            target_type=on._meta.label_lower if on else "",
            target_id=str(on.pk) if on else "",
            fields=as_stored(fields or {}),
            request_id=current_request_id(),
            created_at=timezone.now(),
            previous_digest=head.digest,
        )
        entry.digest = new_digest(content_of(entry))
        entry.save()
        AuditHead.objects.filter(pk=head.pk).update(sequence=entry.sequence, digest=entry.digest)
    return entry


def content_of(entry: AuditEntry) -> Content:
    return Content(
        scope=scope_of(entry.project_id),
        sequence=entry.sequence,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        action=entry.action,
        target_type=entry.target_type,
        target_id=entry.target_id,
        fields=entry.fields,
        request_id=entry.request_id,
        created_at=entry.created_at,
        previous_digest=entry.previous_digest,
    )


def _name_of(actor: Actor) -> str:
    """A user's act through an API key says which key."""
    match actor:
        case str():
            return actor
        case KeyHolder():
            return actor.signature
    return actor.get_username()


def _locked_head(scope: str) -> AuditHead:
    """Of two writers who make a chain's first entry at once, one makes the head and the other waits for it."""
    locked = AuditHead.objects.select_for_update()
    head = locked.filter(scope=scope).first()
    if head is None:
        AuditHead.objects.get_or_create(scope=scope)
        head = locked.get(scope=scope)
    return head
