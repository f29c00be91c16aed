"""What people note on a lead: free words, for themselves and for search."""

from django.contrib.auth.models import User
from django.db import transaction

from signalops_site.core import audit
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role

from ..models import Lead
from ..search import index_leads
from .ingest import storable

MAX_NOTE = 2000
"""Characters."""


@transaction.atomic
def write_note(lead: Lead, *, text: str, by: User) -> Lead:
    """Replace a lead's note; an empty one removes it. The audit entry says that it changed, not what it says."""
    require_role(by, lead.project, Role.REVIEWER)
    note = storable(text.strip())[:MAX_NOTE]
    if Lead.objects.filter(pk=lead.pk).exclude(note=note).update(note=note):
        index_leads([lead.pk])
        audit.record("lead.note", by=by, project=lead.project, on=lead, fields={"characters": len(note)})
    lead.note = note
    return lead
