"""Several queries at once, through the pipeline as `runpipeline --batch` walks it, against a real server."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors import http, refusals
from connectors.models import QueryCursor
from connectors.refusals import WAIT_WHEN_LIMITED
from leads.models import Lead, LeadQuery, Post
from leads.pipeline import query_walk
from leads.pipeline.base import BATCH, Tally
from leads.pipeline.batch import Desk, DeskClosed
from leads.pipeline.runner import BadOptions, RunOptions, execute_run
from leads.services.runs import run_now
from signalops_site.core.models import Project, Run, RunEvent, RunStatus
from signalops_site.core.runs import request_cancel
from tests.factories import ProjectFactory, document

from .fakes import MastodonFake
from .fakes_hackernews import HackerNewsFake
from .standin import Asked, Reply, StandIn, reply

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]

TAG = "/api/v1/timelines/tag/"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_walk, "FIRST_PAUSE", 0.02)


def tagged(name: str, *, most: int = 1000) -> dict[str, Any]:
    return {"text": f"#{name}", "label": name, "platform": "mastodon", "max_results_per_run": most}


def project_with(*queries: dict[str, Any], **sections: Any) -> Project:
    return ProjectFactory.create(slug="harbour", document=document(queries=list(queries), **sections))


def collect(project: Project, **options: Any) -> Run:
    return run_now(project, RunOptions.parse(stages=["collect"], **options), by="command:test")


def states(run: Run) -> dict[str, str]:
    return {label: query["state"] for label, query in run.stages["collect"]["queries"].items()}


def done(run: Run) -> tuple[int, int]:
    return run.stages["collect"]["done"], run.stages["collect"]["failed"]


def queries_told() -> list[dict[str, Any]]:
    """What events told of queries, in their order."""
    return [event.detail["query"] for event in RunEvent.objects.order_by("seq") if "query" in event.detail]


class Gate:
    """Lets requests wait for each other, and counts how many are at the platform at once."""

    def __init__(self, stand_in: StandIn, path: str, *, together: int) -> None:
        self.inner = stand_in.routes[path]
        self.barrier = threading.Barrier(together)
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.met = False
        stand_in.routes[path] = self

    def __call__(self, asked: Asked) -> Reply:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            self.barrier.wait(timeout=1.0)
            self.met = True
        except threading.BrokenBarrierError:
            """Nobody else came: the test reads `met`."""
        answer = self.inner(asked)
        with self.lock:
            self.now -= 1
        return answer


def test_three_queries_are_read_at_once(mastodon: MastodonFake) -> None:
    mastodon.fill(10)
    gate = Gate(mastodon.stand_in, TAG, together=3)
    run = collect(project_with(*map(tagged, ("one", "two", "three")), batch={"enabled": True}))
    assert gate.met
    assert (run.status, done(run)) == (RunStatus.SUCCEEDED, (10, 0))
    assert Lead.objects.count() == Post.objects.count() == 10
    assert LeadQuery.objects.count() == 30


@pytest.mark.parametrize(("options", "most"), [({}, 1), ({"concurrency": 2}, 2), ({"batch": True}, 3)])
def test_no_more_than_was_asked_for(mastodon: MastodonFake, options: dict[str, Any], most: int) -> None:
    mastodon.fill(3)
    gate = Gate(mastodon.stand_in, TAG, together=most)
    run = collect(project_with(*(tagged(f"q{number}") for number in range(6))), **options)
    assert gate.most == most
    assert run.status == RunStatus.SUCCEEDED


def test_more_at_once_than_threads_are_good_for_is_refused() -> None:
    with pytest.raises(BadOptions, match="from 1 to 64"):
        RunOptions.parse(concurrency=65)


def test_platforms_take_turns(mastodon: MastodonFake, hackernews: HackerNewsFake) -> None:
    """Of two at once each is at another platform, though the project names all of one first."""
    mastodon.fill(2)
    hackernews.fill(2)
    news = {"text": hackernews.query, "label": "news", "platform": "hackernews"}
    collect(project_with(tagged("one"), tagged("two"), tagged("three"), news), concurrency=2)
    assert hackernews.searched in mastodon.stand_in.paths()[:2]


def test_one_that_fails_is_tried_again_and_stops_no_other(mastodon: MastodonFake) -> None:
    mastodon.fill(5)
    tries: Counter[str] = Counter()
    good = mastodon.stand_in.routes[TAG]

    def answer(asked: Asked) -> Reply:
        tries[asked.path] += 1
        return reply("<html>", 200) if asked.path.endswith("/bad") else good(asked)

    mastodon.stand_in.routes[TAG] = answer
    project = project_with(tagged("bad"), tagged("good"), batch={"enabled": True, "max_retries": 2})
    run = collect(project)
    assert tries[f"{TAG}bad"] == 3
    assert (run.status, done(run), states(run)) == (RunStatus.PARTIAL, (5, 1), {"bad": "failed", "good": "done"})
    assert run.stages["collect"]["problems"] == [
        "bad: Mastodon answered with something else than a list of posts."
    ]


def test_one_that_is_well_again_is_no_failure(mastodon: MastodonFake) -> None:
    mastodon.fill(5)
    good = mastodon.stand_in.routes[TAG]
    answers: Iterator[Reply] = iter([reply({"error": "odd"})])
    mastodon.stand_in.routes[TAG] = lambda asked: next(answers, None) or good(asked)
    run = collect(project_with(tagged("one"), batch={"enabled": True}))
    assert (run.status, done(run)) == (RunStatus.SUCCEEDED, (5, 0))
    told = [query["state"] for query in queries_told()]
    assert (told[:3], told[-1]) == (["reading", "waiting", "reading"], "done")


@pytest.mark.parametrize("batch", [{"enabled": False}, {"enabled": True, "retry_failed": False}])
def test_nothing_is_tried_again_where_nobody_asked_for_it(mastodon: MastodonFake, batch: dict[str, bool]) -> None:
    mastodon.stand_in.routes[TAG] = lambda _: reply({"error": "odd"})
    collect(project_with(tagged("one"), batch=batch))
    assert len(mastodon.stand_in.asked) == 1


def test_a_short_wait_is_waited_for_and_told(mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_PAUSE", 0.1)
    mastodon.fill(2)
    good = mastodon.stand_in.routes[TAG]
    answers = iter([reply({"error": "Slow down"}, 429, Retry_After="1")])
    mastodon.stand_in.routes[TAG] = lambda asked: next(answers, None) or good(asked)
    run = collect(project_with(tagged("one"), tagged("two")))
    assert (run.status, done(run)) == (RunStatus.SUCCEEDED, (2, 0))
    (wait,) = [told for told in queries_told() if told["state"] == "waiting"]
    assert "asks to wait" in wait["detail"]
    assert datetime.fromisoformat(wait["until"]) > run.created_at.replace(microsecond=0)
    assert len(mastodon.stand_in.asked) == 5  # one too early, then two pages of each


def test_a_platform_that_asks_again_and_again_is_left_to_the_next_run(
    mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(query_walk, "PATIENCE", 2.5)
    mastodon.stand_in.routes[TAG] = lambda _: reply({"error": "Slow down"}, 429, Retry_After="1")
    run = collect(project_with(tagged("one")))
    assert states(run) == {"one": "deferred"}
    assert 2 <= len(mastodon.stand_in.asked) <= 3
    assert QueryCursor.objects.get().retry_at is not None


@pytest.mark.parametrize(
    ("headers", "longest"),
    [
        ({"Retry_After": "0"}, 0.5),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "2020-01-01T00:00:00Z"}, WAIT_WHEN_LIMITED),
    ],
    ids=["no time", "a time that is over"],
)
def test_a_platform_that_names_no_time_to_wait_does_not_keep_a_run_for_ever(
    mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], longest: float
) -> None:
    monkeypatch.setattr(refusals, "LEAST_WAIT", 0.5)
    monkeypatch.setattr(query_walk, "PATIENCE", 2.0)
    asked = mastodon.stand_in.asked
    mastodon.stand_in.routes[TAG] = lambda _: reply([]) if len(asked) > 20 else reply({}, 429, **headers)
    run = collect(project_with(tagged("one")))
    assert states(run) == {"one": "deferred"}
    assert len(asked) <= 6
    retry_at = QueryCursor.objects.get().retry_at
    assert retry_at is not None
    assert retry_at - run.created_at > timedelta(seconds=longest)


def test_what_was_waited_for_at_the_platform_tires_a_run_as_well(
    mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform that is slow to say that it wants to be left alone."""
    monkeypatch.setattr(query_walk, "PATIENCE", 1.0)
    asked = mastodon.stand_in.asked

    def slowly(_: Asked) -> Reply:
        time.sleep(0.3)
        return reply([]) if len(asked) > 12 else reply({}, 429, Retry_After="0")

    mastodon.stand_in.routes[TAG] = slowly
    assert states(collect(project_with(tagged("one")))) == {"one": "deferred"}
    assert len(asked) <= 6


def test_the_limit_is_shared(mastodon: MastodonFake) -> None:
    mastodon.fill(200)
    run = collect(project_with(*map(tagged, ("one", "two", "three", "four"))), concurrency=3, limit=70)
    counts = run.stages["collect"]
    assert counts["done"] + counts["skipped"] == 70
    assert sum(query["posts"] for query in counts["queries"].values()) == 70


def test_a_cancelled_batch_goes_on_where_it_was(mastodon: MastodonFake) -> None:
    """Whatever is under way when a run ends is read again, and stored once."""
    mastodon.fill(200)
    project = project_with(*map(tagged, ("one", "two", "three")))

    def watch(stage: str, tally: Tally) -> None:
        if tally.handled >= 100 and not Run.objects.get().cancel_requested_at:
            request_cancel(Run.objects.get(), by="command:test")

    options = RunOptions.parse(stages=["collect"], concurrency=3)
    first = run_now(project, options, by="command:test", observer=watch)
    assert first.status == RunStatus.CANCELLED
    assert 0 < Lead.objects.count() < 200 or LeadQuery.objects.count() < 600
    again = collect(project, concurrency=3)
    assert again.status == RunStatus.SUCCEEDED
    assert Lead.objects.count() == Post.objects.count() == 200
    assert LeadQuery.objects.count() == 600
    assert {cursor.newest_id for cursor in QueryCursor.objects.all()} == {"300@mastodon.social"}


def test_a_run_that_was_handed_on_asks_no_query_twice(mastodon: MastodonFake) -> None:
    mastodon.fill(3)
    project = project_with(tagged("one"), tagged("two"))
    run = collect(project)
    before = len(mastodon.stand_in.asked)
    stages = run.stages
    stages["collect"]["queries"]["two"]["state"] = "waiting"
    queued = Run.objects.create(
        project=project,
        kind=run.kind,
        trigger="api",
        status=RunStatus.QUEUED,
        config_version=run.config_version,
        options=run.options,
        stages=stages,
    )
    ended = execute_run(queued)
    assert ended.status == RunStatus.SUCCEEDED
    assert [each.path for each in mastodon.stand_in.asked[before:]] == [f"{TAG}two"]


def test_errands_end_with_the_desk() -> None:
    desk = Desk()
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            desk.do(lambda: BATCH)
        except DeskClosed as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    desk.close()
    for thread in threads:
        thread.join(timeout=5)
    assert len(failed) == 3


def test_what_an_errand_raises_is_its_askers() -> None:
    desk = Desk()
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            desk.do(lambda: 1 // 0)
        except ZeroDivisionError as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    desk.serve(seconds=5)
    thread.join(timeout=5)
    assert len(raised) == 1
