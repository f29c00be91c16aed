"""One decision on many drafts or leads, each by itself: what is refused for one holds no other back.

There is no decision of many: each is one of its own, in a transaction of its own, and is taken back as such.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import models

from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from ..models import Draft, Lead
from .desk import Subject, assign_lead, reviewer_called, snooze_lead, wake_lead
from .labels import label_lead, parse_label
from .review import approve_draft, reject_draft

MOST_AT_ONCE: Final = 200


class DraftAct(models.TextChoices):
    APPROVE = "approve"
    REJECT = "reject"
    SNOOZE = "snooze"
    ASSIGN = "assign"


class LeadAct(models.TextChoices):
    LABEL = "label"
    SNOOZE = "snooze"
    ASSIGN = "assign"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an act needs to know. `until` None: wake them; `to` None: nobody's."""

    reason: str = ""
    until: datetime | None = None
    to: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of them: `problem` is the sentence that says why nothing did."""

    id: int
    problem: str = ""

    @property
    def done(self) -> bool:
        return not self.problem


def decide_on_drafts(
    project: Project, draft_ids: Sequence[int], *, act: DraftAct, wish: Wish, by: User
) -> list[Done]:
    """In the order given, each once."""
    one = _on_drafts(project, act, wish, by=by)
    drafts = Draft.objects.filter(lead__project=project).select_related("lead").in_bulk(draft_ids)
    return _each("draft", draft_ids, drafts, one)


def decide_on_leads(
    project: Project, lead_ids: Sequence[int], *, act: LeadAct, wish: Wish, by: User
) -> list[Done]:
    """In the order given, each once."""
    one = _on_leads(project, act, wish, by=by)
    leads = Lead.objects.filter(project=project).in_bulk(lead_ids)
    return _each("lead", lead_ids, leads, one)


def require_few(count: int) -> None:
    if count > MOST_AT_ONCE:
        raise DomainError(f"At most {MOST_AT_ONCE} at once; these are {count}.")


def _on_drafts(project: Project, act: DraftAct, wish: Wish, *, by: User) -> Callable[[Draft], object]:
    require_role(by, project, Role.REVIEWER)
    match act:
        case DraftAct.APPROVE:
            return partial(approve_draft, by=by)
        case DraftAct.REJECT:
            return partial(reject_draft, reason=wish.reason, by=by)
        case DraftAct.SNOOZE:
            return _snooze(wish, by=by)
        case DraftAct.ASSIGN:
            return _assign(project, wish, by=by)


def _on_leads(project: Project, act: LeadAct, wish: Wish, *, by: User) -> Callable[[Lead], object]:
    require_role(by, project, Role.REVIEWER)
    match act:
        case LeadAct.LABEL:
            return partial(label_lead, label=parse_label(wish.label), reason=wish.reason, by=by)
        case LeadAct.SNOOZE:
            return _snooze(wish, by=by)
        case LeadAct.ASSIGN:
            return _assign(project, wish, by=by)


def _snooze(wish: Wish, *, by: User) -> Callable[[Subject], object]:
    return partial(snooze_lead, until=wish.until, by=by) if wish.until else partial(wake_lead, by=by)


def _assign(project: Project, wish: Wish, *, by: User) -> Callable[[Subject], object]:
    """Nobody of that name is no news of one lead: it refuses them all."""
    to = reviewer_called(wish.to, project) if wish.to is not None else None
    return partial(assign_lead, to=to, by=by)


def _each(kind: str, ids: Iterable[int], found: Mapping[int, Any], one: Callable[[Any], object]) -> list[Done]:
    wanted = list(dict.fromkeys(ids))
    require_few(len(wanted))
    return [_done(kind, pk, found.get(pk), one) for pk in wanted]


def _done(kind: str, pk: int, subject: object | None, one: Callable[[Any], object]) -> Done:
    if subject is None:
        return Done(pk, f"There is no {kind} {pk} in the project.")
    try:
        made = one(subject)
    except DomainError as error:
        return Done(pk, error.detail)
    return Done(pk) if made is not None else Done(pk, "It is so already.")
