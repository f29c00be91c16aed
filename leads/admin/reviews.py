"""Drafts, every decision about them, and who has which before them."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from signalops_site.core.admin.base import LookUpAdmin, by_id
from signalops_site.core.admin.display import Shown, block_of, excerpt_of, json_block, page_of, prose_of

from ..models import Decision, Draft, Hold
from .lookups import of_lead


def rows_or_lead(term: str) -> Q:
    """By id; with the word "lead" before it, by the lead's."""
    return of_lead(term) if term.startswith("lead") else by_id(term)


@admin.register(Draft)
class DraftAdmin(LookUpAdmin):
    list_display = ("id", "lead_id", "status", "excerpt", "model_version", "reviewer", "created_at", "decided_at")
    list_filter = ("status",)
    list_select_related = ("model_version", "reviewer")
    search_help_text = "by id, or by the id of a lead (lead 12)"
    fieldsets = (
        (None, {"fields": ("its_lead", "status", "generated", "final", "better", "created_at")}),
        ("Made by", {"fields": ("run", "model_version", "template_used", "tone", "asked")}),
        ("Decided", {"fields": ("reviewer", "reject_reason", "seconds_spent", "decided_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        return super().get_queryset(request).defer("prompt")

    def find(self, term: str) -> Q:
        return rows_or_lead(term)

    @admin.display(description="text")
    def excerpt(self, draft: Draft) -> str:
        return excerpt_of(draft.text_final or draft.text_generated)

    @admin.display(description="lead")
    def its_lead(self, draft: Draft) -> Shown:
        return page_of(draft.lead)

    @admin.display(description="as generated")
    def generated(self, draft: Draft) -> Shown:
        return prose_of(draft.text_generated)

    @admin.display(description="as approved")
    def final(self, draft: Draft) -> Shown:
        return prose_of(draft.text_final)

    @admin.display(description="what the reviewer would have written")
    def better(self, draft: Draft) -> Shown:
        return prose_of(draft.better_text)

    @admin.display(description="prompt")
    def asked(self, draft: Draft) -> Shown:
        return block_of(draft.prompt)


@admin.register(Decision)
class DecisionAdmin(LookUpAdmin):
    list_display = ("id", "lead_id", "draft_id", "kind", "user", "seconds_spent", "created_at", "undone_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_help_text = "by id, or by the id of a lead (lead 12)"
    fields = (
        "its_lead",
        "its_draft",
        "user",
        "kind",
        "before_it",
        "after_it",
        "seconds_spent",
        "created_at",
        "undone_at",
    )

    def find(self, term: str) -> Q:
        return rows_or_lead(term)

    @admin.display(description="lead")
    def its_lead(self, decision: Decision) -> Shown:
        return page_of(decision.lead)

    @admin.display(description="draft")
    def its_draft(self, decision: Decision) -> Shown:
        return page_of(decision.draft)

    @admin.display(description="before")
    def before_it(self, decision: Decision) -> Shown:
        return json_block(decision.before)

    @admin.display(description="after")
    def after_it(self, decision: Decision) -> Shown:
        return json_block(decision.after)


@admin.register(Hold)
class HoldAdmin(LookUpAdmin):
    list_display = ("id", "draft_id", "user", "since", "until")
    list_select_related = ("user",)
    search_help_text = "by the id of a draft"
    fields = ("its_draft", "user", "since", "until")

    def find(self, term: str) -> Q:
        return by_id(term, "draft_id")

    @admin.display(description="draft")
    def its_draft(self, hold: Hold) -> Shown:
        return page_of(hold.draft)
