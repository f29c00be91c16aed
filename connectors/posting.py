"""Posting at a platform as a project: with its account, and what a refusal means for that."""

from dataclasses import dataclass

from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project

from .base import AccountConnector, Replying, connectors
from .errors import AccountNeeded, ConnectorError, Refused
from .models import Account
from .opening import open_connector, paused_message
from .searching import options_of
from .services import pause_refused


@dataclass(frozen=True, slots=True)
class OpenPosting:
    """A platform, ready to take replies as an account; None: as nobody in particular."""

    connector: Replying
    account: Account | None

    def explained(self, error: ConnectorError) -> ConnectorError:
        """The error as it is told. A refusal pauses the account, once."""
        if not isinstance(error, Refused) or self.account is None or not pause_refused(self.account, error):
            return error
        return type(error)(paused_message(self.account))


def open_posting(platform: str, *, project: Project) -> OpenPosting:
    """ConnectorError when there is nobody to post as, or the platform takes no replies by API."""
    if platform not in connectors:
        raise ConnectorError(f"No connector serves {platform[:32]}.")
    options = options_of(platform, active_document(project))
    connector, account = open_connector(platform, project=project, options=options)
    if not isinstance(connector, Replying):
        raise ConnectorError(f"{platform.capitalize()} takes no replies by its API here.")
    if account is None and isinstance(connector, AccountConnector):
        raise AccountNeeded(f"A reply needs an account: `manage.py accounts add {platform}`.")
    return OpenPosting(connector, account)
