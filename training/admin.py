"""Preference pairs, made from what reviewers decided."""

from django.contrib import admin
from django.db.models import Q

from signalops_site.core.admin.base import LookUpAdmin, by_id
from signalops_site.core.admin.display import Shown, block_of, excerpt_of, page_of, prose_of

from .models import PreferencePair


@admin.register(PreferencePair)
class PreferencePairAdmin(LookUpAdmin):
    list_display = ("id", "project", "source", "platform", "chosen_excerpt", "created_at")
    list_filter = ("project", "source")
    list_select_related = ("project",)
    search_help_text = "by id, or by the id of a draft (draft 12)"
    fields = ("project", "its_draft", "source", "platform", "asked", "chosen", "rejected", "created_at")

    def find(self, term: str) -> Q:
        draft = term.removeprefix("draft").strip()
        return by_id(draft, "draft_id") if draft != term else by_id(term)

    @admin.display(description="chosen")
    def chosen_excerpt(self, pair: PreferencePair) -> str:
        return excerpt_of(pair.chosen_text)

    @admin.display(description="draft")
    def its_draft(self, pair: PreferencePair) -> Shown:
        return page_of(pair.draft)

    @admin.display(description="prompt")
    def asked(self, pair: PreferencePair) -> Shown:
        return block_of(pair.prompt)

    @admin.display(description="chosen")
    def chosen(self, pair: PreferencePair) -> Shown:
        return prose_of(pair.chosen_text)

    @admin.display(description="rejected")
    def rejected(self, pair: PreferencePair) -> Shown:
        return prose_of(pair.rejected_text)
