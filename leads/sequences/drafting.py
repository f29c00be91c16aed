"""From steps that are due to drafts in the queue. Nothing leaves here: each waits for a person.

No transaction is open while drafts are written. Storing one asks again, under the lead's lock, whether its step is
still due: whatever ended the sequence meanwhile, or another worker, came first.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project
from signalops_site.core.runs import publish

from ..drafting.base import Drafter, FollowUp, NotWritten, Written
from ..drafting.factory import active_drafter, build_drafter
from ..drafting.rows import drafts_of, facts_of
from ..judges.base import Findings
from ..models import DeliveryStatus, Draft, DraftStatus, Lead, Sequence, SequenceExit, Step, StepKind, Touch
from ..services.answers import lock_living
from .exits import BY, exit_sequences, reason_to_end
from .standing import standing_of, whole

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
TRY_AGAIN_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Due:
    """A step whose turn has come. Its sequence is of `standing.whole`."""

    sequence: Sequence
    step: Step

    @property
    def lead(self) -> Lead:
        return self.sequence.lead


def draft_steps(due: list[Due], *, project: Project, document: ProjectDocument) -> int:
    """Write a draft for each, as the project drafts its replies; how many reached the queue."""
    findings = Findings()
    drafter = _drafter_of(project, document, findings)
    facts = [facts_of(each.lead, follow_up=_follow_up(each)) for each in due]
    stored = 0
    for place, reply in drafter.write(facts):
        if isinstance(reply, Written):
            stored += _store(due[place], reply, document=document)
        else:
            _put_off(due[place], reply)
    for problem in findings.problems:
        log.warning("follow-ups of %s: %s", project.slug, problem)
    return stored


def _drafter_of(project: Project, document: ProjectDocument, findings: Findings) -> Drafter:
    model_id = active_drafter(project, document, by=BY)
    return build_drafter(model_id, document, project=project, run=None, findings=findings)


def _follow_up(due: Due) -> FollowUp:
    step = due.step
    return FollowUp(
        instruction=step.instruction,
        wording=step.wording,
        written=tuple(_written_to(due.lead)),
        is_message=step.kind == StepKind.DM,
    )


def _written_to(lead: Lead) -> Iterable[str]:
    """What has left on this lead, oldest first."""
    left = Draft.objects.filter(lead=lead, delivery__status=DeliveryStatus.SENT).order_by("delivery__sent_at")
    return left.values_list("text_final", flat=True)


@transaction.atomic
def _store(due: Due, reply: Written, *, document: ProjectDocument) -> bool:
    """False when it is not due any more; what was written is dropped then."""
    project, lead_id = due.lead.project, due.lead.pk
    if not lock_living(project, [lead_id]):
        return False
    sequence = whole(Sequence.objects.filter(pk=due.sequence.pk, ended_at__isnull=True)).first()
    if sequence is None or reason_to_end(sequence) or not _is_still_due(sequence, due.step):
        return False
    [draft] = drafts_of({lead_id: reply}, project=project, document=document)
    draft.save()
    Touch.objects.create(step=due.step, draft=draft)
    Step.objects.filter(pk=due.step.pk).update(error="")
    publish(project, "queue_update", detail={"draft": draft.pk, "lead": lead_id, "status": draft.status})
    fields = {"lead": lead_id, "sequence": sequence.pk, "step": due.step.number}
    audit.record("sequence.draft", by=BY, project=project, on=draft, fields=fields)
    return True


def _is_still_due(sequence: Sequence, step: Step) -> bool:
    """A lead has one open draft at most: one that waits for review comes first."""
    standing = standing_of(sequence)
    waits = Draft.objects.filter(lead=sequence.lead, status=DraftStatus.PENDING).exists()
    return not waits and standing.step == step and standing.draft is None


def _put_off(due: Due, reply: NotWritten) -> None:
    """Tried again later; what the post itself seems to prevent, only so often."""
    attempts = due.step.attempts + reply.is_of_the_post
    if attempts >= MOST_ATTEMPTS:
        exit_sequences(due.lead, SequenceExit.NOT_WRITTEN)
    later = timezone.now() + TRY_AGAIN_AFTER
    Step.objects.filter(pk=due.step.pk).update(attempts=attempts, retry_at=later, error=reply.reason)
