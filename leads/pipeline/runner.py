"""Walk a run through its stages, in this process or a worker's: the same few lines for both.

A run ends `succeeded`, `partial` (some items or queries failed) or `failed` (a stage could not go on),
never silently. An interrupted run is continued by the next one that asks for the same.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from datetime import time as clock
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.bulk import fewer_collections
from signalops_site.core.config.versions import active_document, document_of
from signalops_site.core.errors import DomainError
from signalops_site.core.failures import describe_failure
from signalops_site.core.models import Project, Run, RunStatus
from signalops_site.core.run_queue import hand_on
from signalops_site.core.runs import Lease, LeaseLost, RunCancelled, RunYields, finish_run, held

from ..models import Lead, LeadStage
from .base import CLEARED, Observer, RunContext, Stage, ordered_stages

log = logging.getLogger(__name__)

HIGHEST_LIMIT = 1_000_000
MOST_AT_ONCE = 64
Refresh = Literal["judge", "score"]
REFRESHED_STAGE = {"judge": LeadStage.NORMALIZED, "score": LeadStage.JUDGED}
"""Where leads go back to, so that the stage of that name picks them up again."""


class BadOptions(DomainError):
    title = "The run cannot be started like this"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a person asked of a run. Everything has a default, so {} is a full run."""

    stages: tuple[str, ...] = ()
    limit: int | None = None
    refresh: Refresh | None = None
    since: str | None = None
    batch: bool = False
    concurrency: int | None = None

    @classmethod
    def parse(
        cls,
        *,
        stages: Sequence[str] = (),
        limit: int | None = None,
        refresh: str | None = None,
        since: str | None = None,
        batch: bool = False,
        concurrency: int | None = None,
    ) -> "RunOptions":
        """Checked options; BadOptions names the wrong one and what it should be."""
        known = [stage.name for stage in ordered_stages()]
        unknown = [name for name in stages if name not in known]
        if unknown:
            raise BadOptions(f"There is no stage {unknown[0]!r}; the stages are {', '.join(known)}.")
        if limit is not None and not 1 <= limit <= HIGHEST_LIMIT:
            raise BadOptions(f"The limit is a whole number from 1 to {HIGHEST_LIMIT:,}.")
        if concurrency is not None and not 1 <= concurrency <= MOST_AT_ONCE:
            raise BadOptions(f"Concurrency is a whole number from 1 to {MOST_AT_ONCE}: so many queries at once.")
        if refresh is not None and refresh not in REFRESHED_STAGE:
            raise BadOptions(f"Refresh takes judge or score, not {refresh!r}.")
        if (refresh is None) != (since is None):
            raise BadOptions("Refresh and since go together: what to redo, and for leads since which date.")
        if since is not None:
            _parse_date(since)
        chosen = tuple(name for name in known if name in stages)
        return cls(chosen, limit, refresh, since, batch or concurrency is not None, concurrency)  # type: ignore[arg-type]

    @classmethod
    def of(cls, run: Run) -> "RunOptions":
        return cls.parse(**run.options)

    def as_json(self) -> dict[str, Any]:
        """Only what was asked for: two runs that ask for the same have equal options."""
        given = {key: value for key, value in asdict(self).items() if value not in (None, (), False)}
        return {**given, "stages": list(self.stages)} if self.stages else given

    def chosen_stages(self) -> list[Stage]:
        return [stage() for stage in ordered_stages() if not self.stages or stage.name in self.stages]


def _parse_date(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadOptions(f"Since is a date such as 2026-01-31, not {text!r}.") from None
    return timezone.make_aware(datetime.combine(day, clock.min))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do now: stage -> items that wait for it. What one stage leaves to the next is not in it."""

    stages: dict[str, int]
    refreshed: int


def plan_run(project: Project, options: RunOptions) -> Plan:
    """A dry run: reads only, calls no model and no platform."""
    document = active_document(project)
    counts = {stage.name: stage.pending(project, document) for stage in options.chosen_stages()}
    refreshed = _to_refresh(project, options).count() if options.refresh else 0
    return Plan(counts, refreshed)


def execute_run(run: Run, *, observer: Observer | None = None, yield_after: float | None = None) -> Run:
    """Take the run's lease and walk its stages. RunIsLive when another process is at it.

    A worker gives `yield_after`, in seconds: it then hands the run on between two batches, as it does when its
    cluster is asked to stop. The run is queued again, and the same row counts on.
    """
    with held(run) as lease, fewer_collections():
        try:
            _walk(run, lease, observer=observer, yield_after=yield_after)
        except RunYields:
            hand_on(run, holder=lease.holder)
        except RunCancelled:
            _close(run, RunStatus.CANCELLED, lease)
        except LeaseLost:
            log.warning("run %s was taken over by another process", run.pk)
            raise
        except DomainError as error:
            _close(run, RunStatus.FAILED, lease, error=error.detail)
        except KeyboardInterrupt:
            _close(run, RunStatus.CANCELLED, lease, error="Stopped from the keyboard.")
            raise
        except Exception as error:
            log.exception("run %s failed", run.pk)
            _close(run, RunStatus.FAILED, lease, error=describe_failure(error))
        else:
            _close(run, _outcome(run), lease)
    run.refresh_from_db()
    return run


def _walk(run: Run, lease: Lease, *, observer: Observer | None, yield_after: float | None) -> None:
    yields_at = None if yield_after is None else time.monotonic() + yield_after
    options = RunOptions.of(run)
    document = document_of(run.config_version)
    context = RunContext(
        run.project,
        document,
        run,
        lease,
        options.limit,
        observer,
        as_batch=options.batch,
        concurrency=options.concurrency,
        yields_at=yields_at,
    )
    _refresh_once(run, options)
    for stage in _stages_ahead(run, options, lease):
        _work_off(stage, context)


def _stages_ahead(run: Run, options: RunOptions, lease: Lease) -> list[Stage]:
    """All that were chosen; of a run that comes from the queue again, those from where it stopped.

    Each hand-over would otherwise ask the platforms anew. A run that somebody continues in a terminal, maybe
    days later, does ask them.
    """
    chosen = options.chosen_stages()
    begun = [position for position, stage in enumerate(chosen) if stage.name in run.stages]
    return chosen[begun[-1] :] if begun and lease.was_queued else chosen


def _work_off(stage: Stage, context: RunContext) -> None:
    context.enter(stage.name)
    context.begin(stage.name, total=stage.total(context))
    began = time.perf_counter()
    stage.process(context)
    tally = context.tally(stage.name)
    fields = {"stage": stage.name, "done": tally.done, "failed": tally.failed, "skipped": tally.skipped}
    audit.record("run.stage", by=f"job:{context.run.kind}", project=context.project, on=context.run, fields=fields)
    log.debug("run %s: %s took %.1f s", context.run.pk, stage.name, time.perf_counter() - began)


def _close(run: Run, status: RunStatus, lease: Lease, *, error: str = "") -> None:
    """End the run and say so in the audit log, unless it is no longer this process's to end."""
    finish_run(run, status, error=error, holder=lease.holder, by="job:pipeline")


def _outcome(run: Run) -> RunStatus:
    problems = any(counts["failed"] or counts.get("problems") for counts in run.stages.values())
    return RunStatus.PARTIAL if problems else RunStatus.SUCCEEDED


def _to_refresh(project: Project, options: RunOptions) -> Any:
    redone = [LeadStage.JUDGED, LeadStage.SCORED, LeadStage.DRAFTED, LeadStage.REVIEWED]
    since = _parse_date(options.since or "")
    return Lead.objects.filter(project=project, created_at__gte=since, stage__in=redone)


def _refresh_once(run: Run, options: RunOptions) -> None:
    """Send leads back to the stage before the one to redo; a continued run has done so already."""
    if not options.refresh or run.refreshed_at:
        return
    with transaction.atomic():
        _to_refresh(run.project, options).update(stage=REFRESHED_STAGE[options.refresh], **CLEARED)
        run.refreshed_at = timezone.now()
        run.save(update_fields=["refreshed_at"])
