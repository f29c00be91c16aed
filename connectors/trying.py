"""One look at what a query would find: its first posts, within the budget and the windows of the account."""

from contextlib import closing
from dataclasses import dataclass

from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from .access import Caller
from .base import Capability, FetchedPage, SearchQuery, connectors
from .budgets import Reading
from .errors import BadQuery, ConnectorError
from .searching import OpenSearch, open_search, options_of


@dataclass(frozen=True, slots=True)
class Trial:
    """A first page that can be asked for. `ask` may be called in any thread; `reading` is for the database's."""

    search: OpenSearch
    reading: Reading
    query: SearchQuery

    def ask(self) -> FetchedPage:
        """The newest posts. ConnectorError when the platform refuses or does not answer."""
        with closing(self.search.pages(self.query)) as pages:  # type: ignore[type-var]
            return next(pages, FetchedPage(()))

    def explained(self, error: ConnectorError) -> ConnectorError:
        """The error as it is told. A trial changes no account's state."""
        return error if self.search.account else self.search.explained(error)


def open_trial(
    platform: str, text: str, *, project: Project, document: ProjectDocument, most: int, run: Caller
) -> Trial:
    """DomainError when the platform cannot be searched or does not take the text, its account may read nothing
    more, or the text has a variable that it may not have.
    """
    require_searchable(platform)
    words = expand(text)
    if problem := connectors.get(platform).query_problem(words, options_of(platform, document)):
        raise BadQuery(problem)
    search = open_search(platform, project=project, document=document, run=run)
    reading = Reading(search.account, wanted=most)
    return Trial(search, reading, SearchQuery(words, max_results=reading.granted))


def require_searchable(platform: str) -> None:
    """DomainError that names the platforms that can be searched."""
    searchable = [name for name, kind in connectors.items().items() if Capability.SEARCH in kind.capabilities]
    if platform not in searchable:
        raise DomainError(f"{platform[:40]!r} cannot be searched. These platforms can: {', '.join(searchable)}.")
