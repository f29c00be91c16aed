"""Collect: each enabled query asks its platform for pages newer than its cursor, several queries at once.

The cursor moves in the same transaction as the page that it covers. Pages come newest first, so the
cursor keeps where the walk was (`page_token`) and only takes the newest id as read when it has ended:
an interrupted walk goes on, and a later one starts at the newest post of the last.

A platform that asks to wait is waited for, if that is short; else its queries are left to the next run. One that
refuses the account is not asked again in this run. Either is told once, whatever the number of queries. So is a
budget of an account that is spent: its queries go on in another month, or when an operator raises it.
"""

from connectors.base import Capability, connectors
from signalops_site.core.config.schema import ProjectDocument, Query
from signalops_site.core.models import Project

from ..base import RunContext, Stage, stages
from ..batch import walk_side_by_side
from ..collect_plan import CollectPlan
from ..query_walk import ENDED, QueryWalk


@stages.register("collect")
class Collect(Stage):
    name = "collect"

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return len(_wanted(document))

    def total(self, context: RunContext) -> int:
        """Nobody knows how many posts the platforms have."""
        return 0

    def process(self, context: RunContext) -> None:
        """Work off the queries; one that fails is counted and told, and stops none of another platform."""
        plan = CollectPlan(context)
        walks = [QueryWalk(query, plan) for query in _left(context)]
        try:
            walk_side_by_side(walks, concurrency=plan.concurrency, look_up=context.lease.check)
        finally:
            for walk in walks:
                walk.leave()


def _left(context: RunContext) -> list[Query]:
    """The queries to ask. A run that comes from the queue again has asked some of them already."""
    told = context.tally("collect").queries if context.lease.was_queued else {}
    return [query for query in _wanted(context.document) if told.get(query.label, {}).get("state") not in ENDED]


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
