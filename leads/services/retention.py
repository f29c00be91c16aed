"""Retention: leads older than a project keeps those of their platform are deleted, with all that hangs on them.

A lead's age counts from when the project collected it. Posts are shared: a post goes with the last lead on it, and
its author with the last post. Work is done in batches of a transaction each, so memory and locks stay small and a
killed process leaves nothing half deleted; each batch writes its certificate, the entry `retention.delete` of the
project's audit log, in that transaction.

The beat gives each project that has something due a job a day. It takes a turn of some seconds, and hands on what
is left. The do-not-contact list, the audit log and certificates are not touched.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from experiments.results import forget_subjects
from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.erasing import forget_in_events
from signalops_site.core.jobs import Cluster, enqueue
from signalops_site.core.models import Project

from .. import search
from ..hooks import post_emptied
from ..judges.ab_test import subject_of
from ..models import Author, Draft, Lead, Post
from .answers import forget_answers
from .copies import release_copies
from .erasing import forget_in_admin
from .suppressed_ids import keep_by_id

TASK = "leads.tasks.apply_retention"
BY = "job:retention"
LOOKED_FOR_EVERY = timedelta(days=1)
TURN = 20.0
"""Seconds after which a turn begins no further batch. A job has 60."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What a project no longer keeps of a platform: what it collected before that time."""

    project: Project
    platform: str
    days: int
    before: datetime


@dataclass(frozen=True, slots=True)
class Due:
    rule: Rule
    leads: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a turn removed, by table. `is_cut`: its time was over, and there was more."""

    counts: dict[str, int]
    certificates: list[int]
    """Ids of the audit log's entries, one for each batch."""
    is_cut: bool = False


def rules_of(project: Project) -> list[Rule]:
    """By platform; none for a project without a configuration."""
    if project.active_config_id is None:
        return []
    now = timezone.now()
    days = active_document(project).retention
    return [Rule(project, name, days[name], now - timedelta(days=days[name])) for name in sorted(days)]


def due_leads(rule: Rule) -> QuerySet[Lead]:
    return Lead.objects.filter(project=rule.project, created_at__lt=rule.before, post__platform=rule.platform)


def what_is_due(project: Project) -> list[Due]:
    """How many leads `apply_retention` would delete now, by rule."""
    return [Due(rule, due_leads(rule).count()) for rule in rules_of(project)]


def enqueue_retention() -> int:
    """Give each project that has something due a job; how many got one. A second job finds nothing to do."""
    projects = Project.objects.exclude(active_config=None).select_related("active_config").order_by("pk")
    due = [project.pk for project in projects if any(due_leads(rule).exists() for rule in rules_of(project))]
    for pk in due:
        enqueue(TASK, cluster=Cluster.SHORT, keep_result=False, project_id=pk)
    return len(due)


def apply_retention(project: Project, *, by: audit.Actor = BY, seconds: float | None = None) -> Deleted:
    """Delete what is due, the oldest first; within so many seconds, or (None) all of it."""
    ends = None if seconds is None else time.monotonic() + seconds
    total: Counter[str] = Counter()
    certificates: list[int] = []
    is_cut = False
    for rule in rules_of(project):
        last: datetime | None = None
        while batch := _next_batch(rule, after=last):
            if is_cut := ends is not None and time.monotonic() >= ends:
                break
            last = batch[-1].created_at
            counts, certificate = _delete(rule, [lead.pk for lead in batch], by=by)
            total.update(counts)
            certificates.append(certificate)
    if certificates:
        with transaction.atomic():
            search.forget_words()
    return Deleted(dict(sorted(total.items())), certificates, is_cut)


def _next_batch(rule: Rule, *, after: datetime | None) -> list[Lead]:
    """Beginning where the last one ended: what is older was walked past and is kept, or is deleted."""
    leads = due_leads(rule)
    if after is not None:
        leads = leads.filter(created_at__gte=after)
    return list(leads.only("pk", "created_at").order_by("created_at", "pk")[:BATCH])


@transaction.atomic
def _delete(rule: Rule, lead_ids: Sequence[int], *, by: audit.Actor) -> tuple[dict[str, int], int]:
    """One batch: what was removed, and the id of its certificate. Posts are locked first, as a run does it."""
    posts = Post.objects.filter(leads__in=lead_ids)
    post_ids = [post.pk for post in posts.select_for_update(of=("self",)).order_by("pk")]
    counts = _delete_leads(lead_ids)
    counts.update(_delete_posts(post_ids))
    kept = {table: count for table, count in sorted(counts.items()) if count}
    entry = audit.record(
        "retention.delete",
        by=by,
        project=rule.project,
        fields={
            "platform": rule.platform,
            "days": rule.days,
            "before": rule.before.isoformat(),
            "counts": kept,
        },
    )
    return kept, entry.pk


def _delete_leads(lead_ids: Sequence[int]) -> Counter[str]:
    draft_ids = list(Draft.objects.filter(lead__in=lead_ids).values_list("pk", flat=True))
    counts = Counter({"core.RunEvent": forget_in_events(lead_ids=lead_ids, draft_ids=draft_ids)})
    counts["core.LlmCall"] = forget_answers(lead_ids)
    release_copies(lead_ids)
    for _name, forgotten in post_emptied.run(lead_ids):  # before the rows go by which they find what they keep
        counts.update(forgotten)
    counts.update(Lead.objects.filter(pk__in=lead_ids).delete()[1])
    # Once the leads are gone: no run can add results to them then.
    counts["experiments.AbResult"] = forget_subjects([subject_of(pk) for pk in lead_ids])
    return counts


def _delete_posts(post_ids: Sequence[int]) -> Counter[str]:
    """Those that are no project's lead any more, and authors of whom nothing is kept."""
    left = Post.objects.filter(~Exists(Lead.objects.filter(post=OuterRef("pk"))), pk__in=post_ids)
    rows = list(left.values_list("pk", "author_id"))
    gone = [pk for pk, _ in rows]
    counts = Counter(Post.objects.filter(pk__in=gone).delete()[1])
    authors = Author.objects.filter(pk__in={author for _, author in rows if author})
    alone = authors.filter(~Exists(Post.objects.filter(author=OuterRef("pk"))))
    keep_by_id(alone)
    author_ids = list(alone.values_list("pk", flat=True))
    counts.update(Author.objects.filter(pk__in=author_ids).delete()[1])
    counts["admin.LogEntry"] = forget_in_admin(Post, gone) + forget_in_admin(Author, author_ids)
    return counts
