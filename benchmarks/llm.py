"""Judging by a model of a provider: how near to the ideal of `concurrency / latency` calls a second.

The provider is a stand-in in a process of its own that thinks for half a second about each post. Every call has
its row in the ledger, as in a run. Importing the library that speaks to providers is counted in neither rate.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command

from leads.judges.base import Judge, JudgeContext, PostView, Verdict, as_they_come
from leads.judges.factory import build_judge
from leads.judges.llm import CONCURRENCY
from leads.judges.prompts import data_of, full_prompt, several_prompt
from signalops_site.core.config.reading import read_project
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import document_of, import_project
from signalops_site.core.models import Project

from .pipeline import DEMO
from .posts import ROOT, make_posts

MODEL = "openai/gpt-4o-mini"
LATENCY = 0.5
POSTS = 40 * CONCURRENCY
ONE_BY_ONE = 6
SHORT_POST = 280
CHARACTERS_A_TOKEN = 4
TOGETHER = (1, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class LlmResult:
    """Calls a second. `tokens_a_post` are of the prompt, by how many posts share a call."""

    posts: int
    concurrency: int
    latency: float
    rate: float
    rate_one_by_one: float
    cpu_milliseconds: float
    tokens_a_post: dict[int, int]

    @property
    def ideal(self) -> float:
        return self.concurrency / self.latency


def measure_llm(environment: dict[str, str]) -> LlmResult:
    """Against a provider that takes LATENCY seconds; `environment` is this process's, and learns its address."""
    call_command("migrate", verbosity=0)
    version, _ = import_project(read_project(DEMO.read_text(encoding="utf-8")), by="command:bench", activate=True)
    project, document = Project.objects.get(pk=version.project_id), _patient(document_of(version))
    texts = [str(post["text"]) for post in make_posts(POSTS + ONE_BY_ONE + 1)]
    posts = [PostView(text=text, subject=f"lead:{number}") for number, text in enumerate(texts)]
    with _provider() as address:
        environment.update(OPENAI_API_KEY="nobody-s", OPENAI_BASE_URL=address)
        judge = build_judge(MODEL, document, project=project)
        _judged(judge, posts[:1])
        one_by_one = _timed(judge, [[post] for post in posts[1 : ONE_BY_ONE + 1]])
        began = time.process_time()
        together = _timed(judge, [posts[ONE_BY_ONE + 1 :]])
        cpu = time.process_time() - began
    return LlmResult(
        posts=POSTS,
        concurrency=CONCURRENCY,
        latency=LATENCY,
        rate=POSTS / together,
        rate_one_by_one=ONE_BY_ONE / one_by_one,
        cpu_milliseconds=cpu / POSTS * 1000,
        tokens_a_post={count: _tokens(texts, JudgeContext.from_document(document), count) for count in TOGETHER},
    )


def _patient(document: ProjectDocument) -> ProjectDocument:
    """A machine that is busy is measured, and not cut short."""
    return document.model_copy(update={"llm": document.llm.model_copy(update={"max_judge_latency_ms": 60_000})})


def _timed(judge: Judge, batches: Sequence[Sequence[PostView]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        _judged(judge, batch)
    return time.perf_counter() - began


def _judged(judge: Judge, posts: Sequence[PostView]) -> None:
    answers = dict(as_they_come(judge, posts))
    failed = [answer for answer in answers.values() if not isinstance(answer, Verdict)]
    if failed or len(answers) != len(posts):
        raise SystemExit(f"{len(failed)} of {len(posts)} posts were not judged: {failed[:1]}")


def _tokens(texts: Sequence[str], context: JudgeContext, count: int) -> int:
    """Of a prompt with so many short posts, for each of them."""
    prompt = full_prompt(context) if count == 1 else several_prompt(context)
    posts = [
        (f"{number}-00000000", data_of(PostView(text=text[:SHORT_POST])))
        for number, text in enumerate(texts[:count])
    ]
    told = sum(len(message.content) for message in prompt.messages(posts))
    return round(told / CHARACTERS_A_TOKEN / count)


@contextmanager
def _provider() -> Iterator[str]:
    """The stand-in's address. It ends when its standard input closes."""
    command = [sys.executable, "-m", "tests.llm_stand_in", "--latency", str(LATENCY)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate()
