"""A search as a run makes it, in one thread."""

from collections.abc import Iterator

from connectors.base import FetchedPage, SearchQuery
from connectors.errors import ConnectorError
from connectors.searching import open_search
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project


def search_platform(
    platform: str, query: SearchQuery, *, project: Project, document: ProjectDocument
) -> Iterator[FetchedPage]:
    """Pages of posts; an error as a run tells it."""
    search = open_search(platform, project=project, document=document)
    try:
        yield from search.pages(query)
    except ConnectorError as error:
        raise search.explained(error) from error
