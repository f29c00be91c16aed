"""What a pipeline stage is, and what it works with.

A stage picks up the leads that lack its output and works in batches. Each batch's rows, the run's
counts and the progress event commit together, so a run that is killed anywhere goes on exactly where
it was. One file in `stages/` is one stage; `after` and `before` put it in its place.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project, Run, RunStatus
from signalops_site.core.registry import Registry, RegistryError
from signalops_site.core.runs import Lease, LeaseLost, RunYields, publish

from ..models import Lead

RowT = TypeVar("RowT")

BATCH = 500
MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(minutes=1)


@dataclass(slots=True)
class Tally:
    """What a stage has done in this run: items done, failed and skipped, out of `total`, in `seconds`."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    total: int = 0
    problems: list[str] = field(default_factory=list)
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How far each query of the run is, by its label."""
    reasons: dict[str, int] = field(default_factory=dict)
    """How many items went no further, by the kind of the reason."""
    figures: dict[str, float] = field(default_factory=dict)
    """What else was counted, by name; such as money, in US dollars."""
    notes: list[str] = field(default_factory=list)
    """What people should know of how it went that is no problem, in sentences."""
    news: dict[str, Any] = field(default_factory=dict)
    """What the next event tells beside the counts."""

    @property
    def handled(self) -> int:
        return self.done + self.failed + self.skipped

    def count_reasons(self, found: Mapping[str, int]) -> None:
        for kind, count in found.items():
            if count:
                self.reasons[kind] = self.reasons.get(kind, 0) + count

    def tell(self, problems: Iterable[str]) -> None:
        """Each problem once, however often it is met."""
        self.problems += [problem for problem in problems if problem not in self.problems]

    def count(self, name: str, amount: float) -> None:
        self.figures[name] = self.figures.get(name, 0) + amount

    def as_json(self) -> dict[str, object]:
        counts: dict[str, object] = {
            "done": self.done,
            "failed": self.failed,
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
        }
        told = {
            "problems": self.problems[:20],
            "queries": self.queries,
            "reasons": self.reasons,
            "figures": self.figures,
            "notes": self.notes,
        }
        return {**counts, **{name: value for name, value in told.items() if value}}


Observer = Callable[[str, Tally], None]
"""Told of each committed batch: the stage's name and its counts so far."""


@dataclass(slots=True)
class RunContext:
    """Everything that a stage may know of the run it works in."""

    project: Project
    document: ProjectDocument
    run: Run
    lease: Lease
    limit: int | None = None
    """How many items the stage may still take; of those that the run was asked for, some may be done already."""
    observer: Observer | None = None
    as_batch: bool = False
    """Whether several queries are collected at once, though the project does not say so."""
    concurrency: int | None = None
    """How many at once; None: as the project says."""
    yields_at: float | None = None
    """The time (monotonic) from which a worker hands the run on; None: it is walked to its end."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    _clock: float = field(default_factory=time.perf_counter)
    _asked: int | None = field(init=False)

    def __post_init__(self) -> None:
        self._asked = self.limit

    def enter(self, stage: str) -> None:
        """Give the stage what is left of the limit: a run that goes on has used up a part of it."""
        self.limit = None if self._asked is None else max(self._asked - self.tally(stage).handled, 0)

    def begin(self, stage: str, *, total: int) -> None:
        """Start a stage that has `total` items before it (0: nobody knows), and tell of it.

        One that is gone on with and has nothing more before it was told of already.
        """
        tally = self.tally(stage)
        tally.total = total and total + tally.handled
        self._clock = time.perf_counter()
        if tally.handled and not total:
            return
        with self._committed(stage):
            """Nothing is done yet: the event says which stage it is, and how much there is to do."""

    def tally(self, stage: str) -> Tally:
        """The stage's counts; those of an interrupted run that is being continued count on."""
        if stage not in self.tallies:
            kept = self.run.stages.get(stage, {})
            self.tallies[stage] = Tally(**kept)
        return self.tallies[stage]

    @contextmanager
    def batch(self, stage: str) -> Iterator[Tally]:
        """One transaction: a batch's rows, the run's counts, and the event that tells of both.

        Afterwards a worker that has been at the run for long enough hands it on (RunYields), if the batch took
        it further: or a stage that ends with a batch of no items would do so for ever.
        """
        before = self.tally(stage).handled
        with self._committed(stage) as tally:
            yield tally
        if tally.handled > before and self._is_to_yield():
            raise RunYields

    def _is_to_yield(self) -> bool:
        if self.yields_at is None:
            return False
        return time.monotonic() >= self.yields_at or self.lease.worker_stops.is_set()

    @contextmanager
    def _committed(self, stage: str) -> Iterator[Tally]:
        self.lease.check()
        tally = self.tally(stage)
        with transaction.atomic():
            yield tally
            now = time.perf_counter()
            tally.seconds, self._clock = tally.seconds + now - self._clock, now
            self._write_progress(stage, tally)
        if self.observer:
            self.observer(stage, tally)

    def _write_progress(self, stage: str, tally: Tally) -> None:
        self.run.stages = {**self.run.stages, stage: tally.as_json()}
        mine = Run.objects.filter(pk=self.run.pk, lease_holder=self.lease.holder, status=RunStatus.RUNNING)
        if not mine.update(stages=self.run.stages):
            raise LeaseLost(f"Run {self.run.pk} was taken over while this process was at a batch.")
        publish(
            self.project,
            "pipeline_progress",
            run=self.run,
            stage=stage,
            done=tally.handled,
            total=tally.total and max(tally.total, tally.handled),
            detail={"done": tally.done, "failed": tally.failed, "skipped": tally.skipped, **tally.news},
        )
        tally.news = {}


class Stage(ABC):
    """One step of the pipeline."""

    name: ClassVar[str]
    after: ClassVar[Sequence[str]] = ()
    before: ClassVar[Sequence[str]] = ()

    @abstractmethod
    def pending(self, project: Project, document: ProjectDocument) -> int:
        """How many items wait for this stage now. Reads only; also what a dry run reports."""

    def total(self, context: RunContext) -> int:
        """How many items this run will handle, for its progress; 0 when nobody can know."""
        waiting = self.pending(context.project, context.document)
        return waiting if context.limit is None else min(waiting, context.limit)

    @abstractmethod
    def process(self, context: RunContext) -> None:
        """Work off what is pending, a `context.batch` at a time."""


stages: Registry[type[Stage]] = Registry("pipeline stage", package="leads.pipeline.stages")


def ordered_stages() -> list[type[Stage]]:
    """All stages in the order that their `after` and `before` ask for; RegistryError when it is impossible."""
    known = stages.items()
    graph: dict[str, set[str]] = {name: set() for name in known}
    for name, stage in known.items():
        for earlier in stage.after:
            _require(earlier, known, stage=name)
            graph[name].add(earlier)
        for later in stage.before:
            _require(later, known, stage=name)
            graph[later].add(name)
    try:
        return [known[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise RegistryError(f"The pipeline stages go round in a circle: {' -> '.join(error.args[1])}.") from error


def _require(name: str, known: Iterable[str], *, stage: str) -> None:
    if name not in known:
        raise RegistryError(f"The stage {stage!r} names a stage {name!r} that does not exist.")


def ready_leads(project: Project, stage: str, *, now: datetime | None = None) -> QuerySet[Lead]:
    """The project's leads that have come to `stage` (a LeadStage) and are not waiting for a retry."""
    now = now or timezone.now()
    return Lead.objects.filter(
        Q(retry_at__isnull=True, attempts=0) | Q(retry_at__lte=now, attempts__lt=MAX_ATTEMPTS),
        project=project,
        stage=stage,
    )


def in_batches(leads: QuerySet[Lead], *, limit: int | None, size: int | None = None) -> Iterator[list[Lead]]:
    """Leads in id order, some hundreds at a time, each seen once. Memory stays flat however many there are."""
    return _walk(leads, lambda lead: lead.pk, limit=limit, size=size)


def rows_in_batches(
    leads: QuerySet[Lead],
    columns: Sequence[str],
    make: Callable[..., RowT],
    *,
    limit: int | None,
    size: int | None = None,
) -> Iterator[list[RowT]]:
    """As `in_batches`, but each lead is `make(*columns)`, of which the first is the primary key."""
    for values in _walk(leads.values_list(*columns), lambda row: row[0], limit=limit, size=size):
        yield [make(*row) for row in values]


def _walk(
    rows: QuerySet[Any, RowT], key: Callable[[RowT], int], *, limit: int | None, size: int | None
) -> Iterator[list[RowT]]:
    last, left, size = 0, limit, size or BATCH
    while left is None or left > 0:
        batch = list(rows.filter(pk__gt=last).order_by("pk")[: size if left is None else min(size, left)])
        if not batch:
            return
        yield batch
        last = key(batch[-1])
        left = None if left is None else left - len(batch)


def record_failures(failures: Mapping[int, str], *, stage: str, gives_up: bool = True) -> None:
    """Note on each lead why it failed and when to try again; after MAX_ATTEMPTS it is given up.

    Unless `gives_up` is False: then it is not the lead's fault, and the last attempt is never reached.
    """
    now = timezone.now()
    by_error: dict[str, list[int]] = {}
    for lead_id, error in failures.items():
        by_error.setdefault(error[:2000], []).append(lead_id)
    for error, lead_ids in by_error.items():
        failed = Lead.objects.filter(pk__in=lead_ids)
        for attempts in sorted(set(failed.values_list("attempts", flat=True)), reverse=True):
            failed.filter(attempts=attempts).update(
                error=error,
                error_stage=stage,
                attempts=attempts + 1 if gives_up else min(attempts + 1, MAX_ATTEMPTS - 1),
                retry_at=now + FIRST_RETRY * 4 ** min(attempts, MAX_ATTEMPTS - 2),
            )


CLEARED = {"error": "", "error_stage": "", "attempts": 0, "retry_at": None}
"""What a lead's failure fields become when a stage succeeds."""
