"""What a negative outcome sets off: sending of the project pauses for a day, and its operators are told.

Above a share of negatives among what was sent lately the same is done, once each time that the line is crossed,
whether by a new negative or because what went well has become old.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from signalops_site.core.models import Project
from signalops_site.core.pauses import active_pauses, pause_sending

from ..models import Delivery, DeliveryStatus, NegativeShare, Outcome, OutcomeType
from ..notifying.alerts import alert

BY = "job:outcomes"
PAUSED_FOR = timedelta(hours=24)
COUNTED_FOR = timedelta(days=30)
MOST_SHARE = 0.05
FEWEST_SENT = 20
"""Below that, one no would be a large share."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of the replies that a project sent in 30 days those that were answered badly."""

    sent: int
    negative: int

    @property
    def is_too_high(self) -> bool:
        return self.sent >= FEWEST_SENT and self.negative > MOST_SHARE * self.sent

    def __str__(self) -> str:
        return f"{self.negative} of the {self.sent} replies of the last 30 days ({self.negative / self.sent:.0%})"


def react_to_negative(outcome: Outcome) -> None:
    """Within the transaction that records it, which holds the project."""
    sentence = f"What was sent with draft {outcome.draft_id} was answered badly"
    if crossed := note_share(outcome.project):
        sentence += f", as were {crossed}, which is above {MOST_SHARE:.0%}"
    _pause(outcome.project, sentence)


@transaction.atomic
def check_share(project: Project) -> bool:
    """Whether the line was crossed since it was last looked at, without a new negative."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    crossed = note_share(project)
    if crossed:
        _pause(project, f"{str(crossed).capitalize()} were answered badly, which is above {MOST_SHARE:.0%}")
    return crossed is not None


def share_of(project: Project) -> Share:
    since = timezone.now() - COUNTED_FOR
    sent = Delivery.objects.filter(project=project, status=DeliveryStatus.SENT, sent_at__gt=since)
    negative = Outcome.objects.filter(
        project=project, type=OutcomeType.NEGATIVE, withdrawn_at=None, draft__delivery__in=sent
    )
    return Share(sent.count(), negative.values("draft").distinct().count())


def note_share(project: Project) -> Share | None:
    """The share, if it has just become too high: told once, until it has fallen again."""
    share = share_of(project)
    row, _ = NegativeShare.objects.get_or_create(project=project)
    if share.is_too_high == (row.above_since is not None):
        return None
    row.above_since = timezone.now() if share.is_too_high else None
    row.save(update_fields=["above_since"])
    return share if share.is_too_high else None


def _pause(project: Project, sentence: str) -> None:
    """For a day from now, unless it is paused for longer."""
    until = timezone.now() + PAUSED_FOR
    holding = active_pauses().filter(project=project)
    if not holding.filter(until=None).exists():
        pause_sending(project, by=BY, why=sentence, until=until)
    alert(project, "negative", f"{sentence}. Sending of {project.slug} is paused for a day.")
