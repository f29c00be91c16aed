"""How far a sequence is: which step's turn is next, and when. Read from drafts and deliveries each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from ..models import Delivery, DeliveryKind, DeliveryStatus, Draft, Sequence, Step, StepKind, Touch
from .writing_back import answers


@dataclass(frozen=True, slots=True)
class Standing:
    """`step` is the one whose turn is next, None when all have left. `due_at` None: what is before it has not."""

    step: Step | None
    due_at: datetime | None = None
    draft: Draft | None = None
    """The draft that the step has become, which has not left yet."""


def whole(sequences: QuerySet[Sequence]) -> QuerySet[Sequence]:
    """With all that `standing_of` reads, in three queries for any number of them."""
    moments = {
        "replied_at": Subquery(_replies().order_by("-sent_at").values("sent_at")[:1]),
        "wrote_at": Subquery(answers().filter(draft__lead=OuterRef("lead")).values("observed_at")[:1]),
    }
    steps = Step.objects.select_related("touch__draft__delivery").defer("touch__draft__prompt").order_by("number")
    rows = sequences.select_related("lead__project__active_config", "lead__post__author", "started_by", "ended_by")
    return rows.prefetch_related(Prefetch("steps", steps)).annotate(**moments)


def _replies() -> QuerySet[Delivery]:
    of_lead = Delivery.objects.filter(draft__lead=OuterRef("lead"))
    return of_lead.filter(kind=DeliveryKind.REPLY, status=DeliveryStatus.SENT)


def standing_of(sequence: Sequence) -> Standing:
    """Expects a sequence of `whole`."""
    before = sequence.replied_at
    for step in sequence.steps.all():
        if step.kind == StepKind.DM:
            before = sequence.wrote_at
        draft = draft_of(step)
        if draft is None:
            return Standing(step, before and _later(before + timedelta(days=step.wait_days), step.retry_at))
        before = sent_at(draft)
        if before is None:
            return Standing(step, draft=draft)
    return Standing(None)


def draft_of(step: Step) -> Draft | None:
    touch: Touch | None = getattr(step, "touch", None)
    return touch.draft if touch else None


def sent_at(draft: Draft) -> datetime | None:
    delivery: Delivery | None = getattr(draft, "delivery", None)
    return delivery.sent_at if delivery is not None and delivery.status == DeliveryStatus.SENT else None


def _later(moment: datetime, other: datetime | None) -> datetime:
    return max(moment, other) if other else moment
