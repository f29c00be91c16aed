"""Judges that ask a language model: any that LiteLLM reaches, fine-tuned or not.

Calls run side by side, and each answer is handed out as it comes. What goes wrong goes down a chain, and a verdict
always bears the name of the model that gave it:

    the model -> `llm.fallback_models`, in order -> `llm.judge_fallback_model` -> the lead waits, with its error
    the month's budget is spent -> a local judge; while others only hold the rest of it -> the lead waits

The gateway tries again what may pass a moment later, and asks those of the chain that share the prompt; the others
are the judge's `relief`. A model that fails for many posts in a row, whatever the reason, is left alone for the
rest of the run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from signalops_site.core.config.schema import Llm
from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.llm.ledger import forget
from signalops_site.core.llm.requests import FailureKind, LlmAnswer, LlmFailure, LlmOutcome, LlmRequest
from signalops_site.core.models import Project, Run

from .base import Answer, Findings, Judge, JudgeContext, JudgeFailure, PostView, Verdict, as_they_come, in_order
from .prompts import (
    Prompt,
    answers_by_id,
    data_of,
    full_prompt,
    question_of,
    read_verdict,
    several_prompt,
    short_prompt,
)

PURPOSE: Final = "judge"
UNSTORED: Final = "judge:unstored"
"""The ledger's subject of posts that no row stands for. See `forget_unstored`."""
CONCURRENCY: Final = 64
"""Calls at once, of one process."""
LONGEST_OF_SEVERAL: Final = 700
"""Characters of a post, as it is told, that may share a call."""
MOST_TOKENS_OF_SEVERAL: Final = 4096
"""What every provider lets a model write."""
GIVEN_UP_AFTER: Final = 20
"""Failures in a row."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One call: about the posts at `places`, which it names by `ids`."""

    places: tuple[int, ...]
    ids: tuple[str, ...]
    request: LlmRequest


@dataclass(frozen=True, slots=True)
class Account:
    """On whose account a judge asks: a project (None: nobody's), in one of its runs or outside of any."""

    project: Project | None = None
    run: Run | None = None
    tags: tuple[str, ...] = ()

    def gateway(self, llm: Llm) -> Gateway:
        budget = None if llm.monthly_budget_usd is None else Decimal(str(llm.monthly_budget_usd))
        return Gateway(self.project, run=self.run, budget_usd=budget, cache=llm.cache)

    @property
    def shared_subject(self) -> str:
        """Of calls about several posts."""
        return UNSTORED if self.project is None else shared_subject(self.project.pk)


def shared_subject(project_id: int) -> str:
    """The ledger's subject of calls about several of a project's posts.

    No single lead can be taken out of such an answer, so they are forgotten as a whole: when the judge stage is
    through, and before that when anybody is erased.
    """
    return f"project:{project_id}:posts"


def forget_unstored() -> None:
    """Take out of the ledger what was said of posts that are not kept, such as those of a preview."""
    forget([UNSTORED])


class LlmJudge:
    """One model. `fallbacks` share its prompt; `relief` judges what all of them could not, `past_budget` what they
    may not.
    """

    def __init__(
        self,
        model_id: str,
        context: JudgeContext,
        *,
        account: Account,
        llm: Llm,
        findings: Findings,
        is_short: bool = False,
        fallbacks: Sequence[str] = (),
        relief: Judge | None = None,
        past_budget: Callable[[], Judge] | None = None,
    ) -> None:
        self.model_id = model_id
        self.findings = findings
        self._account = account
        self._llm = llm
        self._gateway = account.gateway(llm)
        self._alone = short_prompt(context) if is_short else full_prompt(context)
        self._several = None if is_short or llm.posts_per_call == 1 else several_prompt(context)
        self._fallbacks = tuple(fallbacks)
        self._relief = relief
        self._past_budget = past_budget
        self._in_a_row = 0
        self._given_up = ""

    @property
    def prompt_version(self) -> str:
        return self._alone.version

    @property
    def known_as(self) -> Sequence[tuple[str, str]]:
        prompts = [self._alone, *([self._several] if self._several else [])]
        return [(self.model_id, prompt.version) for prompt in prompts]

    def judge_batch(self, posts: Sequence[PostView]) -> list[Answer]:
        return in_order(self, posts)

    def judge_as_they_come(self, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        left: dict[int, JudgeFailure] = {}
        for place, answer in self._asked(posts):
            if isinstance(answer, JudgeFailure) and self._has_relief(answer):
                left[place] = answer
            else:
                yield place, answer
        spent = {place: failure for place, failure in left.items() if _is_spent(failure)}
        failed = {place: failure for place, failure in left.items() if place not in spent}
        if spent and self._past_budget:
            yield from _relieved(self._past_budget(), posts, spent)
        if failed and self._relief:
            yield from _relieved(self._relief, posts, failed)

    def _has_relief(self, failure: JudgeFailure) -> bool:
        if failure.kind is FailureKind.BUDGET:
            return self._past_budget is not None and _is_spent(failure)
        return self._relief is not None

    # ------------------------------------------------------------ asking

    def _asked(self, posts: Sequence[PostView]) -> Iterator[tuple[int, Answer]]:
        """All posts; those of a call whose answers cannot be told apart are asked about again, each alone."""
        again: list[int] = []
        yield from self._ask(self._questions(posts), again)
        yield from self._ask([self._question([(place, posts[place])]) for place in again], again)

    def _ask(self, questions: Sequence[_Question], again: list[int]) -> Iterator[tuple[int, Answer]]:
        left = dict(enumerate(questions))
        if not self._given_up:
            requests = [question.request for question in questions]
            with closing(self._gateway.ask_many(requests, concurrency=CONCURRENCY)) as outcomes:
                for number, outcome in outcomes:
                    yield from self._read(left.pop(number), outcome, again)
                    if self._given_up:
                        break
        for question in left.values():
            yield from ((place, self._failure_of_all()) for place in question.places)

    def _questions(self, posts: Sequence[PostView]) -> list[_Question]:
        """In the order of the posts, so that a run that goes on asks in the same groups as before."""
        if self._several is None:
            return [self._question([(place, post)]) for place, post in enumerate(posts)]
        questions: list[_Question] = []
        group: list[tuple[int, PostView]] = []
        for place, post in enumerate(posts):
            if len(data_of(post)) > LONGEST_OF_SEVERAL:
                questions.append(self._question([(place, post)]))
                continue
            group.append((place, post))
            if len(group) == self._llm.posts_per_call:
                questions.append(self._question(group))
                group = []
        return [*questions, *([self._question(group)] if group else [])]

    def _question(self, group: Sequence[tuple[int, PostView]]) -> _Question:
        """Ids of several posts are hashes of them, so that no post knows another's."""
        data = [data_of(post) for _place, post in group]
        hashes = [question_of(each) for each in data]
        ids = tuple(f"{number}-{each[:8]}" for number, each in enumerate(hashes, start=1))
        prompt = self._several if self._several and len(group) > 1 else self._alone
        subject = group[0][1].subject if len(group) == 1 else self._account.shared_subject
        question = hashes[0] if len(group) == 1 else question_of("\n".join(hashes))
        request = self._request(prompt, list(zip(ids, data, strict=True)), subject=subject, question=question)
        return _Question(tuple(place for place, _post in group), ids, request)

    def _request(
        self, prompt: Prompt, posts: Sequence[tuple[str, str]], *, subject: str, question: str
    ) -> LlmRequest:
        llm, count = self._llm, len(posts)
        return LlmRequest(
            model=self.model_id,
            messages=prompt.messages(posts),
            purpose=PURPOSE,
            prompt_version=prompt.version,
            subject=subject or UNSTORED,
            schema=prompt.schema,
            temperature=llm.temperature,
            max_tokens=max(llm.max_tokens, min(llm.max_tokens * count, MOST_TOKENS_OF_SEVERAL)),
            timeout_s=llm.max_judge_latency_ms * count / 1000,
            question=question,
            fallbacks=self._fallbacks,
            tags=self._account.tags,
        )

    # ------------------------------------------------------------ reading

    def _read(self, question: _Question, outcome: LlmOutcome, again: list[int]) -> Iterator[tuple[int, Answer]]:
        """The answers of one call; the places that it leaves open are added to `again`."""
        if isinstance(outcome, LlmAnswer):
            self._in_a_row = 0
            if not outcome.cached and (problem := self._gateway.unpriced(outcome.model)):
                self.findings.tell(problem)
            yield from self._stepped_in(question, outcome, _answers(question, outcome, again))
        elif outcome.kind is FailureKind.MALFORMED and len(question.places) > 1:
            again.extend(question.places)
        else:
            self._note(outcome)
            failure = self._failure(outcome, shares=len(question.places))
            yield from ((place, failure) for place in question.places)

    def _stepped_in(
        self, question: _Question, outcome: LlmAnswer, answers: Iterable[tuple[int, Answer]]
    ) -> Iterator[tuple[int, Answer]]:
        """The answers, with how the model itself had failed if they are a fallback's."""
        if outcome.stood_in_for is None:
            yield from answers
            return
        failed = self._failure(outcome.stood_in_for, shares=len(question.places))
        yield from ((place, replace(answer, stood_in_for=failed)) for place, answer in answers)

    def _failure(self, outcome: LlmFailure, *, shares: int) -> JudgeFailure:
        """Of each of the posts of a call, which bear equal shares of what it took."""
        first = outcome.stood_in_for
        return JudgeFailure(
            model=outcome.model,
            reason=outcome.reason,
            retryable=outcome.retryable,
            latency_ms=outcome.latency_ms / shares,
            kind=outcome.kind,
            is_of_the_model=outcome.is_of_the_model,
            cost_usd=outcome.cost_usd / shares,
            stood_in_for=self._failure(first, shares=shares) if first else None,
        )

    def _note(self, failure: LlmFailure) -> None:
        if failure.kind is FailureKind.BUDGET:
            told = self._with_relief(failure)
            self.findings.tell(told)
            if not failure.retryable:
                self.findings.spent_budget = told
            return
        if failure.kind is FailureKind.REFUSED:
            self.findings.tell(self._with_relief(failure))
        self._in_a_row += 1
        if self._in_a_row >= GIVEN_UP_AFTER:
            self._given_up = (
                f"{self.model_id} failed {GIVEN_UP_AFTER} times in a row and is not asked again in this run."
            )
            self.findings.tell(f"{self._given_up} The last time: {failure.reason}")

    def _with_relief(self, failure: LlmFailure) -> str:
        relief = self._relief
        if failure.kind is FailureKind.BUDGET:
            relief = self._past_budget() if self._past_budget and not failure.retryable else None
        return f"{failure.reason} {relief.model_id} judges instead." if relief else failure.reason

    def _failure_of_all(self) -> JudgeFailure:
        return JudgeFailure(self.model_id, self._given_up, kind=FailureKind.UNAVAILABLE, is_of_the_model=True)


def _answers(question: _Question, answer: LlmAnswer, again: list[int]) -> Iterator[tuple[int, Answer]]:
    version = question.request.prompt_version
    if len(question.places) == 1:
        yield question.places[0], _verdict(answer, version)
        return
    found = answers_by_id(answer.data, question.ids)
    verdicts: list[tuple[int, Verdict]] = []
    for place, name in zip(question.places, question.ids, strict=True):
        try:
            verdict = read_verdict(found[name], answer, prompt_version=version, shares=len(found))
        except (KeyError, ValueError):
            again.append(place)
        else:
            verdicts.append((place, replace(verdict, ends_call=False)))
    yield from verdicts[:-1]
    yield from ((place, replace(verdict, ends_call=True)) for place, verdict in verdicts[-1:])


def _verdict(answer: LlmAnswer, version: str) -> Answer:
    try:
        return read_verdict(answer.data, answer, prompt_version=version)
    except ValueError:
        reason = f"{answer.model}: its answer is no verdict."
        return JudgeFailure(
            answer.model,
            reason,
            latency_ms=float(answer.latency_ms),
            kind=FailureKind.MALFORMED,
            cost_usd=answer.cost_usd,
        )


def _is_spent(failure: JudgeFailure) -> bool:
    """Of the budget: what others only hold may come free again."""
    return failure.kind is FailureKind.BUDGET and not failure.retryable


def _relieved(
    judge: Judge, posts: Sequence[PostView], failures: dict[int, JudgeFailure]
) -> Iterator[tuple[int, Answer]]:
    """What another judge says of posts that were left; if it fails as well, both reasons are told."""
    places = sorted(failures)
    for number, answer in as_they_come(judge, [posts[place] for place in places]):
        first = failures[places[number]]
        asked = first.stood_in_for or first
        if isinstance(answer, Verdict):
            yield places[number], replace(answer, stood_in_for=asked)
        else:
            reason = answer.reason if first.reason in answer.reason else f"{first.reason} {answer.reason}"
            retryable = first.retryable or answer.retryable
            yield places[number], replace(answer, reason=reason, retryable=retryable, stood_in_for=asked)
