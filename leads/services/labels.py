"""What people say of a lead, and what that makes of its own label."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from signalops_site.core import audit
from signalops_site.core.errors import DomainError, NotFound
from signalops_site.core.models import Role
from signalops_site.core.permissions import require_role, role_in

from ..hooks import decision_made
from ..judges.base import Label
from ..models import Decision, DecisionKind, HumanLabel, LabelSource, Lead, LeadStage
from .observing import tell_label
from .snapshots import LeadState, Snapshot, label_state, restore_label, take_snapshot

HUMAN_CONFIDENCE = 1.0
"""A person's word counts in full wherever a judge's confidence would."""

LABEL_FIELDS = ("label", "confidence", "labelled_by_human")
_STAGE_FIELDS = ("stage", "filter_reason", "copy_of", "error", "error_stage", "attempts", "retry_at")


@transaction.atomic
def label_lead(lead: Lead, *, label: str, by: User, reason: str = "") -> Decision:
    """Correct a lead's label.

    The lead is scored again by the next run, with one exception: when a draft waits or has been decided,
    it keeps its stage, since the draft and the decision stand on the score that the reviewer saw
    (`runpipeline --refresh score` renews that too). A lead that was filtered out goes on, unless the label
    says that the filter was right; a copy then stands for itself.
    """
    lead = locked_lead(lead.pk)
    require_role(by, lead.project, Role.REVIEWER)
    wanted = parse_label(label)
    before = take_snapshot(lead, by=by)
    set_human_label(lead, label=wanted, by=by, source=LabelSource.CORRECTION, reason=reason)
    refresh_label(lead, remembered=before.lead)
    send_back(lead, wanted)
    save_label(lead)
    tell_label(lead)
    decision = Decision.objects.create(
        lead=lead,
        user=by,
        kind=DecisionKind.LABEL,
        before=before.as_json(),
        after=take_snapshot(lead, by=by).as_json(),
    )
    decision_made.call(decision)
    changed = ["label", "stage"] if lead.stage != before.lead.stage else ["label"]
    audit.record("lead.label", by=by, project=lead.project, on=lead, fields={"changed": changed})
    return decision


def effective_human_label(lead: Lead) -> HumanLabel | None:
    """The label that counts, of all that people gave: the latest by the highest role."""
    return lead.human_labels.order_by("-role_rank", "-updated_at", "-pk").first()


def parse_label(text: str) -> Label:
    try:
        return Label(text.strip().lower())
    except ValueError:
        raise DomainError(f"{text!r} is no label: it is one of {', '.join(Label.values)}.") from None


def set_human_label(
    lead: Lead,
    *,
    label: Label,
    by: User,
    source: LabelSource,
    reason: str = "",
    sampling_probability: float | None = None,
) -> None:
    """Write this person's label. The caller holds the lead's lock, and calls `refresh_label` and, once the lead is
    saved, `observing.tell_label` after it.
    """
    role = role_in(by, lead.project)
    values = {
        "label": label,
        "reason": reason.strip()[:500],
        "source": source,
        "role_rank": role.rank if role else 0,
        "sampling_probability": sampling_probability,
    }
    HumanLabel.objects.update_or_create(lead=lead, user=by, defaults=values)


def refresh_label(lead: Lead, *, remembered: LeadState, since: datetime | None = None) -> None:
    """Set (not save) what the lead's label is now: people's if there is one, else the machine's.

    `remembered` is what it was before a decision that is being taken back; a judgment made after `since`
    is newer than that, and counts instead.
    """
    human = effective_human_label(lead)
    if human is not None:
        lead.label, lead.confidence, lead.labelled_by_human = human.label, HUMAN_CONFIDENCE, True
        return
    newest = lead.judgments.order_by("-pk").first()
    is_newer = newest is not None and since is not None and newest.created_at > since
    lead.labelled_by_human = False
    if newest is not None and (is_newer or remembered.labelled_by_human):
        lead.label, lead.confidence = newest.label, newest.confidence
    elif remembered.labelled_by_human:
        lead.label, lead.confidence = "", 0.0
    else:
        lead.label, lead.confidence = remembered.label, remembered.confidence


def take_label_back(lead: Lead, decision: Decision) -> None:
    """Make a locked lead's label what it was before a decision that labelled it, and save.

    What has changed since by other means (a correction, a new judgment) stays.
    """
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    if label_state(lead, by=decision.user) == after.label:
        restore_label(lead, by=decision.user, state=before.label)
        refresh_label(lead, remembered=before.lead, since=decision.created_at)
    else:
        pass_label_on(decision)
    if lead.stage == after.lead.stage:
        lead.stage = before.lead.stage
    elif lead.stage == LeadStage.SCORED:
        send_back(lead, Label(lead.label))
    save_label(lead)


def pass_label_on(decision: Decision) -> None:
    """When a decision is taken back out of turn, the label that was given over its own remembers what was there
    before both.
    """
    before, after = Snapshot.model_validate(decision.before), Snapshot.model_validate(decision.after)
    later = Decision.objects.filter(lead=decision.lead_id, user=decision.user_id, pk__gt=decision.pk)
    for each in later.filter(undone_at__isnull=True).order_by("pk"):
        state = Snapshot.model_validate(each.before)
        if state.label == after.label:
            was = before.lead.model_dump(include={"label", "confidence", "labelled_by_human"})
            lead = state.lead.model_copy(update=was)
            each.before = state.model_copy(update={"label": before.label, "lead": lead}).as_json()
            each.save(update_fields=["before"])
            return


def save_label(lead: Lead) -> None:
    """Save what `refresh_label` and `send_back` have set."""
    lead.save(update_fields=[*LABEL_FIELDS, *_STAGE_FIELDS])


def locked_lead(lead_id: int) -> Lead:
    leads = Lead.objects.select_related("project").select_for_update(of=("self",))
    lead = leads.filter(pk=lead_id).first()
    if lead is None:
        raise NotFound(f"There is no lead {lead_id} any more.")
    return lead


def send_back(lead: Lead, label: Label) -> None:
    """Let the next run score the lead again, and forget why its last attempt failed."""
    overrules_filter = lead.stage == LeadStage.FILTERED and label != Label.IRRELEVANT
    if lead.stage != LeadStage.SCORED and not overrules_filter:
        return
    lead.stage = LeadStage.JUDGED
    lead.filter_reason = lead.error = lead.error_stage = ""
    lead.copy_of = None
    lead.attempts, lead.retry_at = 0, None
