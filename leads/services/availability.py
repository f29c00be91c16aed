"""Deletion sync: are the posts that are kept still at their platforms?

Every post is asked for by its id once in CHECKED_EVERY, so that one that is deleted at its platform is empty here
within a day. Gone means that the platform says so. An ambiguous answer (nothing, an error) is `unknown`: such a
post keeps its words, and is asked for again sooner. Platforms whose connector cannot look posts up are not asked.

The beat gives each project that has posts to check a job. It takes a turn of some seconds, and hands on what is
left. Posts are asked for as the project would search: with its account, within limits that all processes share.
What is read counts in the account's budget, and a budget that is spent stops nothing here: what people have
deleted must go.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from connectors.base import Availability, LookedUp, Looking, connectors
from connectors.budgets import count_read
from connectors.errors import AccountNeeded, BadQuery, ConnectorError, NotThere
from connectors.searching import open_search
from signalops_site.core.bulk import update_rows
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project

from ..models import Draft, DraftStatus, Lead, Post, PostAvailability
from ..models.posts import CHECKED_EVERY
from .emptying import empty_again, empty_posts
from .ingest import METRICS, update_metrics

log = logging.getLogger(__name__)

TASK = "leads.tasks.check_availability"
LOOKED_FOR_EVERY = timedelta(minutes=5)
UNKNOWN_EVERY = timedelta(hours=6)
TURN = 20.0
"""Seconds after which a turn begins no further batch. A job has 60, and one request may take 20."""
A_DAY = timedelta(days=1)
ANSWERED = ("availability", "checked_at", "next_check_at")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a turn found. `is_cut`: its time was over, and there was more to ask."""

    live: int = 0
    gone: int = 0
    unknown: int = 0
    is_cut: bool = False

    def __add__(self, other: "Checked") -> "Checked":
        return Checked(
            self.live + other.live,
            self.gone + other.gone,
            self.unknown + other.unknown,
            self.is_cut or other.is_cut,
        )


def enqueue_checks() -> int:
    """Give each project that has posts to check a job, unless it has one; how many got one."""
    at_work = {(job.task.get("kwargs") or {}).get("project_id") for job in _jobs()}
    waiting = [pk for pk in projects_to_check().values_list("pk", flat=True) if pk not in at_work]
    for pk in waiting:
        enqueue(TASK, cluster=Cluster.SHORT, keep_result=False, project_id=pk)
    return len(waiting)


def _jobs() -> Iterable[OrmQ]:
    """Those that wait, and those that a worker has taken: it would be back if the worker were lost."""
    return (job for job in OrmQ.objects.filter(key=Cluster.SHORT) if job.task.get("func") == TASK)


def projects_to_check() -> QuerySet[Project]:
    """The projects with posts that are due, those of an hour ago that were emptied among them."""
    due = Post.objects.filter(
        platform__in=lookup_platforms(), next_check_at__lte=timezone.now(), leads__project=OuterRef("pk")
    )
    return Project.objects.filter(Exists(due)).order_by("pk")


def lookup_platforms() -> list[str]:
    return [name for name, kind in connectors.items().items() if issubclass(kind, Looking)]


def check_posts(project: Project, *, seconds: float = TURN) -> Checked:
    """Ask the platforms for the project's posts that are due, each for its share of the time.

    Posts with a draft that waits for review come first, then those that have waited longest. What one platform
    refuses ends its turn and no other's.
    """
    ends = time.monotonic() + seconds
    platforms = lookup_platforms()
    checked = Checked()
    for number, platform in enumerate(platforms):
        empty_again(platform)
        share = (ends - time.monotonic()) / (len(platforms) - number)
        checked += _check_platform(platform, project, until=time.monotonic() + share)
    return checked


def due_posts(platform: str, project: Project, *, home: str = "", is_alone: bool = False) -> QuerySet[Post]:
    """The project's posts that the platform is to be asked for now. `home`: only those of that community, where
    whoever is asked knows no other's. `is_alone`: only those that no other project has, where whoever is asked
    has no word for others.
    """
    of_project = Lead.objects.filter(post=OuterRef("pk"), project=project)
    waiting = Post.objects.filter(platform=platform, next_check_at__lte=timezone.now())
    due = waiting.exclude(availability=PostAvailability.GONE).filter(Exists(of_project))
    due = due.exclude(Exists(_of_others(project))) if is_alone else due
    return due.filter(community__iexact=home) if home else due


def _of_others(project: Project) -> QuerySet[Lead]:
    return Lead.objects.filter(post=OuterRef("pk")).exclude(project=project)


def _put_off_elsewhere(platform: str, project: Project, *, home: str) -> None:
    """Posts that were read at another instance than the present one wait until the project reads there again.
    Those that another project has as well are left for it to ask.
    """
    elsewhere = due_posts(platform, project, is_alone=True).exclude(community__iexact=home)
    count = elsewhere.update(next_check_at=timezone.now() + CHECKED_EVERY)
    if count:
        log.info(
            "%s posts of %s at %s were not read at %s, and are not checked", count, project.slug, platform, home
        )


def _check_platform(platform: str, project: Project, *, until: float) -> Checked:
    checked = Checked()
    if not due_posts(platform, project).exists():
        return checked
    try:
        search = open_search(platform, project=project, document=active_document(project))
    except DomainError as error:
        _log_end(platform, project, error)
        return checked
    connector, left, is_alone = search.connector, _left_today(platform), not search.speaks_for_all
    if not isinstance(connector, Looking):
        return checked
    if home := connector.home_of_posts:
        _put_off_elsewhere(platform, project, home=home)
    while posts := _next_batch(
        due_posts(platform, project, home=home, is_alone=is_alone), project, most=_size(connector, left)
    ):
        if time.monotonic() >= until:
            return replace(checked, is_cut=True)
        try:
            found = looked_up(connector, [post.platform_post_id for post in posts])
        except ConnectorError as error:
            _log_end(platform, project, search.explained(error))
            break
        count_read(search.account, sum(each.availability == Availability.LIVE for each in found.values()))
        checked += record_answers(_of_alone(project, posts) if is_alone else posts, found)
        left = None if left is None else left - len(posts)
    return checked


def _log_end(platform: str, project: Project, error: DomainError) -> None:
    """Once a turn, whatever the number of posts."""
    log.info("posts of %s at %s are not checked now: %s", project.slug, platform, error.detail)


def _size(connector: Looking, left: int | None) -> int:
    at_once = connector.looked_up_at_once
    return at_once if left is None else max(min(at_once, left), 0)


def _left_today(platform: str) -> int | None:
    """How many posts may still be asked for within a day; None: as many as there are."""
    most = settings.LOOKUPS_PER_DAY.get(platform)
    if most is None:
        return None
    asked = Post.objects.filter(platform=platform, checked_at__gt=timezone.now() - A_DAY).count()
    return max(most - asked, 0)


def _next_batch(due: QuerySet[Post], project: Project, *, most: int) -> list[Post]:
    due = due.order_by("next_check_at", "pk")
    drafted = Draft.objects.filter(lead__project=project, status=DraftStatus.PENDING)
    first = list(due.filter(pk__in=drafted.values("lead__post"))[:most])
    rest = due.exclude(pk__in=[post.pk for post in first])
    return [*first, *rest[: most - len(first)]]


def looked_up(connector: Looking, ids: Sequence[str]) -> Mapping[str, LookedUp]:
    """What the platform says of each. One id that it does not take spoils the answer for no other."""
    try:
        return connector.look_up(ids)
    except (BadQuery, NotThere):
        if len(ids) == 1:
            return {}
        half = len(ids) // 2
        return {**looked_up(connector, ids[:half]), **looked_up(connector, ids[half:])}
    except ConnectorError as error:
        if error.stops_platform or isinstance(error, AccountNeeded):
            raise
        log.warning("a look-up failed: %s", error.detail)
        return {}


def _of_alone(project: Project, posts: Sequence[Post]) -> list[Post]:
    """Without those that another project has found since they were chosen."""
    shared = set(Lead.objects.filter(post__in=posts).exclude(project=project).values_list("post", flat=True))
    return [post for post in posts if post.pk not in shared]


@transaction.atomic
def record_answers(posts: Sequence[Post], found: Mapping[str, LookedUp]) -> Checked:
    """Write what a platform said of its posts; what it said nothing of is unknown."""
    unsaid = LookedUp(Availability.UNKNOWN)
    locked = Post.objects.filter(pk__in=[post.pk for post in posts]).exclude(availability=PostAvailability.GONE)
    rows = list(locked.select_for_update().order_by("pk"))
    answers = [(row, found.get(row.platform_post_id, unsaid)) for row in rows]
    now = timezone.now()
    for row, answer in answers:
        row.availability, row.checked_at = PostAvailability(answer.availability.value), now
        row.next_check_at = now + (CHECKED_EVERY if answer.availability == Availability.LIVE else UNKNOWN_EVERY)
        if answer.post is not None:
            update_metrics(row, answer.post)
    kept = [row for row, answer in answers if answer.availability != Availability.GONE]
    update_rows(kept, (*ANSWERED, *METRICS))
    gone = empty_posts([row.pk for row, answer in answers if answer.availability == Availability.GONE])
    live = sum(row.availability == PostAvailability.LIVE for row in kept)
    return Checked(live=live, gone=gone, unknown=len(kept) - live)
