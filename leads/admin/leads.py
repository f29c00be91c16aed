"""Leads with what judges said, how they were scored, and what people labelled."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from signalops_site.core.admin.base import LookUpAdmin
from signalops_site.core.admin.display import Shown, block_of, excerpt_of, json_block, page_of, prose_of

from ..models import HumanLabel, Judgment, Lead, Score
from .lookups import leads_called, of_lead

SHOWN_ROWS = 20


@admin.register(Lead)
class LeadAdmin(LookUpAdmin):
    list_display = ("id", "project", "author", "excerpt", "stage", "label", "points", "created_at")
    list_filter = ("project", "stage", "label")
    list_select_related = ("project", "post__author")
    search_help_text = "by id, by the author's handle, or by the post's own id (platform:id)"
    fieldsets = (
        (None, {"fields": ("project", "its_post", "text", "stage", "filter_reason", "found_by", "created_at")}),
        ("Judged", {"fields": ("label", "sureness", "labelled_by_human", "judgments_made", "labels_given")}),
        ("Scored", {"fields": ("points", "scored_at", "score_made", "weighed_for_draft")}),
        ("Review", {"fields": ("assignee", "snoozed_until", "drafts_made", "decisions_made")}),
        ("Last failure", {"fields": ("error_stage", "failure", "attempts", "retry_at")}),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "post__id__exact" or super().lookup_allowed(lookup, value, request)

    def find(self, term: str) -> Q:
        return leads_called(term)

    @admin.display(description="author")
    def author(self, lead: Lead) -> str:
        return lead.post.author.handle if lead.post.author else "-"

    @admin.display(description="score")
    def points(self, lead: Lead) -> str:
        return f"{lead.score:.1f}" if lead.scored_at else "-"

    @admin.display(description="confidence")
    def sureness(self, lead: Lead) -> str:
        return f"{lead.confidence:.2f}" if lead.label else "-"

    @admin.display(description="post")
    def excerpt(self, lead: Lead) -> str:
        return excerpt_of(lead.post.text)

    @admin.display(description="post")
    def its_post(self, lead: Lead) -> Shown:
        return page_of(lead.post)

    @admin.display(description="text")
    def text(self, lead: Lead) -> Shown:
        return prose_of(lead.post.text)

    @admin.display(description="queries")
    def found_by(self, lead: Lead) -> str:
        return ", ".join(query.label for query in lead.queries.order_by("label")[:SHOWN_ROWS]) or "-"

    @admin.display(description="judgments")
    def judgments_made(self, lead: Lead) -> Shown:
        made = lead.judgments.select_related("model_version")[:SHOWN_ROWS]
        return _list((page_of(each), f"by {each.model_version}") for each in made)

    @admin.display(description="people's labels")
    def labels_given(self, lead: Lead) -> Shown:
        given = lead.human_labels.select_related("user")[:SHOWN_ROWS]
        return _list((page_of(each), each.source) for each in given)

    @admin.display(description="parts")
    def score_made(self, lead: Lead) -> Shown:
        return page_of(getattr(lead, "current_score", None))

    @admin.display(description="drafts")
    def drafts_made(self, lead: Lead) -> Shown:
        return _list((page_of(each), "") for each in lead.drafts.defer("prompt")[:SHOWN_ROWS])

    @admin.display(description="decisions")
    def decisions_made(self, lead: Lead) -> Shown:
        made = lead.decisions.select_related("user").defer("before", "after")[:SHOWN_ROWS]
        return _list((page_of(each), each.created_at.strftime("%Y-%m-%d %H:%M")) for each in made)

    @admin.display(description="error")
    def failure(self, lead: Lead) -> Shown:
        return block_of(lead.error)


def _list(rows: object) -> Shown:
    items = format_html_join("", "<li>{} <span>{}</span></li>", rows)  # type: ignore[arg-type]
    return format_html('<ul class="so-list">{}</ul>', items) if items else "-"


@admin.register(Judgment)
class JudgmentAdmin(LookUpAdmin):
    list_display = (
        "id",
        "lead_id",
        "label",
        "sureness",
        "model_version",
        "milliseconds",
        "cost_usd",
        "created_at",
    )
    list_filter = ("label",)
    list_select_related = ("model_version",)
    search_help_text = "by the id of a lead"
    fields = (
        "its_lead",
        "model_version",
        "prompt_version",
        "label",
        "sureness",
        "why",
        "milliseconds",
        "cost_usd",
        "created_at",
    )

    def find(self, term: str) -> Q:
        return of_lead(term)

    @admin.display(description="lead")
    def its_lead(self, judgment: Judgment) -> Shown:
        return page_of(judgment.lead)

    @admin.display(description="confidence")
    def sureness(self, judgment: Judgment) -> str:
        return f"{judgment.confidence:.2f}"

    @admin.display(description="latency, ms")
    def milliseconds(self, judgment: Judgment) -> str:
        return f"{judgment.latency_ms:.1f}"

    @admin.display(description="reasoning")
    def why(self, judgment: Judgment) -> Shown:
        return prose_of(judgment.reasoning)


@admin.register(Score)
class ScoreAdmin(LookUpAdmin):
    list_display = ("id", "lead_id", "points", "version", "created_at")
    search_help_text = "by the id of a lead"
    fields = ("its_lead", "points", "parts", "rules_that_applied", "version", "created_at")

    def find(self, term: str) -> Q:
        return of_lead(term)

    @admin.display(description="lead")
    def its_lead(self, score: Score) -> Shown:
        return page_of(score.lead)

    @admin.display(description="total")
    def points(self, score: Score) -> str:
        return f"{score.total:.1f}"

    @admin.display(description="parts")
    def parts(self, score: Score) -> Shown:
        rows = [
            (
                each.plugin_name,
                f"{each.plugin_score:.1f}",
                each.weight,
                f"{each.contribution:.1f}",
                each.reason or each.error,
            )
            for each in score.plugin_results.order_by("plugin_name")
        ]
        row = "<tr><th>{}</th><td>{}</td><td>x {}</td><td>{}</td><td>{}</td></tr>"
        body = format_html_join("", row, rows)
        return format_html('<table class="so-table"><tbody>{}</tbody></table>', body) if rows else "-"

    @admin.display(description="rules")
    def rules_that_applied(self, score: Score) -> Shown:
        return json_block(score.rules)


@admin.register(HumanLabel)
class HumanLabelAdmin(LookUpAdmin):
    list_display = ("id", "lead_id", "label", "user", "source", "updated_at")
    list_filter = ("label", "source")
    list_select_related = ("user",)
    search_help_text = "by the id of a lead"
    fields = ("its_lead", "user", "label", "reason", "source", "role_rank", "updated_at")

    def find(self, term: str) -> Q:
        return of_lead(term)

    @admin.display(description="lead")
    def its_lead(self, label: HumanLabel) -> Shown:
        return page_of(label.lead)
