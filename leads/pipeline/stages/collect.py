"""Collect: each enabled query asks its platform for pages newer than its cursor.

The cursor moves in the same transaction as the page that it covers. Pages come newest first, so the
cursor keeps where the walk was (`page_token`) and only takes the newest id as read when it has ended:
an interrupted walk goes on, and a later one starts at the newest post of the last.

A platform that refuses the account, or asks to wait, is not asked again in this run; its queries pause, and
that is told once.
"""

from datetime import timedelta

from django.utils import timezone

from connectors.base import Capability, FetchedPage, SearchQuery, connectors
from connectors.errors import AccountNeeded, ConnectorError, RateLimited
from connectors.models import QueryCursor
from connectors.searching import search_platform
from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import ProjectDocument, Query
from signalops_site.core.errors import ConfigError
from signalops_site.core.models import Project

from ...services.ingest import store_posts
from ..base import RunContext, Stage, Tally, stages


@stages.register("collect")
class Collect(Stage):
    name = "collect"

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return len(_wanted(document))

    def total(self, context: RunContext) -> int:
        """Nobody knows how many posts the platforms have."""
        return 0

    def process(self, context: RunContext) -> None:
        """One query after the other; one that fails is counted and told, and stops none of another platform."""
        left = context.limit
        stopped: dict[str, ConnectorError] = {}
        for query in _wanted(context.document):
            if query.platform in stopped:
                _record_failure(query, stopped[query.platform], context)
                continue
            try:
                taken = _collect_query(query, context, left=left)
            except (ConnectorError, ConfigError) as error:
                _record_failure(query, error, context)
                if isinstance(error, ConnectorError) and error.stops_platform:
                    stopped[query.platform] = error
                continue
            left = None if left is None else left - taken


def _wanted(document: ProjectDocument) -> list[Query]:
    """Enabled queries of enabled platforms whose connector is there and can search."""
    known = connectors.items()
    return [
        query
        for query in document.queries
        if query.enabled
        and query.platform in known
        and Capability.SEARCH in known[query.platform].capabilities
        and document.platforms.is_enabled(query.platform)
    ]


def _collect_query(query: Query, context: RunContext, *, left: int | None) -> int:
    cursor, _ = QueryCursor.objects.get_or_create(
        project=context.project, platform=query.platform, query=query.text
    )
    wanted = query.max_results_per_run - cursor.walk_count
    wanted = wanted if left is None else min(wanted, left)
    if wanted <= 0:
        return 0
    _require_time(cursor)
    search = SearchQuery(expand(query.text), cursor.newest_id, cursor.page_token or None, wanted)
    taken = 0
    for page in search_platform(query.platform, search, project=context.project, document=context.document):
        taken += len(page.posts)
        with context.batch("collect") as tally:
            _store_page(page, cursor, query, context, tally)
        if not cursor.pending_newest_id or taken >= wanted:
            break
    if not taken:
        _close_walk(cursor, context)
    return taken


def _require_time(cursor: QueryCursor) -> None:
    """RateLimited, without asking, until the time that the platform named when it was asked last."""
    left = (cursor.retry_at - timezone.now()).total_seconds() if cursor.retry_at else 0
    if left > 0:
        message = f"{cursor.platform.capitalize()} is asked again after {cursor.retry_at:%Y-%m-%d %H:%M} UTC."
        raise RateLimited(message, retry_after=left)


def _store_page(page: FetchedPage, cursor: QueryCursor, query: Query, context: RunContext, tally: Tally) -> None:
    new = store_posts(context.project, page.posts, query_label=query.label)
    tally.done += new
    tally.skipped += len(page.posts) - new
    if page.posts and not cursor.pending_newest_id:
        cursor.pending_newest_id = page.newest_id or page.posts[0].id
    cursor.page_token = page.next_token or ""
    cursor.walk_count += len(page.posts)
    cursor.pages += 1
    cursor.last_error, cursor.retry_at = "", None
    if page.next_token is None or cursor.walk_count >= query.max_results_per_run:
        _mark_read(cursor)
    cursor.save()


def _mark_read(cursor: QueryCursor) -> None:
    cursor.newest_id = cursor.pending_newest_id or cursor.newest_id
    cursor.pending_newest_id = ""
    cursor.page_token = ""
    cursor.walk_count = 0


def _close_walk(cursor: QueryCursor, context: RunContext) -> None:
    """An answer with no post ends an interrupted walk, too, and shows that the query is well."""
    if cursor.pending_newest_id or cursor.page_token or cursor.last_error:
        with context.batch("collect"):
            _mark_read(cursor)
            cursor.last_error, cursor.retry_at = "", None
            cursor.save()


def _record_failure(query: Query, error: ConnectorError | ConfigError, context: RunContext) -> None:
    """Count a query that could not be read. What is true of a whole platform is told once, not query by query."""
    concerns_all = isinstance(error, AccountNeeded) or (isinstance(error, ConnectorError) and error.stops_platform)
    message = error.detail if concerns_all else f"{query.label}: {error.detail}"
    wait = error.retry_after if isinstance(error, ConnectorError) else None
    with context.batch("collect") as tally:
        tally.failed += 1
        if message not in tally.problems:
            tally.problems.append(message)
        QueryCursor.objects.update_or_create(
            project=context.project,
            platform=query.platform,
            query=query.text,
            defaults={
                "last_error": error.detail,
                "retry_at": None if wait is None else timezone.now() + timedelta(seconds=wait),
            },
        )
