"""A session beside its account, encrypted, so that every process uses the one that was signed in last.

It is renewed under a lease: a mark on the account's row, taken by one conditional update, with an end. A row lock
would be held for as long as the platform takes to answer, and on SQLite keep every other writer waiting; a process
that is killed leaves the mark behind, and its end lets the next one try. The session is stored and the mark given
back by one update that holds only while the mark is still ours: who connects the account anew takes it away, and
what a renewal under way brings then is dropped.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from signalops_site.core.secrets import Sealed, SecretsUnreadable, seal

from .access import Caller, Session, directly
from .errors import NoAnswer
from .models import Account

LEASE = timedelta(seconds=120)
"""Longer than a platform may take to answer (`http.DEADLINE`), its name and its connection included."""
LONGEST_WAIT = 90.0
POLL = 0.1
"""Seconds. A renewal takes tenths of a second; nobody waits for longer than it may take."""

NO_LEASE: dict[str, Any] = {"session_lease": "", "session_lease_ends_at": None}
"""What whoever puts another session in the place of the stored one writes beside it."""


class StoredSession:
    """`run` runs each step that needs the database; a renewal asks the platform between two of them."""

    def __init__(self, account: Account, *, run: Caller = directly) -> None:
        self.account = account
        self._row = Account.objects.filter(pk=account.pk)
        self._run = run
        self._used: Sealed | None = None

    def load(self) -> Session:
        self._used = self._run(self._stored)
        try:
            return dict(self._used.open()) if self._used is not None else {}
        except SecretsUnreadable:
            return {}

    def save(self, session: Session) -> None:
        sealed = self._used = seal(dict(session))
        self._run(lambda: self._row.update(session=sealed))

    def is_replaced(self) -> bool:
        """Whether the session that was last used here has made way for another: what a platform says of the one is
        not true of the other. Asked where the database may be used.
        """
        return self._used is not None and self._stored() != self._used

    def _stored(self) -> Sealed | None:
        return self._row.values_list("session", flat=True).first()

    def renew(self, renewed: Callable[[Session], Session], *, unless: Callable[[Session], bool]) -> Session:
        """NoAnswer when another process takes too long over it. Not inside a transaction, which would not see
        what that process stores, and on SQLite would keep it from storing.
        """
        give_up = time.monotonic() + LONGEST_WAIT
        while True:
            if unless(session := self.load()):
                return session
            if lease := self._take():
                return self._renew_under(lease, renewed, unless=unless)
            if time.monotonic() > give_up:
                raise NoAnswer(f"Another process is signing {self.account} in, and takes too long over it.")
            time.sleep(POLL)

    def _renew_under(
        self, lease: str, renewed: Callable[[Session], Session], *, unless: Callable[[Session], bool]
    ) -> Session:
        """What was read before the lease was ours may be renewed by now, so it is read again."""
        mine = self._row.filter(session_lease=lease)
        try:
            session = self.load()
            if not unless(session):
                new = seal(dict(renewed(session)))
                self._run(lambda: mine.update(session=new, **NO_LEASE))
            return self.load()
        finally:
            self._run(lambda: mine.update(**NO_LEASE))

    def _take(self) -> str:
        """A new lease, or nothing while another's holds."""
        now, lease = timezone.now(), secrets.token_hex(16)
        free = Q(session_lease="") | Q(session_lease_ends_at__lte=now)
        mark = {"session_lease": lease, "session_lease_ends_at": now + LEASE}
        taken = self._run(lambda: self._row.filter(free).update(**mark))
        return lease if taken else ""
