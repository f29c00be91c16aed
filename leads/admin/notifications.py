"""What was told to Slack, Discord and webhooks, and what of it failed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User

from signalops_site.core.admin.base import LookUpAdmin, ServiceAction
from signalops_site.core.admin.display import Shown, block_of, prose_of

from ..models import Notification, NotificationStatus
from ..notifying.services import replay


def _replay(message: Notification, by: User, _values: Mapping[str, Any]) -> str:
    return f"{replay(message, by=by)} is tried anew."


@admin.register(Notification)
class NotificationAdmin(LookUpAdmin):
    list_display = ("id", "project", "target", "kind", "status", "tries", "created_at", "sent_at")
    list_filter = ("project", "target", "status")
    list_select_related = ("project",)
    fieldsets = (
        (None, {"fields": ("project", "target", "kind", "event_id", "slot", "subject", "said", "created_at")}),
        ("Sending", {"fields": ("status", "tries", "next_try_at", "problem", "sent_at")}),
    )
    service_actions = (
        ServiceAction(
            "replay",
            "Replay",
            _replay,
            offered=lambda message: message.status == NotificationStatus.FAILED,
            explanation="It is tried anew, from the first try on. Its event keeps its id.",
        ),
    )

    @admin.display(description="sentence")
    def said(self, message: Notification) -> Shown:
        return prose_of(message.sentence)

    @admin.display(description="error")
    def problem(self, message: Notification) -> Shown:
        return block_of(message.error)
