"""Searching a platform as a project: with its account, its options, and what a refusal means for its queries."""

from collections.abc import Iterator

from pydantic import BaseModel

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project

from .base import AccountConnector, FetchedPage, SearchQuery
from .errors import AccountNeeded, Refused
from .opening import open_connector, paused_message
from .services import pause_refused


def search_platform(
    platform: str, query: SearchQuery, *, project: Project, document: ProjectDocument
) -> Iterator[FetchedPage]:
    """Pages of posts, newest first. A refusal pauses the account, and the error says once what to do."""
    connector, account = open_connector(platform, project=project, options=_options(platform, document))
    try:
        yield from connector.search(query)
    except Refused as error:
        if not isinstance(connector, AccountConnector):
            raise
        if account is None:
            message = f"{error.detail} With an account it may: `manage.py accounts add {platform}`."
            raise AccountNeeded(message) from error
        pause_refused(account, error)
        raise type(error)(paused_message(account)) from error


def _options(platform: str, document: ProjectDocument) -> BaseModel | None:
    section = getattr(document.platforms, platform, None)
    return section if isinstance(section, BaseModel) else None
