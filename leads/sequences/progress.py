"""How far each step of a sequence is, for people to read."""

from dataclasses import dataclass
from datetime import datetime

from ..models import Sequence, Step
from ..selectors import shown_status
from .standing import draft_of, sent_at, standing_of


@dataclass(frozen=True, slots=True)
class StepProgress:
    """`due_at` stands at the next step alone, where it is known. `status` is what the queue shows of its draft."""

    step: Step
    due_at: datetime | None = None
    draft: int | None = None
    status: str | None = None
    sent_at: datetime | None = None


def progress_of(sequence: Sequence) -> list[StepProgress]:
    """Expects a sequence of `standing.whole`."""
    next_up = standing_of(sequence) if sequence.ended_at is None else None
    due_at = {next_up.step.pk: next_up.due_at} if next_up and next_up.step else {}
    return [_progress(step, due_at=due_at.get(step.pk)) for step in sequence.steps.all()]


def _progress(step: Step, *, due_at: datetime | None) -> StepProgress:
    draft = draft_of(step)
    if draft is None:
        return StepProgress(step, due_at=due_at)
    return StepProgress(step, draft=draft.pk, status=shown_status(draft), sent_at=sent_at(draft))
