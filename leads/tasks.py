"""What workers run. Tasks take ids and may be delivered twice."""

from signalops_site.core.errors import Conflict
from signalops_site.core.models import Run

from .pipeline.runner import execute_run


def run_pipeline(run_id: int) -> str:
    """Walk a queued run. A second delivery finds it held or ended and does nothing."""
    run = Run.objects.select_related("project", "config_version").filter(pk=run_id).first()
    if run is None:
        return "no such run"
    try:
        return execute_run(run).status
    except Conflict as conflict:
        return conflict.detail
