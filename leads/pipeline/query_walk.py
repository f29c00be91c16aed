"""One query of a run, from its cursor to the last page that it may take: what is stored, told and tried again."""

import math
import time
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from django.utils import timezone

from connectors.base import FetchedPage, SearchQuery
from connectors.budgets import Reading
from connectors.errors import AccountNeeded, BadQuery, BudgetHeld, ConnectorError, OverBudget, RateLimited
from connectors.headers import LONGEST_WAIT
from connectors.models import QueryCursor
from connectors.names import name_of
from connectors.searching import OF_ONE_PROJECT, OpenSearch, Standing, open_search
from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import Query
from signalops_site.core.errors import ConfigError

from ..services.ingest import store_posts
from .base import RunContext, Tally
from .batch import Desk, Walk
from .collect_plan import CollectPlan

PATIENCE = 60.0
"""Seconds that a run waits for a platform. A window that is longer is left to the next run."""
FIRST_PAUSE = 2.0
"""Seconds before a failed query is tried again; twice as long each further time."""


class QueryState(StrEnum):
    READING = "reading"
    WAITING = "waiting"
    """For the platform's window, or to be tried again."""
    DONE = "done"
    DEFERRED = "deferred"
    """Left to a later run: the platform asks to wait for longer than one does, or the month's budget is spent."""
    FAILED = "failed"


ENDED = frozenset({QueryState.DONE, QueryState.DEFERRED, QueryState.FAILED})
OF_ACCOUNTS = (AccountNeeded, BudgetHeld, OverBudget)
"""What is true of all queries of an account."""
NO_READING = Reading(None, wanted=0)


class QueryWalk(Walk):
    def __init__(self, query: Query, plan: CollectPlan) -> None:
        self.query = query
        self.plan = plan
        self.platform = query.platform
        self.context: RunContext = plan.context
        self.attempts = 0
        self.posts = 0
        self.pages = 0
        self._granted = 0
        self._taken = 0
        self._asked = 0
        self._read = 0
        self._waited = 0.0
        self._asked_at = 0.0
        self._own_ready_at = 0.0
        self._search: OpenSearch | None = None
        self._reading = NO_READING
        self._is_cut = False
        self._is_held = False
        self._is_answered = False
        self._is_asking = False
        self._left_more = False
        self._begins_anew = self._has_begun_anew = False

    @property
    def ready_at(self) -> float:  # type: ignore[override]
        if self.plan.is_lent_out or self._is_held_by_this_run:
            return math.inf
        return max(self._own_ready_at, self.plan.asked_to_wait.get(self.platform, 0.0))

    # ------------------------------------------------------------ one way through the pages

    def begin(self, desk: Desk) -> Iterator[FetchedPage] | None:
        self.attempts += 1
        self._search = None
        self._is_cut = self._is_held = self._is_answered = False
        self._asked_at = time.monotonic()
        if self.platform in self.plan.stopped:
            raise self.plan.stopped[self.platform]
        self.cursor = self._place()
        self._granted = self.plan.grant(max(self.query.max_results_per_run - self.cursor.walk_count, 0))
        if not self._granted:
            self._tell(QueryState.DONE)
            return None
        self._require_time()
        text, context = expand(self.query.text), self.context
        self._search = open_search(self.platform, project=context.project, document=context.document, run=desk.do)
        self._reserve(self._search)
        self._tell(QueryState.READING)
        self._is_asking = True
        asked = SearchQuery(text, self.cursor.newest_id, self.cursor.page_token or None, self._reading.granted)
        return self._search.pages(asked)

    def _place(self) -> QueryCursor:
        """Where to go on. A walk that has taken as many posts as one may by now (the most was lowered) is over."""
        cursor, _ = QueryCursor.objects.get_or_create(
            project=self.context.project, platform=self.platform, query=self.query.text
        )
        if cursor.walk_count >= self.query.max_results_per_run:
            with self.context.batch("collect"):
                _mark_read(cursor)
                cursor.save()
        if self._begins_anew:
            _forget_place(cursor)
        return cursor

    def _require_time(self) -> None:
        """RateLimited, without asking, until the time that the platform named when it was asked last. No platform
        names one that is further off than LONGEST_WAIT: a clock was ahead then.
        """
        retry_at = self.cursor.retry_at
        left = (retry_at - timezone.now()).total_seconds() if retry_at else 0
        if 0 < left <= LONGEST_WAIT:
            message = f"{name_of(self.platform)} is asked again after {retry_at:%Y-%m-%d %H:%M} UTC."
            raise RateLimited(message, retry_after=left)

    def take(self, page: FetchedPage) -> bool:
        """What was read is counted by itself: it is spent, whether it can be stored or not."""
        self._asked_at, self._is_answered, self._begins_anew = time.monotonic(), True, False
        self._is_asking = False
        is_reserved = self._reading.count(page.posts_read)
        self.posts += len(page.posts)
        self.pages += 1
        self._taken += len(page.posts)
        self._read += page.posts_read
        with self.context.batch("collect") as tally:
            is_over = _store_page(page, self.cursor, self.query, self.context, tally, standing=self._standing)
            self._note(tally, QueryState.READING)
        self._left_more = is_over and page.next_token is not None
        is_unfinished = not is_over and self._taken < self._granted
        may_read = is_unfinished and is_reserved and self._has_reserved_for_more()
        self._is_cut = is_unfinished and not may_read
        self._is_asking = may_read
        return may_read

    @property
    def _standing(self) -> Standing:
        return self._search.standing if self._search else OF_ONE_PROJECT

    # ------------------------------------------------------------ the account's budget

    def _reserve(self, search: OpenSearch) -> None:
        self._reading = Reading(search.account, wanted=self._granted)
        self._asked = self._reading.granted
        if search.account is not None:
            self.plan.readers[search.account.pk] += 1

    def _has_reserved_for_more(self) -> bool:
        """Entries that make no post use up what was reserved for posts: then more is taken for the rest."""
        if self._read < self._reading.granted:
            return True
        left = self._asked - self._taken
        if left <= 0:
            return False
        self._reading.end()
        try:
            self._reading, self._read = Reading(self._reading.account, wanted=left), 0
        except (OverBudget, BudgetHeld):
            return False
        return True

    def let_go(self) -> None:
        """Give back what was reserved in the account's budget and not read; nothing a second time."""
        reading, self._reading = self._reading, NO_READING
        if reading.account is not None:
            self.plan.readers[reading.account.pk] -= 1
        reading.end()

    def leave(self) -> None:
        """The same when the run ends. A page that is asked for and comes too late counts as read."""
        if self._is_asking:
            self._reading.leave()
        self.let_go()

    @property
    def _is_held_by_this_run(self) -> bool:
        """Whether this query waits for what others of the run have reserved: they will give it back or read it."""
        account = self._search.account if self._is_held and self._search else None
        return account is not None and self.plan.readers[account.pk] > 0

    # ------------------------------------------------------------ how it ended

    def ended(self, error: Exception | None) -> bool:
        self.let_go()
        self._is_asking = False
        self._is_held = isinstance(error, BudgetHeld)
        self.plan.settle(self._granted, taken=self._taken)
        self._granted = self._taken = self._read = 0
        if error is None and self._is_cut:  # the budget granted less than was wanted: is there more by now?
            self.attempts -= 1
            return True
        if error is None:
            if not self._is_answered:
                self._close_walk()
            self._tell(QueryState.DONE, detail=self._told_of_more())
            return False
        if not isinstance(error, ConnectorError | ConfigError):
            raise error
        known = self._search.explained(error) if self._search and isinstance(error, ConnectorError) else error
        if self._may_begin_anew(known):
            self._begins_anew = self._has_begun_anew = True
            self.attempts -= 1
            return True
        if (pause := self._pause_before_another_try(known)) is not None:
            self._wait(pause, known)
            return True
        self._give_up(known)
        return False

    def _told_of_more(self) -> str:
        """Older posts than those are not asked for again: the next walk ends at the newest of these."""
        most = self.query.max_results_per_run
        return f"Stopped at max_results_per_run ({most}); there was more." if self._left_more else ""

    def _may_begin_anew(self, error: ConnectorError | ConfigError) -> bool:
        """Whether a platform may have refused the token of a page, as those of some days ago are: without it the
        query goes on, from the newest post. Once in a run; the old place is given up when a page has come.
        """
        is_told = isinstance(error, BadQuery) and error.answered > 0
        return is_told and not self._has_begun_anew and bool(self.cursor.page_token)

    def _pause_before_another_try(self, error: ConnectorError | ConfigError) -> float | None:
        """Seconds; None when it would not help, or not in this run. Waiting for a window is no failed try, but it
        tires: what was waited for in vain since the last page counts as well as what is still to come.
        """
        if not isinstance(error, ConnectorError) or not error.may_pass or self.platform in self.plan.stopped:
            return None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            self.attempts -= 1
            if self._is_held_by_this_run:
                return 0.0
            self._waited += time.monotonic() - self._asked_at + error.retry_after
            return error.retry_after if self._waited <= PATIENCE else None
        pause = max(FIRST_PAUSE * 2 ** (self.attempts - 1), error.retry_after or 0.0)
        return pause if self.attempts < self.plan.tries and pause <= PATIENCE else None

    def _wait(self, pause: float, error: ConnectorError | ConfigError) -> None:
        ready_at = time.monotonic() + pause
        if isinstance(error, RateLimited):
            self.plan.asked_to_wait[self.platform] = ready_at
        self._own_ready_at = ready_at
        until = timezone.now() + timedelta(seconds=pause)
        self._tell(QueryState.WAITING, detail=error.detail, until=until.isoformat(timespec="seconds"))

    def _give_up(self, error: ConnectorError | ConfigError) -> None:
        """Count a query that could not be read. What is true of a whole platform is told once, not each time."""
        message, wait = f"{self.query.label}: {error.detail}", None
        if isinstance(error, ConnectorError):
            wait = error.retry_after
            if error.stops_platform:
                self.plan.stopped.setdefault(self.platform, error)
            if error.stops_platform or isinstance(error, OF_ACCOUNTS):
                message = error.detail
        retry_at = None if wait is None else timezone.now() + timedelta(seconds=wait)
        is_put_off = isinstance(error, RateLimited | OverBudget)
        state = QueryState.DEFERRED if is_put_off else QueryState.FAILED
        with self.context.batch("collect") as tally:
            tally.failed += 1
            if message not in tally.problems:
                tally.problems.append(message)
            QueryCursor.objects.update_or_create(
                project=self.context.project,
                platform=self.platform,
                query=self.query.text,
                defaults={"last_error": error.detail, "retry_at": retry_at},
            )
            until = retry_at.isoformat(timespec="seconds") if retry_at else ""
            self._note(tally, state, detail=error.detail, until=until)

    def _close_walk(self) -> None:
        """A platform that gives no page at all has none left, and the query is well."""
        cursor = self.cursor
        if self._begins_anew or cursor.pending_newest_id or cursor.page_token or cursor.last_error:
            with self.context.batch("collect"):
                _mark_read(cursor)
                cursor.last_error, cursor.retry_at = "", None
                cursor.save()

    # ------------------------------------------------------------ telling

    def _tell(self, state: QueryState, *, detail: str = "", until: str = "") -> None:
        with self.context.batch("collect") as tally:
            self._note(tally, state, detail=detail, until=until)

    def _note(self, tally: Tally, state: QueryState, *, detail: str = "", until: str = "") -> None:
        """How far the query is, in the run's counts and in the event that tells of this batch."""
        told = {
            "platform": self.platform,
            "state": str(state),
            "posts": self.posts,
            "pages": self.pages,
            "detail": detail[:300],
            "until": until or None,
        }
        tally.queries[self.query.label] = told
        tally.news = {"query": {"label": self.query.label, **told}}


def _store_page(
    page: FetchedPage,
    cursor: QueryCursor,
    query: Query,
    context: RunContext,
    tally: Tally,
    *,
    standing: Standing,
) -> bool:
    """Whether the walk is over with this page."""
    new = store_posts(context.project, page.posts, query_label=query.label, standing=standing)
    tally.done += new
    tally.skipped += len(page.posts) - new
    if not cursor.pending_newest_id and (page.newest_id or page.posts):
        cursor.pending_newest_id = page.newest_id or page.posts[0].id
    cursor.page_token = page.next_token or ""
    cursor.walk_count += len(page.posts)
    cursor.pages += 1
    cursor.last_error, cursor.retry_at = "", None
    is_over = page.next_token is None or cursor.walk_count >= query.max_results_per_run
    if is_over:
        _mark_read(cursor)
    cursor.save()
    return is_over


def _mark_read(cursor: QueryCursor) -> None:
    cursor.newest_id = cursor.pending_newest_id or cursor.newest_id
    _forget_place(cursor)


def _forget_place(cursor: QueryCursor) -> None:
    cursor.pending_newest_id = ""
    cursor.page_token = ""
    cursor.walk_count = 0
