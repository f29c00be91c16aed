"""Full-text search over leads: one face, one file for each database.

Every lead has a document of its words: the post's, its author's, and the note that people keep on it. What is
asked becomes a `Search`; the database's own index answers it (SQLite's FTS5, PostgreSQL's tsvector with GIN).
Documents go with their leads by a trigger, so that no way of deleting can forget them.
"""

from collections.abc import Iterable
from types import ModuleType

from django.db import connection, models
from django.db.models.expressions import RawSQL

from signalops_site.core.models import Project

from ..models import Lead
from . import postgres, sqlite
from .words import document_of, read_search

__all__ = ["backend", "forget_words", "index_leads", "keep_trigger", "matching"]

COMMON = 5_000
"""More matches than these: a list in its order is walked until a page is full, instead of sorting them all."""


def index_leads(lead_ids: Iterable[int]) -> None:
    """Write the leads' documents anew, inside the caller's transaction."""
    rows = Lead.objects.filter(pk__in=list(lead_ids)).values_list(
        "pk", "project_id", "post__text", "post__author__handle", "post__author__name", "note"
    )
    documents = [(pk, project, document_of(*texts)) for pk, project, *texts in rows]
    if documents:
        backend().write(documents)


def matching(
    leads: models.QuerySet[Lead], asked: str, *, projects: models.QuerySet[Project]
) -> models.QuerySet[Lead]:
    """The leads whose documents hold what was asked. An empty question narrows nothing; one of signs alone
    (a quote, `%_*`) is held by no lead.
    """
    if not asked.strip():
        return leads
    search = read_search(asked)
    if search.is_empty:
        return leads.none()
    database, scope = backend(), list(projects.values_list("pk", flat=True))
    if database.matches_up_to(COMMON, search, scope) < COMMON:
        among = RawSQL(database.MATCHES, [database.query(search, scope)])  # noqa: S611 - our own statement
        return leads.filter(pk__in=among)
    is_match = RawSQL(database.IS_MATCH, [database.query(search, [])], models.BooleanField())  # noqa: S611
    return leads.filter(is_match)


def forget_words() -> None:
    """Leave no word of the leads that were just deleted in the index."""
    backend().forget_words()


def keep_trigger(**_signal: object) -> None:
    """After migrations: deleting a lead deletes its document."""
    if "leads_search" in connection.introspection.table_names():
        backend().keep_trigger()


def backend() -> ModuleType:
    """The file of the database in use; both hold the same names."""
    return postgres if connection.vendor == "postgresql" else sqlite
