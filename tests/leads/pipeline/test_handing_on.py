"""A worker that hands a run on between two batches changes nothing of what the run does and counts."""

import os
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from leads import tasks
from leads.judges.base import JudgeFailure, PostView, Verdict
from leads.models import Draft, Judgment, Lead, Score
from leads.pipeline import base
from leads.pipeline.runner import RunOptions, execute_run
from leads.services.runs import queue_run, run_now
from signalops_site.core.models import AuditEntry, Project, Run, RunEvent, RunStatus, WorkerCluster
from signalops_site.core.run_queue import take_over_runs

from .conftest import Platform, ScriptedJudge, post, run_pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BATCH", 4)


def walk_in_steps(project: Project, **options: Any) -> tuple[Run, int]:
    """The run, each batch of it by another delivery; and how many deliveries that took."""
    run = queue_run(project, RunOptions.parse(**options), by="command:test", trigger="api")
    deliveries = 0
    while run.is_live:
        deliveries += 1
        assert deliveries < 100, "it goes round in circles"
        run = execute_run(Run.objects.get(pk=run.pk), yield_after=0)
    return run, deliveries


def counts(run: Run) -> dict[str, Any]:
    keys = ("done", "failed", "skipped")
    return {name: {key: stage[key] for key in keys} for name, stage in run.stages.items()}


def test_a_run_in_steps_ends_as_one_in_a_row(walked: Project, platform: Platform, judge: ScriptedJudge) -> None:
    platform.posts = [post(number, likes=number) for number in range(1, 23)]
    run, deliveries = walk_in_steps(walked)
    assert run.status == RunStatus.SUCCEEDED
    assert deliveries > 15
    assert counts(run) == {
        "collect": {"done": 22, "failed": 0, "skipped": 0},
        "normalize": {"done": 22, "failed": 0, "skipped": 0},
        "judge": {"done": 22, "failed": 0, "skipped": 0},
        "score": {"done": 22, "failed": 0, "skipped": 0},
        "notify": {"done": 22, "failed": 0, "skipped": 0},
        "draft": {"done": 3, "failed": 0, "skipped": 0},
    }
    assert len(judge.judged) == Judgment.objects.count() == Score.objects.count() == 22
    assert Draft.objects.count() == 3
    assert not Lead.objects.filter(weighed_for_draft=False).exists()
    assert AuditEntry.objects.filter(action="run.finish").count() == 1


def test_its_progress_goes_on_and_never_back(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 23)]
    run, _ = walk_in_steps(walked)
    told = RunEvent.objects.filter(run=run, stage="judge").order_by("seq").values_list("done", "total")
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} == {22}
    assert told.last() == (22, 22)


def test_platforms_are_not_asked_anew_by_each_delivery(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 10)]
    _, deliveries = walk_in_steps(walked)
    assert deliveries > 5
    assert len(platform.asked) == 2, "once for the page, and once as the step after it ended the stage"


@pytest.mark.parametrize("limit", [3, 6, 10])
def test_a_limit_is_for_the_run_not_for_each_delivery(walked: Project, platform: Platform, limit: int) -> None:
    platform.posts, platform.page_size = [post(number) for number in range(1, 23)], 1
    run, _ = walk_in_steps(walked, limit=limit)
    assert {name: stage["done"] for name, stage in run.stages.items()} == {
        "collect": limit, "normalize": limit, "judge": limit, "score": limit, "notify": limit, "draft": 3,
    }  # fmt: skip
    assert Lead.objects.count() == limit


def test_a_refresh_in_steps_sends_leads_back_once(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 11)]
    run_pipeline(walked)
    run, deliveries = walk_in_steps(walked, stages=["score"], refresh="score", since="2020-01-01")
    assert deliveries > 2
    assert run.stages["score"]["done"] == 10


def test_a_run_in_a_terminal_walks_to_its_end(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 23)]
    run = run_now(walked, RunOptions(), by="command:test")
    assert run.status == RunStatus.SUCCEEDED
    assert not RunEvent.objects.filter(run=run, detail={"status": "queued"}).count() > 1


def test_somebody_who_continues_a_lost_run_days_later_sees_new_posts(
    walked: Project, platform: Platform, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.posts = [post(1)]

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(judge, "judge_batch", killed)
        with pytest.raises(SystemExit):
            run_pipeline(walked)
    lost = Run.objects.get()
    assert lost.status == RunStatus.RUNNING
    Run.objects.update(lease_holder=f"{socket.gethostname()}:{2**22 - 1}:token")
    platform.posts.append(post(2))
    run = run_pipeline(walked)
    assert run.pk == lost.pk
    assert run.stages["collect"]["done"] == 2


def test_ctrl_c_means_stop(
    walked: Project, platform: Platform, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.posts = [post(1)]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judge, "judge_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_pipeline(walked)
    run = Run.objects.get()
    assert (run.status, run.error) == (RunStatus.CANCELLED, "Stopped from the keyboard.")
    assert AuditEntry.objects.filter(action="run.finish").count() == 1


def test_a_run_whose_worker_ran_out_of_time_is_taken_over(
    walked: Project, platform: Platform, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RUN_HEARTBEAT_SECONDS = 0.01
    platform.posts = [post(number) for number in range(1, 11)]
    answer = judge.judge_batch

    def too_late(posts: list[PostView]) -> list[Verdict | JudgeFailure]:
        if judge.judged:
            raise TimeoutException("Task exceeded maximum timeout value")
        return answer(posts)

    run = queue_run(walked, RunOptions(), by="command:test", trigger="api")
    with monkeypatch.context() as patched:
        patched.setattr(judge, "judge_batch", too_late)
        with pytest.raises(TimeoutException):
            tasks.run_pipeline(run.pk)
    OrmQ.objects.all().delete()
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    take_over_runs()
    (job,) = OrmQ.objects.filter(key="runs")
    assert tasks.run_pipeline(**job.task["kwargs"]) == "succeeded"
    run.refresh_from_db()
    assert (run.stages["judge"]["done"], len(judge.judged), run.takeovers) == (10, 10, 1)
    assert run.stages["collect"]["done"] == 10
    assert len(platform.asked) == 1


# ---------------------------------------------------------------- the task


def test_the_task_walks_a_run_and_a_second_delivery_does_nothing(
    walked: Project, platform: Platform, judge: ScriptedJudge
) -> None:
    platform.posts = [post(1)]
    run = queue_run(walked, RunOptions(), by="command:test", trigger="api")
    assert tasks.run_pipeline(run.pk) == "succeeded"
    assert "has ended already" in tasks.run_pipeline(run.pk)
    assert len(judge.judged) == 1
    assert tasks.run_pipeline(0) == "no such run"


def test_the_task_hands_a_long_run_on(walked: Project, platform: Platform, settings: Any) -> None:
    settings.RUN_YIELD_SECONDS = 0
    platform.posts = [post(1)]
    run = queue_run(walked, RunOptions(), by="command:test", trigger="api")
    OrmQ.objects.all().delete()
    assert tasks.run_pipeline(run.pk) == "queued"
    assert [job.task["kwargs"] for job in OrmQ.objects.filter(key="runs")] == [{"run_id": run.pk}]


def test_a_worker_that_is_to_stop_leaves_the_run_to_another(walked: Project, platform: Platform) -> None:
    now = timezone.now()
    WorkerCluster.objects.create(
        name="runs", host=socket.gethostname(), pid=os.getppid(), started_at=now, seen_at=now, stopping=True
    )
    run = queue_run(walked, RunOptions(), by="command:test", trigger="api")
    OrmQ.objects.all().delete()
    assert tasks.run_pipeline(run.pk) == "left to another worker"
    assert OrmQ.objects.count() == 1
    assert Run.objects.get().status == RunStatus.QUEUED
