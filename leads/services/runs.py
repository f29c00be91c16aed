"""Starting runs: now in this process, or queued for a worker."""

from django.db import transaction

from signalops_site.core import audit
from signalops_site.core.errors import Conflict
from signalops_site.core.models import Project, Run, RunStatus
from signalops_site.core.run_queue import enqueue_run
from signalops_site.core.runs import create_run, wait_for_lease

from ..models import Lead
from ..pipeline.base import CLEARED, Observer
from ..pipeline.runner import RunOptions, execute_run

RETRIED = (RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.CANCELLED)


def run_now(project: Project, options: RunOptions, *, by: audit.Actor, observer: Observer | None = None) -> Run:
    """Run the pipeline here. Goes on with an interrupted run that asked for the same."""
    wait_for_lease(project)
    run = create_run(project, trigger="command", by=by, options=options.as_json())
    return execute_run(run, observer=observer)


@transaction.atomic
def queue_run(project: Project, options: RunOptions, *, by: audit.Actor, trigger: str) -> Run:
    """Have a worker run the pipeline. RunIsLive when a run is queued or somebody is at one."""
    run = create_run(project, trigger=trigger, by=by, options=options.as_json())
    enqueue_run(run)
    return run


@transaction.atomic
def retry_run(run: Run, *, by: audit.Actor) -> Run:
    """A new run that asks for what this one did; Conflict when it is live or went well.

    Who asks for this has mended what was wrong: leads that failed in these stages need not wait for their
    time, and those that were given up get their attempts back.
    """
    if run.status not in RETRIED:
        state = "is live" if run.is_live else "has succeeded"
        raise Conflict(f"Run {run.pk} {state}; only a failed, partial or cancelled run can be started again.")
    options = RunOptions.of(run)
    again = queue_run(run.project, options, by=by, trigger="api")
    stages = [stage.name for stage in options.chosen_stages()]
    failed = Lead.objects.filter(project=run.project, attempts__gt=0, error_stage__in=stages)
    leads = failed.update(**CLEARED)
    audit.record("run.retry", by=by, project=run.project, on=run, fields={"run": again.pk, "leads": leads})
    return again
