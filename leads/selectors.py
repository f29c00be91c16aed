"""Named reads of leads, drafts and counts. Lists take the same number of queries however long they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Left, TruncDate
from django.utils import timezone

from signalops_site.core.errors import NotFound
from signalops_site.core.models import Project

from .judges.base import Label
from .models import Decision, Draft, DraftStatus, HumanLabel, Judgment, Lead, LeadStage, ScoringPluginResult

EXCERPT_LENGTH = 280
APPROVED = (DraftStatus.APPROVED, DraftStatus.EDITED)
NOT_YET_NORMALIZED = (LeadStage.COLLECTED, LeadStage.FILTERED)

Projects = Project | QuerySet[Project]


def leads_of(projects: Projects) -> QuerySet[Lead]:
    return Lead.objects.filter(**_within(projects, "project"))


def lead_rows(projects: Projects) -> QuerySet[Lead]:
    """Leads for lists: with `excerpt` and `draft_status`, without long texts."""
    return (
        _with_row_fields(leads_of(projects))
        .defer(
            *(f"post__{name}" for name in ("text", "clean_text", "hashtags", "mentions", "urls")),
            "post__author__bio",
        )
        .prefetch_related("queries")
    )


def lead_detail(projects: Projects, *, lead_id: int) -> Lead:
    """One lead with everything that is known of it; NotFound when it is not in these projects."""
    lead = (
        _with_row_fields(leads_of(projects))
        .select_related("current_score")
        .prefetch_related(
            "queries",
            _judgments("judgments"),
            Prefetch("human_labels", HumanLabel.objects.select_related("user").order_by("-updated_at")),
            Prefetch("drafts", Draft.objects.select_related("reviewer").defer("prompt")),
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
    """Drafts with everything that a reviewer needs in order to decide. `status` None: all of them."""
    drafts = Draft.objects.filter(**_within(projects, "lead__project"))
    if status is not None:
        drafts = drafts.filter(status=status)
    return (
        drafts.select_related("lead__project", "lead__post__author", "lead__current_score", "reviewer")
        .defer("prompt", "lead__project__description")
        .prefetch_related(
            "lead__queries", _judgments("lead__judgments"), _components("lead__current_score__plugin_results")
        )
    )


def queue_item(projects: Projects, *, draft_id: int) -> Draft:
    draft = queue_items(projects).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound("There is no such draft, or it is not yours to see.")
    return draft


def stats_counts(project: Project) -> dict[str, int]:
    """The project's counts. `approved` includes what was edited; nothing can be sent before there is sending."""
    return {**_lead_counts(project), **_draft_counts(project), "sent": 0, "failed": 0, "unknown": 0}


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


def _within(projects: Projects, path: str) -> dict[str, Projects]:
    return {path if isinstance(projects, Project) else f"{path}__in": projects}


def _with_row_fields(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    latest_draft = Draft.objects.filter(lead=OuterRef("pk")).order_by("-pk").values("status")[:1]
    return (
        leads.select_related("project", "post__author")
        .defer("project__description")
        .annotate(excerpt=Left(F("post__text"), EXCERPT_LENGTH), draft_status=Subquery(latest_draft))
    )


def _judgments(path: str) -> "Prefetch[str, QuerySet[Judgment], str]":
    return Prefetch(path, Judgment.objects.select_related("model_version").order_by("-pk"))


def _components(path: str) -> "Prefetch[str, QuerySet[ScoringPluginResult], str]":
    return Prefetch(path, ScoringPluginResult.objects.order_by("-contribution", "plugin_name"))


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _lead_counts(project: Project) -> dict[str, int]:
    return leads_of(project).aggregate(
        collected=Count("pk"),
        normalized=_count(~Q(stage__in=NOT_YET_NORMALIZED)),
        filtered=_count(Q(stage=LeadStage.FILTERED)),
        judged=_count(~Q(label="")),
        relevant=_count(Q(label=Label.RELEVANT)),
        maybe=_count(Q(label=Label.MAYBE)),
        irrelevant=_count(Q(label=Label.IRRELEVANT)),
        scored=_count(Q(scored_at__isnull=False)),
    )


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
    by_day = rows.filter(**{f"{moment}__gte": since}).values(day=TruncDate(moment, tzinfo=UTC)).annotate(**counts)
    for moment_of, *numbers in by_day.order_by("day").values_list("day", *counts):
        if day := found.get(moment_of):
            for name, number in zip(counts, numbers, strict=True):
                setattr(day, name, number)


def best_leads(project: Project, *, count: int) -> QuerySet[Lead]:
    """The project's leads with the highest scores, with their posts and authors."""
    return Lead.objects.filter(project=project).select_related("post__author").order_by("-score", "-pk")[:count]
