"""A platform whose answers a test scripts, and short ways to run the pipeline against it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from connectors import base as connectors_base
from connectors.base import Capability, Connector, FetchedAuthor, FetchedPage, FetchedPost, SearchQuery
from leads.judges.base import JudgeContext, JudgeFailure, Label, PostView, Verdict
from leads.pipeline.runner import RunOptions
from leads.pipeline.stages import judge as judge_stage
from leads.services.runs import run_now
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project, Run
from tests.factories import ProjectFactory, document


def post(number: int, *, text: str = "", **changes: object) -> FetchedPost:
    """Post 7 is newer than post 6. Each text is its own, so that none is a copy of another."""
    values: dict[str, object] = {
        "platform": "sample",
        "id": f"{number:05}",
        "text": text or f"Number {number} here, looking for an invoicing tool, any ideas for case {number}?",
        "author": FetchedAuthor(id=f"a{number}", handle=f"handle{number}", followers=500),
        "language": "en",
    }
    return FetchedPost(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class Platform:
    """Posts, newest first, in pages of `page_size`; `fails` is raised before the page of that number."""

    posts: list[FetchedPost] = field(default_factory=list)
    page_size: int = 10
    fails: dict[int, Exception] = field(default_factory=dict)
    asked: list[SearchQuery] = field(default_factory=list)

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        self.asked.append(query)
        found = sorted((p for p in self.posts if p.id > query.since_id), key=lambda p: p.id, reverse=True)
        rest = [p for p in found if query.page_token is None or p.id < query.page_token]
        for number, start in enumerate(range(0, len(rest), self.page_size)):
            if number in self.fails:
                raise self.fails.pop(number)
            page = rest[start : start + self.page_size]
            is_last = start + self.page_size >= len(rest)
            yield FetchedPage(tuple(page), None if is_last else page[-1].id)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    scripted = Platform()

    class Scripted(Connector):
        platform = "sample"
        capabilities = frozenset({Capability.SEARCH})

        def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
            return scripted.search(query)

    connectors_base.connectors.load()
    monkeypatch.setitem(connectors_base.connectors._items, "sample", Scripted)
    return scripted


@dataclass
class ScriptedJudge:
    """Says relevant, .9, of everything but the texts that hold one of the words in `answers`."""

    answers: dict[str, Verdict | JudgeFailure] = field(default_factory=dict)
    judged: list[str] = field(default_factory=list)
    model_id: str = "local/scripted"
    prompt_version: str = "v1"

    def judge_batch(self, posts: list[PostView]) -> list[Verdict | JudgeFailure]:
        self.judged += [post.text for post in posts]
        return [self._answer(post.text) for post in posts]

    def _answer(self, text: str) -> Verdict | JudgeFailure:
        chosen = next((answer for word, answer in self.answers.items() if word in text), None)
        return chosen or self.verdict(Label.RELEVANT, 0.9)

    def verdict(self, label: Label, confidence: float) -> Verdict:
        return Verdict(label, confidence, "because", self.model_id, self.prompt_version, 1.0)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> ScriptedJudge:
    scripted = ScriptedJudge()

    def build(model_id: str, of: ProjectDocument, **_account: object) -> ScriptedJudge:
        assert JudgeContext.from_document(of).project_name
        return scripted

    monkeypatch.setattr(judge_stage, "build_judge", build)
    return scripted


@pytest.fixture
def walked(platform: Platform, judge: ScriptedJudge, db: None) -> Project:
    """A project whose one query asks the scripted platform for everything."""
    chosen = document(
        queries=[{"text": "*", "label": "all", "platform": "sample", "max_results_per_run": 1000}],
        drafts={"min_score": 30, "top_per_run": 3},
        notifications={"min_score_to_notify": 30},
    )
    return ProjectFactory.create(slug="tidewater", document=chosen)


def run_pipeline(project: Project, **options: object) -> Run:
    return run_now(project, RunOptions.parse(**options), by="command:test")  # type: ignore[arg-type]
