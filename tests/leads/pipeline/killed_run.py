"""A process that runs the demo's pipeline and is killed at the N-th write of progress.

    python -m tests.leads.pipeline.killed_run N before|after

`before` dies inside the transaction (SIGKILL: nothing is caught, nothing is closed), `after` right after
its commit.
N = 0 is not killed. Uses the database that DATABASE_URL and SIGNALOPS_DATA_DIR name.
"""

import os
import signal
import sys
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(point: int, moment: str) -> None:
    import django

    django.setup()
    from django.db import transaction

    from leads.pipeline import base
    from leads.pipeline.runner import RunOptions
    from leads.services.runs import run_now
    from signalops_site.core import runs
    from signalops_site.core.models import Project

    published = runs.publish
    writes = 0

    def publish(*args: Any, **kwargs: Any) -> Any:
        nonlocal writes
        writes += 1
        event = published(*args, **kwargs)
        if writes == point:
            die() if moment == "before" else transaction.on_commit(die)
        return event

    setattr(base, "publish", publish)  # noqa: B010 - a name that the module imports, not its own
    base.BATCH = 60
    run = run_now(Project.objects.get(slug="demo"), RunOptions(), by="command:test")
    print(run.status, writes)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
