"""The blind lane: people say what a post is without seeing what any model said of it.

A lead is handed to one person at a time, for ten minutes. Whoever has decided on a lead openly has seen its score,
so they are never asked about it here.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from experiments.models import ExperimentStatus
from signalops_site.core import audit
from signalops_site.core.errors import Conflict, NotFound
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, role_in

from ..hooks import decision_made, decision_undone
from ..judges.base import Label
from ..models import BLIND_KINDS, Decision, DecisionKind, LabelSource, LabelTask, LabelTaskKind, Lead, LeadStage
from .labels import (
    locked_lead,
    parse_label,
    refresh_label,
    save_label,
    send_back,
    set_human_label,
    take_label_back,
)
from .observing import tell_label
from .snapshots import take_snapshot

LEASE: Final = timedelta(minutes=10)
LOOKED_AT: Final = 5
"""How many tasks of a kind are tried, of which other people may have taken some a moment before."""


def next_task(project: Project, *, by: User, held: Collection[int] = ()) -> LabelTask | None:
    """A task for this person, leased to them; None when there is none left.

    One that they have is handed out again (a page that was reloaded asks anew), but for those that they say they
    hold. The kinds take turns, so that neither an experiment nor the random share has to wait for the other.
    """
    require_role(by, project, Role.REVIEWER)
    waiting = tasks_for(project, by=by).exclude(lead__in=LabelTask.objects.filter(pk__in=held).values("lead"))
    mine = waiting.filter(leased_to=by, leased_until__gt=timezone.now()).order_by("leased_until", "pk").first()
    for task in [mine] if mine else _candidates(project, waiting):
        if _lease(task, by=by):
            return _shown(task.pk)
    return None


def count_tasks(project: Project, *, by: User) -> int:
    """How many posts wait for this person's answer."""
    require_role(by, project, Role.REVIEWER)
    return tasks_for(project, by=by).order_by().values("lead").distinct().count()


def tasks_for(project: Project, *, by: User) -> QuerySet[LabelTask]:
    """What may be asked of this person: not what somebody else has before them, or what they skipped."""
    others = LabelTask.objects.filter(lead=OuterRef("lead"), leased_until__gt=timezone.now(), answered_at=None)
    decided = Decision.objects.filter(lead=OuterRef("lead"), user=by, undone_at=None)
    skipped = LabelTask.skipped_by.through.objects.filter(labeltask__lead=OuterRef("lead"), user=by)
    return (
        _open_tasks(project)
        .filter(~Exists(others.exclude(leased_to=by)), ~Exists(decided), ~Exists(skipped))
        .exclude(lead__stage=LeadStage.GONE)
    )


@transaction.atomic
def answer_task(task: LabelTask, *, label: str, by: User, seconds_spent: int | None = None) -> LabelTask:
    """Say what the post is. The answer settles every task of its lead, labels the lead and reaches experiments.

    The same answer again is no error: a browser may not have heard of the first. Conflict when somebody else
    has the post or has answered, or another answer was given before.
    """
    require_role(by, task.project, Role.REVIEWER)
    wanted = parse_label(label)
    lead = locked_lead(task.lead_id)
    task = _locked(task)
    if task.answered_at is not None:
        return _same_answer(task, wanted, by=by)
    _require_lease(task, lead, by=by)
    decision = _decide(task, lead, wanted, by=by, seconds_spent=seconds_spent)
    audit.record("label.answer", by=by, project=lead.project, on=lead, fields={"decision": decision.pk})
    return _shown(task.pk)


@transaction.atomic
def skip_task(task: LabelTask, *, by: User) -> None:
    """Leave it to others: this person is not asked about that post again."""
    require_role(by, task.project, Role.REVIEWER)
    lead = locked_lead(task.lead_id)
    task = _locked(task)
    if task.answered_at is not None:
        raise Conflict(f"{_name(task.answered_by)} has answered this one.")
    _require_lease(task, lead, by=by)
    task.skipped_by.add(by.pk)
    _siblings(task).update(leased_to=None, leased_until=None)
    audit.record("label.skip", by=by, project=lead.project, on=lead)


@transaction.atomic
def undo_answer(project: Project, *, by: User) -> LabelTask:
    """Take back one's own last answer: label, lead and experiments are as before. The task is theirs again."""
    require_role(by, project, Role.REVIEWER)
    decision = _last_answer(project, by=by)
    lead = locked_lead(decision.lead_id)
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    task = decision.label_tasks.order_by("pk").first()
    if decision.undone_at is not None or task is None or lead.stage == LeadStage.GONE:
        raise Conflict("That answer cannot be taken back any more.")
    take_label_back(lead, decision)
    decision.label_tasks.update(
        label="",
        role_rank=0,
        answered_by=None,
        answered_at=None,
        decision=None,
        leased_to=by.pk,
        leased_until=_lease_end(),
    )
    decision.undone_at = timezone.now()
    decision.save(update_fields=["undone_at"])
    decision.lead = lead
    decision_undone.call(decision)
    tell_label(lead)
    audit.record("label.undo", by=by, project=project, on=lead, fields={"decision": decision.pk})
    return _shown(task.pk)


# ------------------------------------------------------------ handing out


def _open_tasks(project: Project) -> QuerySet[LabelTask]:
    """Without those of experiments that are over."""
    over = Q(kind=LabelTaskKind.DISCORDANT, experiment__status=ExperimentStatus.COMPLETED)
    return LabelTask.objects.filter(project=project, answered_at__isnull=True).exclude(over)


def _candidates(project: Project, waiting: QuerySet[LabelTask]) -> Iterator[LabelTask]:
    """The first few of each kind, beginning with the one whose turn it is."""
    kinds: Sequence[str] = LabelTaskKind.values
    turn = LabelTask.objects.filter(project=project, answered_at__isnull=False).count() % len(kinds)
    for kind in (*kinds[turn:], *kinds[:turn]):
        yield from waiting.filter(kind=kind).order_by("place", "pk")[:LOOKED_AT]


@transaction.atomic
def _lease(task: LabelTask, *, by: User) -> bool:
    """Take all tasks of the task's lead, unless somebody else was quicker or has just answered."""
    tasks = list(_siblings(task).select_for_update().order_by("pk"))
    now = timezone.now()
    is_taken = any(each.leased_until and each.leased_until > now and each.leased_to_id != by.pk for each in tasks)
    if is_taken or task.pk not in {each.pk for each in tasks}:
        return False
    _siblings(task).update(leased_to=by.pk, leased_until=_lease_end())
    return True


def _siblings(task: LabelTask) -> QuerySet[LabelTask]:
    """All open tasks of its lead, itself included."""
    return LabelTask.objects.filter(lead=task.lead_id, answered_at__isnull=True)


def _lease_end() -> datetime:
    return timezone.now() + LEASE


def _shown(task_id: int) -> LabelTask:
    return LabelTask.objects.select_related("project", "lead__post__author").get(pk=task_id)


# ------------------------------------------------------------ answering


def _locked(task: LabelTask) -> LabelTask:
    """The task as it is now. The caller holds its lead's lock."""
    found = LabelTask.objects.select_for_update(of=("self",)).select_related("answered_by", "leased_to")
    now = found.filter(pk=task.pk).first()
    if now is None:
        raise NotFound("Nobody is asked about this post any more.")
    return now


def _require_lease(task: LabelTask, lead: Lead, *, by: User) -> None:
    """One whose time is up may still be answered by whoever had it, until somebody else gets it."""
    if lead.stage == LeadStage.GONE:
        raise NotFound("The post is gone at its platform.")
    if task.leased_to is None:
        raise Conflict("This one was not handed to you: ask for the next one.")
    if task.leased_to_id != by.pk:
        raise Conflict(f"{_name(task.leased_to)} has this one.")


def _same_answer(task: LabelTask, label: Label, *, by: User) -> LabelTask:
    if task.answered_by_id != by.pk:
        raise Conflict(f"{_name(task.answered_by)} has answered this one.")
    if task.label != label:
        raise Conflict(f"You have answered this one with {task.label!r}; take that back first.")
    return _shown(task.pk)


def _name(user: User | None) -> str:
    return user.get_username() if user else "Somebody"


def _decide(task: LabelTask, lead: Lead, label: Label, *, by: User, seconds_spent: int | None) -> Decision:
    before = take_snapshot(lead, by=by)
    source = LabelSource.BLIND_AUDIT if task.kind in BLIND_KINDS else LabelSource.MISSED_SAMPLE
    set_human_label(lead, label=label, by=by, source=source, sampling_probability=task.sampling_probability)
    refresh_label(lead, remembered=before.lead)
    send_back(lead, label)
    save_label(lead)
    decision = Decision.objects.create(
        lead=lead,
        user=by,
        kind=DecisionKind.BLIND,
        before=before.as_json(),
        after=take_snapshot(lead, by=by).as_json(),
        seconds_spent=seconds_spent,
    )
    role = role_in(by, lead.project)
    _siblings(task).update(
        label=label,
        role_rank=role.rank if role else 0,
        answered_by=by.pk,
        answered_at=timezone.now(),
        decision=decision,
        leased_to=None,
        leased_until=None,
    )
    decision_made.call(decision)
    tell_label(lead)
    return decision


def _last_answer(project: Project, *, by: User) -> Decision:
    mine = Decision.objects.filter(user=by, lead__project=project, kind=DecisionKind.BLIND, undone_at__isnull=True)
    decision = mine.order_by("-pk").first()
    if decision is None:
        raise Conflict(f"{by.get_username()} has no answer left to take back in {project.slug!r}.")
    return decision
