"""Searching a platform as a project: with its account, its options, and what a refusal means for its queries."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from .access import Caller, directly
from .base import AccountConnector, Connector, FetchedPage, Looking, SearchQuery
from .errors import AccountNeeded, ConnectorError, Refused
from .models import Account
from .opening import open_connector, paused_message
from .services import pause_refused
from .sessions import StoredSession


@dataclass(frozen=True, slots=True)
class Standing:
    """Of whose posts and people a source's word counts in other projects, too.

    Of all at an address that the operator stands for. Elsewhere of those that the address itself numbers
    (`7@example.social`), by the name of its `home`; of none where it has no home.
    """

    is_trusted: bool
    home: str = ""

    def speaks_for(self, identity: str) -> bool:
        return self.is_trusted or (bool(self.home) and identity.endswith(f"@{self.home}"))


OF_THE_OPERATOR = Standing(is_trusted=True)
OF_ONE_PROJECT = Standing(is_trusted=False)
"""Of a file, say: nobody knows who has written it."""


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """A platform, ready to be searched, or asked for posts by their ids, as a project. Made, and told of errors,
    where the database may be used.
    """

    connector: Connector
    account: Account | None

    @property
    def standing(self) -> Standing:
        """An address that a project chose speaks for others only of what is that address's own."""
        connector = self.connector
        is_shared = self.account is not None and self.account.project_id is None
        is_known = connector.access.home in ("", connector.default_base_url)
        home = connector.home_of_posts if isinstance(connector, Looking) else ""
        return Standing(is_shared or is_known, home)

    @property
    def speaks_for_all(self) -> bool:
        """Whether what it says of the posts that it is asked for counts in other projects, too."""
        return self.standing.is_trusted or bool(self.standing.home)

    def pages(self, query: SearchQuery) -> Iterator[FetchedPage]:
        """Pages of posts, newest first. Any thread may iterate: the database is used only through `run`."""
        return self.connector.search(query)

    def explained(self, error: ConnectorError) -> ConnectorError:
        """The error as it is told, see `explained_for`."""
        return explained_for(self.connector, self.account, error)


def explained_for(connector: Connector, account: Account | None, error: ConnectorError) -> ConnectorError:
    """The error as it is told. A refusal pauses the account, and says once what to do; not that of a session in
    whose place another was put meanwhile, as when a person agrees anew.
    """
    if not isinstance(error, Refused) or not isinstance(connector, AccountConnector):
        return error
    if account is None:
        command = f"`manage.py accounts add {connector.platform}`"
        return AccountNeeded(f"{error.detail} With an account it may: {command}.")
    session = connector.access.session
    if isinstance(session, StoredSession) and session.is_replaced():
        return error
    if not pause_refused(account, error):
        return error
    return type(error)(paused_message(account))


def open_search(
    platform: str, *, project: Project, document: ProjectDocument, run: Caller = directly
) -> OpenSearch:
    """ConnectorError when there is nobody to search as. `run` runs what the search needs of the database."""
    connector, account = open_connector(platform, project=project, options=options_of(platform, document), run=run)
    return OpenSearch(connector, account)


def options_of(platform: str, document: ProjectDocument) -> BaseModel | None:
    section = getattr(document.platforms, platform, None)
    return section if isinstance(section, BaseModel) else None
