"""What is on its way or was sent, to look up. Sending itself is confirmed in the dashboard or by command."""

from django.contrib import admin
from django.db.models import Q

from signalops_site.core.admin.base import LookUpAdmin, by_id
from signalops_site.core.admin.display import Shown, page_of

from ..models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(LookUpAdmin):
    list_display = ("id", "draft_id", "project", "platform", "mode", "status", "queued_by", "due_at", "sent_at")
    list_filter = ("status", "mode")
    list_select_related = ("project", "queued_by")
    search_help_text = "by id, or by the id of a draft (draft 12)"
    fieldsets = (
        (None, {"fields": ("its_draft", "project", "platform", "account", "kind", "mode", "status", "error")}),
        ("Sent by", {"fields": ("queued_by", "queued_at", "override_reason")}),
        ("Its way", {"fields": ("due_at", "claimed_by", "claimed_at", "attempts", "checks", "key")}),
        ("There", {"fields": ("sent_at", "platform_post_id", "url", "looked_at", "gone_at")}),
    )

    def find(self, term: str) -> Q:
        return Q(draft__in=draft_ids_in(term)) if term.startswith("draft") else by_id(term)

    @admin.display(description="draft")
    def its_draft(self, delivery: Delivery) -> Shown:
        return page_of(delivery.draft)


def draft_ids_in(term: str) -> list[int]:
    """Of `draft 12`."""
    digits = term.removeprefix("draft").strip()
    return [int(digits)] if digits.isdecimal() and len(digits) < 19 else []
