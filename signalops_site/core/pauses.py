"""The kill switch: sending stops for one project or for all, until it is resumed or a time has come.

Whoever sends holds the project's row while it makes sure that no pause holds, and pausing takes the same row: once
`pause_sending` has returned, nothing more is taken up. What a platform was told a moment before is under way.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from . import audit
from .errors import Conflict, DomainError
from .models import Pause, Project, Role
from .permissions import require_role, require_superuser
from .runs import publish

MOST_WHY = 300


@transaction.atomic
def pause_sending(
    project: Project | None, *, by: audit.Actor, why: str = "", until: datetime | None = None
) -> Pause:
    """Send nothing from now on: of a project, or (None, which takes a superuser) of any."""
    _require_right(project, by=by)
    if len(why.strip()) > MOST_WHY:
        raise DomainError(f"A reason has at most {MOST_WHY} characters; this one has {len(why.strip())}.")
    if until is not None and until <= timezone.now():
        raise DomainError("The pause would be over already: name a time to come.")
    list(_projects(project).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    pause = Pause.objects.create(project=project, by_id=_id_of(by), why=why.strip(), until=until)
    _tell(project, paused=True)
    fields = {"until": until.isoformat() if until else None}
    audit.record("sending.pause", by=by, project=project, on=pause, fields=fields)
    return pause


@transaction.atomic
def resume_sending(project: Project | None, *, by: audit.Actor) -> list[Pause]:
    """End the pauses of a project, or those of all (None). Conflict when there is none."""
    _require_right(project, by=by)
    ended = list(active_pauses().filter(project=project).select_for_update(of=("self",)))
    if not ended:
        whose = "all projects" if project is None else repr(project.slug)
        hint = " All projects are paused; a superuser resumes them." if project and pause_of(project) else ""
        raise Conflict(f"Sending of {whose} is not paused by itself.{hint}")
    ids = [pause.pk for pause in ended]
    Pause.objects.filter(pk__in=ids).update(ended_at=timezone.now(), ended_by_id=_id_of(by))
    _tell(project, paused=False)
    audit.record("sending.resume", by=by, project=project, fields={"pauses": ids})
    return ended


def active_pauses() -> QuerySet[Pause]:
    """Those that hold now, of projects and of all."""
    not_over = Q(until=None) | Q(until__gt=timezone.now())
    return Pause.objects.filter(not_over, ended_at=None).select_related("project", "by")


def pauses_of(project: Project) -> QuerySet[Pause]:
    """Those that hold a project back now, the one that lasts longest first."""
    holding = active_pauses().filter(Q(project=project) | Q(project=None))
    return holding.order_by(F("until").desc(nulls_first=True), "pk")


def pause_of(project: Project) -> Pause | None:
    """The pause that holds a project back for longest, if there is one."""
    return pauses_of(project).first()


def _projects(project: Project | None) -> QuerySet[Project]:
    return Project.objects.filter(pk=project.pk) if project else Project.objects.all()


def _require_right(project: Project | None, *, by: audit.Actor) -> None:
    """A command (a name, no user) runs in the operator's own shell."""
    if not isinstance(by, User):
        return
    if project is None:
        require_superuser(by)
    else:
        require_role(by, project, Role.REVIEWER)


def _id_of(by: audit.Actor) -> int | None:
    return by.pk if isinstance(by, User) else None


def _tell(project: Project | None, *, paused: bool) -> None:
    for each in _projects(project).order_by("pk"):
        publish(each, "queue_update", detail={"sending": "paused" if paused else "resumed"})
