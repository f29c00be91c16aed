"""Preference pairs, made from what reviewers decided or by hand, and the files that were made of them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from leads.models import Draft
from signalops_site.core.admin.base import (
    CreatesThroughService,
    LookUpAdmin,
    ServiceAction,
    StyledForm,
    by_id,
)
from signalops_site.core.admin.display import Shown, block_of, excerpt_of, json_block, page_of, prose_of
from signalops_site.core.errors import NotFound

from .exports import remove_export
from .models import Export, ExportState, PreferencePair
from .preferences import LONGEST, add_pair, remove_pair


class AddPairForm(StyledForm):
    draft = forms.IntegerField(min_value=1, help_text="the id of the draft whose prompt the texts answer")
    chosen = forms.CharField(max_length=LONGEST, widget=forms.Textarea, label="the better text")
    rejected = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea,
        required=False,
        label="the worse text",
        help_text="left empty: the draft as it was generated",
    )


def _remove_pair(pair: PreferencePair, by: User, _values: Mapping[str, Any]) -> str:
    remove_pair(pair, by=by)
    return "The pair is removed: nothing is trained on it from now on."


def _remove_export(export: Export, by: User, _values: Mapping[str, Any]) -> str:
    remove_export(export, by=by)
    return "The file is removed."


@admin.register(PreferencePair)
class PreferencePairAdmin(CreatesThroughService[PreferencePair]):
    list_display = ("id", "project", "source", "platform", "licence", "chosen_excerpt", "created_at")
    list_filter = ("project", "source", "licence")
    list_select_related = ("project",)
    search_help_text = "by id, or by the id of a draft (draft 12)"
    fields = ("project", "its_draft", "source", "platform", "licence", "asked", "chosen", "rejected", "created_at")
    creation_form = AddPairForm
    creation_title = "Add a preference pair"
    creation_note = "A better answer to the prompt of a draft. Pairs of decisions come by themselves."
    service_actions = (
        ServiceAction(
            "remove", "Remove", _remove_pair, explanation="Nothing is trained on it from then on.", danger=True
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PreferencePair]:
        return super().get_queryset(request).filter(removed_at=None)

    def create(self, values: Mapping[str, Any], *, by: User) -> PreferencePair:
        draft = Draft.objects.select_related("lead__project").filter(pk=values["draft"]).first()
        if draft is None:
            raise NotFound(f"There is no draft {values['draft']}.")
        return add_pair(draft, chosen=values["chosen"], rejected=values["rejected"], by=by)

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


@admin.register(Export)
class ExportAdmin(LookUpAdmin):
    list_display = ("id", "project", "type", "format", "state", "rows", "requested_by", "created_at")
    list_filter = ("project", "state", "format")
    list_select_related = ("project", "requested_by")
    fields = (
        "project",
        "type",
        "format",
        "asked",
        "state",
        "problem",
        "rows",
        "counted",
        "bytes",
        "sha256",
        "path",
        "requested_by",
        "created_at",
        "finished_at",
        "removed_at",
    )
    service_actions = (
        ServiceAction(
            "remove",
            "Remove the file",
            _remove_export,
            offered=lambda export: export.state != ExportState.REMOVED,
            explanation="What is known of the export stays. One that is under way is stopped.",
            danger=True,
        ),
    )

    @admin.display(description="filters")
    def asked(self, export: Export) -> Shown:
        return json_block(export.filters)

    @admin.display(description="counts")
    def counted(self, export: Export) -> Shown:
        return json_block(export.counts)
