"""The audit log: to read. The model itself refuses changes; here there is not even a button."""

from django.contrib import admin
from django.db.models import Q

from ..models import AuditEntry
from .base import LookUpAdmin, by_id
from .display import Shown, json_block


@admin.register(AuditEntry)
class AuditEntryAdmin(LookUpAdmin):
    list_display = ("created_at", "project", "actor_name", "action", "target", "request_id")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_help_text = (
        "by action (run.cancel), by who did it, by request id, or by what it was done on (core.run 12)"
    )
    fields = (
        "project",
        "sequence",
        "created_at",
        "actor_name",
        "action",
        "target",
        "changed",
        "request_id",
        "previous_digest",
        "digest",
    )

    def find(self, term: str) -> Q:
        kind, _, number = term.rpartition(" ")
        if kind:
            return Q(target_type=kind.lower(), target_id=number)
        return Q(action=term) | Q(actor_name=term) | Q(request_id=term) | by_id(term)

    @admin.display(description="on")
    def target(self, entry: AuditEntry) -> str:
        return f"{entry.target_type} {entry.target_id}".strip() or "-"

    @admin.display(description="fields")
    def changed(self, entry: AuditEntry) -> Shown:
        return json_block(entry.fields)
