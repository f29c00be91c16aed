"""How many requests are left, counted by all processes together in the database.

Before a request one is taken from its window by a single conditional update, so two processes cannot both take
the last one. After it the window becomes what the platform's headers said: it may have counted requests that
are not ours. An endpoint that never said anything has the window that its connector knows from the platform's
documentation; without one it holds nothing back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from .access import Allowance, Caller, Window, directly
from .errors import AccountNeeded, RateLimited
from .headers import LONGEST_WAIT
from .models import Account, QueryCursor, RateWindow
from .names import name_of

NEXT_WINDOW = timedelta(minutes=20)
"""How long a window that has just begun is taken to be, until an answer says better. It is longer than any
platform's, so an answer that names an earlier end is known to tell of this window.
"""
LONGEST_WINDOW = timedelta(seconds=LONGEST_WAIT)
"""One that ends later was begun by a clock that was ahead, and is over."""
SAME_WINDOW = timedelta(seconds=10)
"""Two answers of one window name its end a little differently."""


def _is_there(account: Account) -> bool:
    """And stays until the transaction ends."""
    return Account.objects.select_for_update().filter(pk=account.pk).exists()


def forget_waits(account: Account) -> None:
    """With another key, or another person, there are other limits: nobody waits for those of the one before."""
    RateWindow.objects.filter(account=account).delete()
    waiting = QueryCursor.objects.filter(platform=account.platform, retry_at__isnull=False)
    if account.project is not None:
        waiting = waiting.filter(project=account.project)
    waiting.update(retry_at=None)


class SharedLimits:
    """The windows of one account, or (without one) of everybody who asks at that address.

    `documented` are the windows that endpoints have by the platform's documentation.
    """

    def __init__(
        self,
        platform: str,
        *,
        account: Account | None,
        base_url: str,
        documented: Mapping[str, Window] | None = None,
        run: Caller = directly,
    ) -> None:
        self.platform = platform
        self.account = account
        self.base_url = base_url
        self.documented = documented or {}
        self._run = run

    def reserve(self, endpoint: str) -> None:
        """RateLimited when no request is left in the window."""
        self._run(lambda: self._reserve(endpoint))

    def observe(self, endpoint: str, allowance: Allowance) -> None:
        """Take over what the answer's headers said."""
        self._run(lambda: self._observe(endpoint, allowance))

    def _reserve(self, endpoint: str) -> None:
        now = timezone.now()
        windows = self._windows(endpoint)
        windows.filter(resets_at__gt=now + LONGEST_WINDOW).update(resets_at=now)
        if windows.filter(resets_at__gt=now, remaining__gt=0).update(remaining=F("remaining") - 1):
            return
        window = windows.first()
        if window is not None and window.resets_at > now:
            wait = max((window.resets_at - now).total_seconds(), 1.0)
            raise RateLimited(f"{name_of(self.platform)} has no request left for now.", retry_after=wait)
        if window is None and endpoint not in self.documented:
            return
        if window is None:
            self._begin_first(endpoint)
            self._reserve(endpoint)
        elif not self._begin_next(window):
            self._reserve(endpoint)  # another process began it first

    def _begin_first(self, endpoint: str) -> None:
        """Begin the documented window with all its requests; of several processes one does."""
        window = self.documented[endpoint]
        resets_at = timezone.now() + timedelta(seconds=window.seconds)
        self._create(endpoint, limit=window.limit, remaining=window.limit, resets_at=resets_at)

    def _begin_next(self, window: RateWindow) -> bool:
        """Begin the window after one that is over, with this request as its first; False: somebody else did."""
        ended = RateWindow.objects.filter(pk=window.pk, resets_at=window.resets_at)
        documented = self.documented.get(window.endpoint)
        limit = documented.limit if window.limit is None and documented else window.limit
        if limit is None:
            ended.delete()  # it only said to wait until now
            return True
        length = timedelta(seconds=documented.seconds) if documented else NEXT_WINDOW
        return bool(ended.update(limit=limit, remaining=max(limit - 1, 0), resets_at=timezone.now() + length))

    def _observe(self, endpoint: str, allowance: Allowance) -> None:
        """Answers overtake each other: within one window the lowest count holds. One of a window that is over by
        now tells nothing of one that is not.

        A window that was begun here, with the limit that is known, ends later than the platform's and has counted
        what is still under way, of which the first answer knows nothing.
        """
        windows, now = self._windows(endpoint), timezone.now()
        if allowance.resets_at <= now:
            windows = windows.filter(resets_at__lte=now)
        same = Q(resets_at__range=(allowance.resets_at - SAME_WINDOW, allowance.resets_at + SAME_WINDOW))
        same |= Q(resets_at__gt=allowance.resets_at, limit=allowance.limit)
        lowest = Least(F("remaining"), Value(allowance.remaining))
        remaining = Case(When(same, then=lowest), default=Value(allowance.remaining))
        if not windows.update(remaining=remaining, limit=allowance.limit, resets_at=allowance.resets_at):
            self._create(
                endpoint, limit=allowance.limit, remaining=allowance.remaining, resets_at=allowance.resets_at
            )

    def _create(self, endpoint: str, *, limit: int | None, remaining: int, resets_at: datetime) -> None:
        """Does nothing where there is one already. AccountNeeded when its account was removed meanwhile."""
        new = RateWindow(
            account=self.account,
            base_url=self.base_url,
            endpoint=endpoint[:200],
            limit=limit,
            remaining=remaining,
            resets_at=resets_at,
        )
        with transaction.atomic():
            if self.account is not None and not _is_there(self.account):
                raise AccountNeeded(f"The account {self.account} was removed meanwhile.")
            RateWindow.objects.bulk_create([new], ignore_conflicts=True)

    def _windows(self, endpoint: str) -> QuerySet[RateWindow]:
        """The one window of an endpoint, if there is one."""
        if self.account is not None:
            return RateWindow.objects.filter(account=self.account, endpoint=endpoint[:200])
        return RateWindow.objects.filter(account=None, base_url=self.base_url, endpoint=endpoint[:200])
