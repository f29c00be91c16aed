"""Named reads of leads, drafts and counts. Lists take the same number of queries however long they are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Left, Substr, TruncDate
from django.utils import timezone

from signalops_site.core.errors import NotFound
from signalops_site.core.models import Project

from .judges.base import Label
from .models import (
    Decision,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    HumanLabel,
    Judgment,
    Lead,
    LeadQuery,
    LeadStage,
    Post,
    ScoringPluginResult,
    Sequence,
    Step,
)
from .models.deliveries import SHOWN
from .sequences.standing import whole

EXCERPT_LENGTH = 280
SHOWN_COPIES = 20
APPROVED = (DraftStatus.APPROVED, DraftStatus.EDITED)
SCORED = (LeadStage.SCORED, LeadStage.DRAFTED, LeadStage.REVIEWED)
"""A lead that waits to be scored again is not counted until it has been."""

Projects = Project | QuerySet[Project]


def leads_of(projects: Projects) -> QuerySet[Lead]:
    return Lead.objects.filter(**_within(projects, "project"))


def with_posts_there(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Without those whose posts are gone at their platform: what is worked on, exported and learned from."""
    return leads.exclude(stage=LeadStage.GONE)


NOT_IN_ROWS = (
    *("note", "retry_at"),
    *(f"project__{name}" for name in ("description", "product_url", "created_at")),
    *(f"post__{name}" for name in ("text", "clean_text", "hashtags", "urls", "conversation_id", "reply_to_id")),
    *(
        f"post__{name}"
        for name in ("near_duplicate_key", "first_seen_at", "checked_at", "next_check_at", "gone_at")
    ),
    *(f"post__author__{name}" for name in ("bio", "account_created_at", "updated_at")),
)
"""What a list reads of no lead: long texts, and moments, each of which takes as long as ten numbers."""


def lead_rows(projects: Projects) -> QuerySet[Lead]:
    """Leads for lists: with `excerpt` and `draft_status`, without long texts."""
    return _with_row_fields(leads_of(projects)).defer(*NOT_IN_ROWS).prefetch_related("queries")


RARE = 2_000


def with_posts(leads: QuerySet[Lead], **facts: Any) -> QuerySet[Lead]:
    """The leads whose posts have these facts (lookups on Post), quickly whether they are many or few.

    Few are looked up by their posts. Where they are many, the list is read in its own order, and each post is
    looked at until a page is full.
    """
    few = list(Post.objects.filter(**facts).values_list("pk", flat=True)[: RARE + 1])
    if len(few) <= RARE:
        return leads.filter(pk__in=list(Lead.objects.filter(post__in=few).values_list("pk", flat=True)))
    return leads.filter(**{f"post__{name}": value for name, value in facts.items()})


def found_by(leads: QuerySet[Lead], *, label: str) -> QuerySet[Lead]:
    """The leads that a query of that label found; few are looked up, many are met on the way."""
    links = LeadQuery.objects.filter(label=label)
    few = list(links.values_list("lead_id", flat=True)[: RARE + 1])
    if len(few) <= RARE:
        return leads.filter(pk__in=few)
    return leads.filter(Exists(links.filter(lead=OuterRef("pk"))))


def lead_detail(projects: Projects, *, lead_id: int) -> Lead:
    """One lead with everything that is known of it; NotFound when it is not in these projects."""
    lead = (
        _with_row_fields(leads_of(projects))
        .select_related("current_score")
        .prefetch_related(
            "queries",
            _judgments("judgments"),
            Prefetch("human_labels", HumanLabel.objects.select_related("user").order_by("-updated_at")),
            Prefetch("drafts", _with_touches(Draft.objects.select_related("reviewer", "delivery__queued_by"))),
            Prefetch("sequences", whole(Sequence.objects.order_by("-pk"))),
            Prefetch("decisions", Decision.objects.select_related("user").defer("before", "after")),
            _components("current_score__plugin_results"),
        )
        .filter(pk=lead_id)
        .first()
    )
    if lead is None:
        raise NotFound("There is no such lead, or it is not yours to see.")
    return lead


def queue_items(projects: Projects, *, status: str | None = None) -> QuerySet[Draft]:
    """Drafts with everything that a reviewer needs in order to decide. `status` None: all of them.

    Those of posts that are gone at their platform are in no list; `queue_item` still has each.
    """
    drafts = _drafts(projects).exclude(lead__stage=LeadStage.GONE)
    return drafts if status is None else with_status(drafts, status)


def with_status(drafts: QuerySet[Draft], status: str) -> QuerySet[Draft]:
    """Those of that status, as it is shown: of an approved draft that is on its way, the delivery's."""
    if status in APPROVED:
        at_rest = Q(delivery=None) | Q(delivery__status=DeliveryStatus.CANCELLED)
        return drafts.filter(at_rest, status=status)
    if status in SHOWN:
        return drafts.filter(status__in=APPROVED, delivery__status=status)
    return drafts.filter(status=status)


def shown_status(draft: Draft) -> str:
    """The draft's own state and its delivery's, as one."""
    delivery = getattr(draft, "delivery", None)
    on_its_way = draft.status in APPROVED and delivery is not None and delivery.status in SHOWN
    return str(delivery.status if on_its_way and delivery is not None else draft.status)


def _drafts(projects: Projects) -> QuerySet[Draft]:
    drafts = _with_touches(Draft.objects.filter(**_within(projects, "lead__project")))
    return (
        drafts.select_related(
            "lead__project",
            "lead__post__author",
            "lead__current_score",
            "reviewer",
            "delivery__queued_by",
            "hold__user",
        )
        .annotate(assignee_name=_name_of("lead__assignee"))
        .defer("lead__project__description")
        .prefetch_related(
            "lead__queries", _judgments("lead__judgments"), _components("lead__current_score__plugin_results")
        )
    )


def _with_touches(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    """Those that are a step of a sequence know which, of how many."""
    with_touch = drafts.select_related("touch__step__sequence").defer(
        "prompt", "touch__step__instruction", "touch__step__wording"
    )
    numbers = Step.objects.only("sequence", "number")
    return with_touch.prefetch_related(Prefetch("touch__step__sequence__steps", numbers))


def queue_item(projects: Projects, *, draft_id: int) -> Draft:
    draft = _drafts(projects).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound("There is no such draft, or it is not yours to see.")
    return draft


def stats_counts(project: Project) -> dict[str, int]:
    """The project's counts. `approved` includes what was edited, and what has left since."""
    return {**_lead_counts(project), **_draft_counts(project), **_delivery_counts(project)}


def _delivery_counts(project: Project) -> dict[str, int]:
    told = (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)
    rows = Delivery.objects.filter(project=project, status__in=told).order_by().values_list("status")
    counts = dict(rows.annotate(count=Count("pk")))
    return {status.value: counts.get(status.value, 0) for status in told}


@dataclass(slots=True)
class Day:
    """What happened on one day (UTC). `relevant` counts the leads collected that day that are relevant now."""

    date: date
    collected: int = 0
    relevant: int = 0
    drafted: int = 0
    approved: int = 0
    rejected: int = 0


def timeline(project: Project, *, days: int) -> list[Day]:
    """The last `days` days, today included, oldest first; days without events are there with zeros."""
    today = timezone.now().astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time.min, UTC)
    found = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(days)}
    drafts = Draft.objects.filter(lead__project=project)
    relevant, approved = Q(label=Label.RELEVANT), Q(status__in=APPROVED)
    rejected = Q(status=DraftStatus.REJECTED)
    _count_by_day(
        found, leads_of(project), "created_at", since, {"collected": Count("pk"), "relevant": _count(relevant)}
    )
    _count_by_day(found, drafts, "created_at", since, {"drafted": Count("pk")})
    _count_by_day(found, drafts, "decided_at", since, {"approved": _count(approved), "rejected": _count(rejected)})
    return list(found.values())


def _within(projects: Projects, path: str) -> dict[str, Any]:
    """One project is compared with, so that an index has its leads in order; most people see only one."""
    if isinstance(projects, Project):
        return {path: projects}
    ids = list(projects.values_list("pk", flat=True))
    return {path: ids[0]} if len(ids) == 1 else {f"{path}__in": ids}


def _with_row_fields(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    copies = Lead.objects.filter(copy_of=OuterRef("pk")).order_by().values("copy_of")
    on_its_way = Q(status__in=APPROVED, delivery__status__in=SHOWN)
    shown = Case(When(on_its_way, then=F("delivery__status")), default=F("status"))
    latest_draft = Draft.objects.filter(lead=OuterRef("pk")).order_by("-pk").values(shown=shown)[:1]
    return (
        leads.select_related("project", "post__author")
        .defer("project__description")
        .annotate(excerpt=Left(F("post__text"), EXCERPT_LENGTH), draft_status=Subquery(latest_draft))
        .annotate(assignee_name=_name_of("assignee"))
        .annotate(copy_count=Coalesce(Subquery(copies.annotate(count=Count("pk")).values("count")), 0))
    )


def _name_of(person: str) -> Subquery:
    """No join, which counting a list would make as well."""
    return Subquery(User.objects.filter(pk=OuterRef(person)).values("username"))


def first_copies(lead: Lead) -> QuerySet[Lead]:
    """Those that came first, with their posts and authors; `copy_count` of a row says how many there are."""
    return (
        lead.copies.select_related("post__author")
        .only(
            "copy_of",
            *(f"post__{name}" for name in ("platform", "url", "posted_at")),
            *(f"post__author__{name}" for name in ("handle", "name", "followers", "verified")),
        )
        .order_by("pk")[:SHOWN_COPIES]
    )


def _judgments(path: str) -> "Prefetch[str, QuerySet[Judgment], str]":
    return Prefetch(path, Judgment.objects.select_related("model_version").order_by("-pk"))


def _components(path: str) -> "Prefetch[str, QuerySet[ScoringPluginResult], str]":
    return Prefetch(path, ScoringPluginResult.objects.order_by("-contribution", "plugin_name"))


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _lead_counts(project: Project) -> dict[str, int]:
    """Two counts by groups, each of which reads an index and no lead. A lead whose post is gone counts on."""
    stages = _counts_by(project, "stage")
    labels = _counts_by(project, "label")
    collected = sum(stages.values())
    gone = _gone_counts(project) if LeadStage.GONE in stages else Counter()
    filtered = stages.get(LeadStage.FILTERED, 0) + gone["filtered"]
    return {
        "collected": collected,
        "normalized": collected - filtered - stages.get(LeadStage.COLLECTED, 0) - gone["collected"],
        "filtered": filtered,
        "judged": collected - labels.get("", 0),
        **{label.value: labels.get(label, 0) for label in Label},
        "scored": sum(stages.get(stage, 0) for stage in SCORED) + gone["scored"],
    }


def _gone_counts(project: Project) -> Counter[str]:
    """How far the leads had come whose posts are gone. Of one without label or reason nobody asks any more."""
    gone = leads_of(project).filter(stage=LeadStage.GONE)
    return Counter(
        gone.aggregate(
            filtered=_count(~Q(filter_reason="")),
            collected=_count(Q(filter_reason="", label="")),
            scored=_count(Q(scored_at__isnull=False)),
        )
    )


def _counts_by(project: Project, column: str) -> dict[str, int]:
    return dict(leads_of(project).order_by().values_list(column).annotate(count=Count("pk")))


def _draft_counts(project: Project) -> dict[str, int]:
    return Draft.objects.filter(lead__project=project).aggregate(
        drafted=Count("lead", distinct=True),
        pending=_count(Q(status=DraftStatus.PENDING)),
        approved=_count(Q(status__in=APPROVED)),
        edited=_count(Q(status=DraftStatus.EDITED)),
        rejected=_count(Q(status=DraftStatus.REJECTED)),
    )


def _count_by_day(
    found: Mapping[date, Day],
    rows: QuerySet[Lead] | QuerySet[Draft],
    moment: str,
    since: datetime,
    counts: Mapping[str, Count],
) -> None:
    """One query: add the counts of rows whose `moment` lies in each day."""
    by_day = rows.filter(**{f"{moment}__gte": since}).values(day=_day_of(moment)).annotate(**counts)
    for moment_of, *numbers in by_day.order_by("day").values_list("day", *counts):
        if day := found.get(moment_of if isinstance(moment_of, date) else date.fromisoformat(moment_of)):
            for name, number in zip(counts, numbers, strict=True):
                setattr(day, name, number)


def _day_of(moment: str) -> "Substr | TruncDate":
    """The day in UTC. SQLite keeps moments as text; Django's own function would call Python for each row."""
    return Substr(moment, 1, 10) if connection.vendor == "sqlite" else TruncDate(moment, tzinfo=UTC)


def best_leads(project: Project, *, count: int) -> QuerySet[Lead]:
    """The project's leads with the highest scores, with their posts and authors."""
    there = with_posts_there(leads_of(project)).select_related("post__author")
    return there.order_by("-score", "-pk")[:count]
