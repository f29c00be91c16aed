"""Posting at a platform as a project: with an account that may write there, and what a refusal means for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signalops_site.core.models import Project

from .access import Access, Caller, directly
from .base import AccountConnector, Connector, Looking, Replying, SentReply, connectors
from .errors import AccountNeeded, ConnectorError, NotSent, Refused
from .models import Account, AccountState
from .names import name_of
from .opening import access_of, best_of, paused_message, usable_accounts, without_account
from .searching import explained_for


@dataclass(frozen=True, slots=True)
class OpenPosting:
    """A platform, ready to be answered at, as a project. `account` is None where none is needed."""

    connector: Replying
    account: Account | None

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """As Replying has it, with errors as they are told. Not inside a transaction."""
        try:
            return self.connector.reply(post_id, text, key=key)
        except ConnectorError as error:
            self._raise_explained(error)
            raise

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        """As Replying has it, with errors as they are told. Not inside a transaction."""
        try:
            return self.connector.find_reply(post_id, text, since=since)
        except ConnectorError as error:
            self._raise_explained(error)
            raise

    def explained(self, error: ConnectorError) -> ConnectorError:
        """The error as it is told. A refusal of the account pauses it, once."""
        if not isinstance(self.connector, Connector):
            return error
        return explained_for(self.connector, self.account, error)

    def _raise_explained(self, error: ConnectorError) -> None:
        told = self.explained(error)
        if told is not error:
            raise told from error


def open_posting(platform: str, *, project: Project, community: str = "", run: Caller = directly) -> OpenPosting:
    """The platform, with the account that answers there for the project. Asks nobody.

    `community` is that of the post: where posts are numbered by their instance, only an account of that one
    means the same post. NotSent: nobody can answer there by API. AccountNeeded: no account may write. Refused: the
    account that may was refused before.
    """
    kind = _replying(platform)
    if not issubclass(kind, AccountConnector):
        return _opened(kind, without_account(kind, kind.default_base_url, options=None, run=run), None)
    account = account_to_post(platform, project=project, community=community)
    if account.state != AccountState.OK:
        raise Refused(paused_message(account))
    return _opened(kind, access_of(account, run=run), account)


def account_to_post(platform: str, *, project: Project, community: str = "") -> Account:
    """The project's own account before a shared one, and a good one before one that was refused. AccountNeeded
    says what those that are there lack.
    """
    there = accounts_to_post(platform, project=project)
    account = writer_among(there, platform=platform, community=community)
    if account is None:
        raise NotSent(f"{name_of(platform)} has no accounts.")
    return account


def accounts_to_post(platform: str, *, project: Project) -> list[Account]:
    """All that `writer_among` chooses from. NotSent: nobody can answer there by API."""
    _replying(platform)
    return usable_accounts(platform, project=project)


def writer_among(accounts: Sequence[Account], *, platform: str, community: str = "") -> Account | None:
    """Which of these answers at posts of that community; None where the platform takes none. AccountNeeded: they
    lack something.
    """
    kind = _replying(platform)
    if not issubclass(kind, AccountConnector):
        return None
    there = [account for account in accounts if _is_at_home(kind, account, community=community)]
    account = best_of([each for each in there if may_write(each)])
    if account is None:
        raise AccountNeeded(_what_is_missing(kind, there, community=community))
    return account


def may_write(account: Account) -> bool:
    """Whether an account may post, as far as its platform has said what it may: only a known lack is one."""
    kind = connectors.items().get(account.platform)
    if kind is None or not issubclass(kind, Replying):
        return False
    scopes = _writing_scopes(kind)
    return not scopes or not account.scopes or bool(scopes & set(account.scopes))


def _writing_scopes(kind: type[Connector]) -> frozenset[str]:
    return kind.writing_scopes if issubclass(kind, Replying) else frozenset()


def _replying(platform: str) -> type[Connector]:
    kind = connectors.items().get(platform)
    if kind is None or not issubclass(kind, Replying):
        raise NotSent(f"{name_of(platform[:40])} takes no replies by API.")
    return kind


def _opened(kind: type[Connector], access: Access, account: Account | None) -> OpenPosting:
    connector = kind(access)
    if not isinstance(connector, Replying):
        raise NotSent(f"{name_of(kind.platform)} takes no replies by API.")
    return OpenPosting(connector, account)


def _is_at_home(kind: type[AccountConnector], account: Account, *, community: str) -> bool:
    connector = kind(Access(account.base_url, home=account.base_url))
    home = connector.home_of_posts if isinstance(connector, Looking) else ""
    return not home or not community or home == community.lower()


def _what_is_missing(kind: type[AccountConnector], there: list[Account], *, community: str) -> str:
    name, where = name_of(kind.platform), f" of {community}" if community and not there else ""
    if not there:
        return f"No account{where} can answer at {name}: `manage.py accounts add {kind.platform}` adds one."
    scopes = " or ".join(sorted(_writing_scopes(kind)))
    how = "connect it in the dashboard, under Settings > Accounts" if kind.oauth else "give it a key that has that"
    return f"{there[0]} may not write at {name}: it lacks {scopes}. To let it, {how}."
