"""What came of replies, who spoke to our accounts, and how far these were read: to look up."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q

from signalops_site.core.admin.base import LookUpAdmin, ServiceAction, by_id
from signalops_site.core.admin.display import Shown, page_of

from ..models import Interaction, MentionCursor, Outcome
from ..outcomes.recording import withdraw_outcome
from .deliveries import draft_ids_in


def _withdraw(outcome: Outcome, by: User, _values: Mapping[str, Any]) -> str:
    withdraw_outcome(outcome, by=by)
    return "It counts no more."


@admin.register(Outcome)
class OutcomeAdmin(LookUpAdmin):
    list_display = ("id", "type", "count", "project", "draft_id", "source", "observed_at", "by", "withdrawn_at")
    list_filter = ("type", "source", "project")
    list_select_related = ("project", "by")
    search_help_text = "by id, or by the id of a draft (draft 12)"
    fieldsets = (
        (None, {"fields": ("type", "count", "project", "its_draft", "observed_at")}),
        ("Where it is from", {"fields": ("source", "by", "reference", "details", "author_digest")}),
        ("Taken back", {"fields": ("withdrawn_at", "withdrawn_by")}),
    )
    service_actions = (
        ServiceAction(
            "withdraw",
            "Take back",
            _withdraw,
            explanation="It counts no more, and is not found again. What it set off stays.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return Q(draft__in=draft_ids_in(term)) if term.startswith("draft") else by_id(term)

    @admin.display(description="draft")
    def its_draft(self, outcome: Outcome) -> Shown:
        return page_of(outcome.draft)


@admin.register(Interaction)
class InteractionAdmin(LookUpAdmin):
    list_display = ("id", "kind", "platform", "account", "happened_at")
    list_filter = ("kind", "platform")
    list_select_related = ("account",)
    search_help_text = "by id, or by the platform's id of the post"
    fields = ("kind", "platform", "account", "platform_post_id", "author_digest", "happened_at")

    def find(self, term: str) -> Q:
        return Q(platform_post_id=term) | by_id(term)


@admin.register(MentionCursor)
class MentionCursorAdmin(LookUpAdmin):
    list_display = ("id", "platform", "account", "looked_at", "next_look_at", "last_error")
    list_filter = ("platform",)
    list_select_related = ("account",)
    fields = ("platform", "account", "newest_id", "newest_follow_id", "looked_at", "next_look_at", "last_error")

    def find(self, term: str) -> Q:
        return Q(platform=term) | by_id(term)
