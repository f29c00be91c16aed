"""Which leads are followed up, to look up and to stop. Dashboard, API and shell put leads in."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q

from signalops_site.core.admin.base import LookUpAdmin, ServiceAction
from signalops_site.core.admin.display import Shown, json_block, page_of

from ..models import Sequence
from ..sequences.exits import stop_sequence
from ..sequences.progress import progress_of
from ..sequences.standing import whole
from .reviews import rows_or_lead


def _stop(sequence: Sequence, by: User, _values: Mapping[str, Any]) -> str:
    stop_sequence(sequence, by=by)
    return "It is stopped."


@admin.register(Sequence)
class SequenceAdmin(LookUpAdmin):
    list_display = ("id", "lead_id", "plan", "started_by", "started_at", "ended_at", "exit")
    list_filter = ("plan", "exit")
    list_select_related = ("started_by",)
    search_help_text = "by id, or by the id of a lead (lead 12)"
    fields = ("its_lead", "plan", "started_by", "started_at", "ended_at", "ended_by", "exit", "its_steps")
    service_actions = (
        ServiceAction(
            "stop",
            "Stop",
            run=_stop,
            offered=lambda sequence: sequence.ended_at is None,
            explanation="No further step is drafted, and a draft that has not left is withdrawn.",
            danger=True,
        ),
    )

    def find(self, term: str) -> Q:
        return rows_or_lead(term)

    @admin.display(description="lead")
    def its_lead(self, sequence: Sequence) -> Shown:
        return page_of(sequence.lead)

    @admin.display(description="steps")
    def its_steps(self, sequence: Sequence) -> Shown:
        """Texts stand at their drafts."""
        steps = progress_of(whole(Sequence.objects.filter(pk=sequence.pk)).get())
        return json_block(
            [
                {
                    "number": each.step.number,
                    "kind": each.step.kind,
                    "wait_days": each.step.wait_days,
                    "draft": each.draft,
                    "status": each.status,
                    "due_at": each.due_at and each.due_at.isoformat(),
                    "sent_at": each.sent_at and each.sent_at.isoformat(),
                    "error": each.step.error,
                }
                for each in steps
            ]
        )
