"""A worker cluster as `manage.py qcluster` starts it, but for small batches with a pause before each.

    Q_CLUSTER_NAME=runs python -m tests.leads.pipeline.slow_cluster

So that somebody who kills it meets it in the middle of a run. Its workers are forks of this process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE = 0.15
SMALL = 60


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from leads.pipeline import base

    unhurried = base.RunContext.batch

    @contextmanager
    def batch(context: base.RunContext, stage: str) -> Iterator[base.Tally]:
        time.sleep(PAUSE)
        with unhurried(context, stage) as tally:
            yield tally

    setattr(base.RunContext, "batch", batch)  # noqa: B010 - a method of ours for the stages to find
    base.BATCH = SMALL
    call_command("qcluster")


if __name__ == "__main__":
    main()
