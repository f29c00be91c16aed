"""Runs and their events. Starting one takes the pipeline, so `leads.admin` adds that to this page."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from ..models import Run, RunEvent
from ..runs import request_cancel
from .base import LookUpAdmin, ServiceAction, by_id
from .display import Shown, block_of, json_block, list_of, moment, page_of

SHOWN_EVENTS = 25


def _cancel(run: Run, by: User, _values: Mapping[str, Any]) -> str:
    run = request_cancel(run, by=by)
    return f"Run {run.pk} is {run.status}." if not run.is_live else f"Run {run.pk} stops at its next batch."


CANCEL = ServiceAction(
    "cancel",
    "Cancel this run",
    _cancel,
    offered=lambda run: run.is_live and run.cancel_requested_at is None,
    explanation="What it has done so far stays; the next run goes on from there.",
    danger=True,
)


class RunAdmin(LookUpAdmin):
    list_display = ("id", "project", "kind", "state", "trigger", "requested_by", "created_at", "finished_at")
    list_filter = ("project", "status", "kind")
    list_select_related = ("project", "requested_by")
    service_actions: ClassVar[Sequence[ServiceAction]] = (CANCEL,)
    fieldsets = (
        (None, {"fields": ("project", "kind", "state", "trigger", "requested_by", "config_version")}),
        ("Times", {"fields": ("created_at", "started_at", "heartbeat_at", "cancel_requested_at", "finished_at")}),
        ("Work", {"fields": ("asked_for", "stage_counts", "failure", "lease_holder", "takeovers")}),
        ("Events", {"fields": ("latest_events",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).defer("config_version__document", "config_version__source")

    @admin.display(description="status")
    def state(self, run: Run) -> Shown:
        return format_html('<span class="so-state so-{}">{}</span>', run.status, run.get_status_display())

    @admin.display(description="options")
    def asked_for(self, run: Run) -> Shown:
        return json_block(run.options)

    @admin.display(description="stages")
    def stage_counts(self, run: Run) -> Shown:
        rows = (
            (
                name,
                counts.get("done", 0),
                counts.get("failed", 0),
                counts.get("skipped", 0),
                counts.get("seconds", 0),
            )
            for name, counts in run.stages.items()
        )
        body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        head = "<tr><th>stage</th><td>done</td><td>failed</td><td>skipped</td><td>seconds</td></tr>"
        problems = [text for counts in run.stages.values() for text in counts.get("problems", ())]
        template = '<table class="so-table"><thead>' + head + "</thead><tbody>{}</tbody></table>{}"
        return format_html(template, body, block_of("\n".join(problems)) if problems else "")

    @admin.display(description="error")
    def failure(self, run: Run) -> Shown:
        return block_of(run.error)

    @admin.display(description="the latest")
    def latest_events(self, run: Run) -> Shown:
        """The last few, and the way to all of them, a page at a time."""
        latest = run.events.order_by("-seq")[:SHOWN_EVENTS]
        rows = [
            (
                page_of(event, str(event.seq)),
                moment(event.created_at, seconds=True),
                event.type,
                event.stage,
                progress_of(event),
            )
            for event in latest
        ]
        row = "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"
        link = list_of(RunEvent, "all its events", run__id__exact=run.pk)
        table = format_html_join("", row, rows)
        return format_html('<table class="so-table"><tbody>{}</tbody></table>{}', table, link)


def progress_of(event: RunEvent) -> str:
    if event.total:
        return f"{event.done:,} of {event.total:,}"
    return f"{event.done:,}" if event.done else ""


admin.site.register(Run, RunAdmin)


@admin.register(RunEvent)
class RunEventAdmin(LookUpAdmin):
    list_display = ("seq", "project", "run_id", "type", "stage", "progress", "created_at")
    list_display_links = ("seq",)
    list_filter = ("project", "type")
    list_select_related = ("project",)
    search_help_text = "by the id of a run"
    fields = ("project", "seq", "run", "type", "stage", "progress", "details", "created_at")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def find(self, term: str) -> Q:
        return by_id(term, "run_id")

    @admin.display(description="progress")
    def progress(self, event: RunEvent) -> str:
        return progress_of(event) or "-"

    @admin.display(description="detail")
    def details(self, event: RunEvent) -> Shown:
        return json_block(event.detail)
