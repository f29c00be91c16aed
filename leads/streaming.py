"""Posts of X as they appear become leads, beside what runs collect; the next run judges them.

A stream is followed by one process for as long as it is wanted. What arrived together is stored together, at once:
nothing waits in memory for more. X repeats after a cut what may have been missed, and a post is stored once.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from django.db import close_old_connections, connection

from connectors.base import FetchedPost, PostStream, Streaming
from connectors.budgets import Meter
from connectors.errors import BudgetHeld, OverBudget, Refused
from connectors.searching import OF_ONE_PROJECT, open_search
from connectors.streaming import follow
from signalops_site.core import audit
from signalops_site.core.bulk import fewer_collections
from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from .services.ingest import store_posts

PLATFORM = "x"
QUERY_LABEL = "stream"
"""What leads carry instead of a query's label."""
LOOK_AGAIN = 60.0
"""Seconds after which a stream whose account has spent its budget looks whether there is more."""


class NoStream(DomainError):
    title = "Nothing is streamed"


@dataclass(frozen=True, slots=True)
class StreamTally:
    read: int = 0
    added: int = 0


class Streamer:
    """One project's stream, from opening to stopping. `tell` is given sentences for the person who watches."""

    def __init__(self, project: Project, *, by: audit.Actor, tell: Callable[[str], None]) -> None:
        self.project, self.by, self.tell = project, by, tell
        self.tally = StreamTally()
        self._stopped = Event()
        self._stream: PostStream | None = None
        self._paused = ""
        self._standing = OF_ONE_PROJECT

    def run(self) -> StreamTally:
        """Until it is stopped. NoStream, ConfigError or ConnectorError say why nothing can be followed."""
        document = active_document(self.project)
        rules = _rules_of(document)
        search = open_search(PLATFORM, project=self.project, document=document)
        connector, meter = search.connector, Meter(search.account)
        self._standing = search.standing
        if not isinstance(connector, Streaming):
            raise NoStream(f"{PLATFORM.capitalize()} sends no posts as they appear.")
        try:
            with closing(connector.open_stream(rules, tag=f"signalops:{self.project.slug}")) as stream:
                self._begin(stream)
                self._stay_within(meter, stream, backfill_minutes=document.stream.backfill_minutes)
        except Refused as error:
            raise search.explained(error) from error
        finally:
            self._end()
        return self.tally

    def stop(self) -> None:
        """End it from a signal: what is being stored is stored first."""
        self._stopped.set()
        if self._stream is not None:
            self._stream.hang_up()

    def _begin(self, stream: PostStream) -> None:
        self._stream = stream
        changes = stream.changes
        fields = {"added": changes.added, "removed": changes.removed, "kept": changes.kept}
        audit.record("stream.begin", by=self.by, project=self.project, fields=fields)
        self.tell(f"Rules: {changes.added} added, {changes.removed} removed, {changes.kept} as they were.")

    def _end(self) -> None:
        if self._stream is not None:
            fields = {"read": self.tally.read, "added": self.tally.added}
            audit.record("stream.end", by=self.by, project=self.project, fields=fields)

    def _stay_within(self, meter: Meter, stream: PostStream, *, backfill_minutes: int) -> None:
        """Follow the stream while the account's budget allows it. While it does not, nothing is connected."""
        try:
            while not self._stopped.is_set():
                try:
                    _keep_connection()
                    meter.open()
                    self._go_on()
                    self._store_all(stream, meter, backfill_minutes=backfill_minutes)
                except (OverBudget, BudgetHeld) as error:
                    self._pause(error)
        finally:
            _keep_connection()
            meter.close()

    def _store_all(self, stream: PostStream, meter: Meter, *, backfill_minutes: int) -> None:
        """What was read is counted by itself: it is spent, whether it can be stored or not."""
        with closing(
            follow(stream, backfill_minutes=backfill_minutes, stopped=self._stopped, tell=self.tell)
        ) as pages:
            for page in pages:
                if page.posts_read:
                    _keep_connection()
                    is_reserved = meter.count(page.posts_read)
                    self._store(page.posts)
                    if not is_reserved:
                        meter.open()

    def _store(self, posts: Sequence[FetchedPost]) -> None:
        with fewer_collections():
            added = store_posts(self.project, posts, query_label=QUERY_LABEL, standing=self._standing)
        self.tally = StreamTally(self.tally.read + len(posts), self.tally.added + added)

    def _pause(self, error: OverBudget | BudgetHeld) -> None:
        """Until somebody looks again whether there is something left. Why is told once."""
        if isinstance(error, OverBudget):
            why, seconds = f"{error.detail} The stream pauses until then, or until it is raised.", LOOK_AGAIN
        else:
            why, seconds = f"{error.detail} The stream pauses.", error.retry_after or LOOK_AGAIN
        if why != self._paused:
            self.tell(why)
        self._paused = why
        self._stopped.wait(seconds)

    def _go_on(self) -> None:
        if self._paused:
            self.tell("The account may read again: the stream goes on.")
        self._paused = ""


def _keep_connection() -> None:
    """A quiet stream outlives its connection to the database: one that has become old is opened anew."""
    if not connection.in_atomic_block:
        close_old_connections()


def _rules_of(document: ProjectDocument) -> list[str]:
    if not document.stream.enabled:
        raise NoStream("The project follows no stream: its `stream.enabled` is false.")
    if not document.platforms.is_enabled(PLATFORM):
        raise NoStream("The project does not read X: its `platforms.x.enabled` is false.")
    if not document.stream.rules:
        raise NoStream("The project has nothing to follow: its `stream.rules` are empty.")
    return [expand(rule) for rule in document.stream.rules]
