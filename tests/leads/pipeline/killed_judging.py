"""A process that judges by a model of a provider, and is killed when its N-th portion of verdicts is to be stored.

    python -m tests.leads.pipeline.killed_judging prepare POSTS
    python -m tests.leads.pipeline.killed_judging run N       N = 0 is not killed

Uses the database that DATABASE_URL and SIGNALOPS_DATA_DIR name, and the provider at OPENAI_BASE_URL.
"""

import os
import signal
import sys
from typing import Any


def prepare(posts: int) -> None:
    from django.core.management import call_command

    from leads.models import LeadStage
    from tests.factories import LeadFactory, PostFactory, ProjectFactory, document

    call_command("migrate", verbosity=0)
    llm = {"judge_model": "openai/gpt-4o-mini", "max_judge_latency_ms": 60_000}
    project = ProjectFactory.create(slug="tidewater", document=document(llm=llm))
    for number in range(posts):
        post = PostFactory.create(text=f"Which tool do you use for invoice {number}?")
        LeadFactory.create(project=project, post=post, stage=LeadStage.NORMALIZED, label="", confidence=0)


def run(point: int) -> None:
    from leads.pipeline.runner import RunOptions
    from leads.pipeline.stages import judge as stage
    from leads.services.runs import run_now
    from signalops_site.core.models import Project

    store = stage.JudgeStage._store
    portions = 0

    def killed(*args: Any) -> None:
        nonlocal portions
        portions += 1
        if portions == point:
            os.kill(os.getpid(), signal.SIGKILL)
        store(*args)

    setattr(stage.JudgeStage, "_store", killed)  # noqa: B010 - a method, for this process alone
    stage.PORTION = 20
    done = run_now(Project.objects.get(), RunOptions.parse(stages=["judge"]), by="command:test")
    print(done.status)  # noqa: T201


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "run": run}[sys.argv[1]](int(sys.argv[2]))
