"""Starting runs: now in this process, or queued for a worker."""

from django.db import transaction

from signalops_site.core import audit
from signalops_site.core.jobs import enqueue
from signalops_site.core.models import Project, Run
from signalops_site.core.runs import create_run, wait_for_lease

from ..pipeline.base import Observer
from ..pipeline.runner import RunOptions, execute_run

PIPELINE_TASK = "leads.tasks.run_pipeline"


def run_now(project: Project, options: RunOptions, *, by: audit.Actor, observer: Observer | None = None) -> Run:
    """Run the pipeline here. Goes on with an interrupted run that asked for the same."""
    wait_for_lease(project)
    run = create_run(project, trigger="command", by=by, options=options.as_json())
    return execute_run(run, observer=observer)


@transaction.atomic
def queue_run(project: Project, options: RunOptions, *, by: audit.Actor, trigger: str) -> Run:
    """Have a worker run the pipeline. RunIsLive when a run is queued or somebody is at one."""
    run = create_run(project, trigger=trigger, by=by, options=options.as_json())
    enqueue(PIPELINE_TASK, run_id=run.pk)
    return run
