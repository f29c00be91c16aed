"""The ledger of calls to language models. What models answered is not shown: it may quote posts."""

from django.contrib import admin
from django.db.models import Q

from ..models import LlmCall
from .base import LookUpAdmin, by_id


@admin.register(LlmCall)
class LlmCallAdmin(LookUpAdmin):
    list_display = (
        *("id", "created_at", "project", "purpose", "model", "status", "cached"),
        *("tokens_in", "tokens_out", "cost", "latency_ms"),
    )
    list_filter = ("project", "status", "cached")
    list_select_related = ("project",)
    search_help_text = "by its id, or by what it was about, such as lead:12"
    fieldsets = (
        (None, {"fields": ("project", "run", "purpose", "subject", "created_at")}),
        ("Call", {"fields": ("model", "prompt_version", "status", "reason", "attempts", "latency_ms", "cached")}),
        ("Cost", {"fields": ("tokens_in", "tokens_out", "cost")}),
    )

    def find(self, term: str) -> Q:
        return Q(subject=term) if ":" in term else by_id(term)
