"""The state of a lead, its draft and one person's label, as a decision keeps it: what undo walks back."""

from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, JsonValue

from ..models import Decision, Draft, HumanLabel, Lead


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class LeadState(_Part):
    stage: str
    label: str
    confidence: float
    labelled_by_human: bool
    assignee_id: int | None = None
    snoozed_until: datetime | None = None


class LabelState(_Part):
    label: str
    reason: str
    source: str
    role_rank: int
    sampling_probability: float | None = None
    updated_at: datetime


class DraftState(_Part):
    status: str = "pending"
    text_final: str = ""
    reviewer_id: int | None = None
    reject_reason: str = ""
    better_text: str = ""
    seconds_spent: int | None = None
    decided_at: datetime | None = None


class Snapshot(_Part):
    """`label` is the label of the person who decides; other people's labels are theirs to change."""

    lead: LeadState
    label: LabelState | None = None
    draft: DraftState | None = None

    def as_json(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json")


def take_snapshot(lead: Lead, *, by: User, draft: Draft | None = None) -> Snapshot:
    return Snapshot(
        lead=LeadState.model_validate(lead),
        label=label_state(lead, by=by),
        draft=DraftState.model_validate(draft) if draft else None,
    )


def changed_by(decision: Decision) -> list[str]:
    """The names (never the values) of the fields that a decision changed, such as `draft.status`."""
    return sorted(
        f"{part}.{name}"
        for part in ("draft", "lead", "label")
        for name, value in (decision.after.get(part) or {}).items()
        if value != (decision.before.get(part) or {}).get(name)
    )


def label_state(lead: Lead, *, by: User) -> LabelState | None:
    label = HumanLabel.objects.filter(lead=lead, user=by).first()
    return LabelState.model_validate(label) if label else None


def restore_draft(draft: Draft, state: DraftState) -> None:
    """Write a draft's whole state of review."""
    values = dict(state)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save(update_fields=["reviewer" if name == "reviewer_id" else name for name in values])


def restore_label(lead: Lead, *, by: User, state: LabelState | None) -> None:
    """Make one person's label what it was, its time included (a plain save would set that to now)."""
    mine = HumanLabel.objects.filter(lead=lead, user=by)
    if state is None:
        mine.delete()
        return
    HumanLabel.objects.get_or_create(
        lead=lead, user=by, defaults={"label": state.label, "updated_at": timezone.now()}
    )
    mine.update(**dict(state))
