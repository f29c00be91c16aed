"""Collect: each enabled query asks its platform for pages newer than its cursor.

The cursor moves in the same transaction as the page that it covers. Pages come newest first, so the
cursor keeps where the walk was (`page_token`) and only takes the newest id as read when it has ended:
an interrupted walk goes on, and a later one starts at the newest post of the last.
"""

from connectors.base import Capability, ConnectorError, FetchedPage, SearchQuery, connector_for, connectors
from connectors.models import QueryCursor
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
        """One query after the other; one that fails is counted and told, and stops no other."""
        left = context.limit
        for query in _wanted(context.document):
            try:
                taken = _collect_query(query, context, left=left)
            except (ConnectorError, ConfigError) as error:
                _record_failure(query, error.detail, context)
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
    search = SearchQuery(expand(query.text), cursor.newest_id, cursor.page_token or None, wanted)
    taken = 0
    for page in connector_for(query.platform).search(search):
        taken += len(page.posts)
        with context.batch("collect") as tally:
            _store_page(page, cursor, query, context, tally)
        if not cursor.pending_newest_id or taken >= wanted:
            break
    if not taken:
        _close_walk(cursor, context)
    return taken


def _store_page(page: FetchedPage, cursor: QueryCursor, query: Query, context: RunContext, tally: Tally) -> None:
    new = store_posts(context.project, page.posts, query_label=query.label)
    tally.done += new
    tally.skipped += len(page.posts) - new
    if page.posts and not cursor.pending_newest_id:
        cursor.pending_newest_id = page.posts[0].id
    cursor.page_token = page.next_token or ""
    cursor.walk_count += len(page.posts)
    cursor.pages += 1
    cursor.last_error = ""
    if page.next_token is None or cursor.walk_count >= query.max_results_per_run:
        _mark_read(cursor)
    cursor.save()


def _mark_read(cursor: QueryCursor) -> None:
    cursor.newest_id = cursor.pending_newest_id or cursor.newest_id
    cursor.pending_newest_id = ""
    cursor.page_token = ""
    cursor.walk_count = 0


def _close_walk(cursor: QueryCursor, context: RunContext) -> None:
    """An answer with no page ends an interrupted walk, too."""
    if cursor.pending_newest_id or cursor.page_token:
        with context.batch("collect"):
            _mark_read(cursor)
            cursor.save()


def _record_failure(query: Query, message: str, context: RunContext) -> None:
    with context.batch("collect") as tally:
        tally.failed += 1
        tally.problems.append(f"{query.label}: {message}")
        QueryCursor.objects.update_or_create(
            project=context.project,
            platform=query.platform,
            query=query.text,
            defaults={"last_error": message},
        )
