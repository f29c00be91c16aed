"""Drafts by a language model: written, looked at, mended once if something speaks against them.

What is too long is asked to be shortened once, and then cut at a word. A reply with an invented link or handle, or
with a blank, is mended once, and then given up: the lead waits, with the reason. Past the month's budget the
project's templates write instead, and the run says so.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.llm.ledger import forget_calls
from signalops_site.core.llm.requests import FailureKind, LlmAnswer, LlmFailure, LlmOutcome, LlmRequest, Message

from ..judges.base import Findings
from ..judges.prompts import question_of
from .base import Draft, Drafter, DraftFacts, NotWritten, Written
from .limits import cut_at_word, max_length
from .objections import Bounds, Objection, addresses_in, names_in, objections_to
from .prompts import REPLY, instructions_for, mending, prompt_version, request_for

PURPOSE: Final = "draft"
CONCURRENCY: Final = 16
SECONDS: Final = 60.0
"""A reply takes longer than a judgment, and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One reply to be written: whose place it has, what of, and within which bounds."""

    place: int
    facts: DraftFacts
    bounds: Bounds
    request: LlmRequest


class LlmDrafter:
    """One model, with the project's fallbacks. `relief` writes what there is no money for."""

    def __init__(
        self, model_id: str, document: ProjectDocument, *, gateway: Gateway, relief: Drafter, findings: Findings
    ) -> None:
        self.model_id = model_id
        self._document = document
        self._gateway = gateway
        self._relief = relief
        self._findings = findings
        self._instructions = instructions_for(document)
        self._templates = {template.id for template in document.templates}
        self._links = addresses_in(f"{expand(document.product_url)} {self._instructions}")
        self._handles = names_in(self._instructions)

    def write(self, asked: Sequence[DraftFacts]) -> Iterator[tuple[int, Draft]]:
        again: list[tuple[_Task, LlmAnswer, list[Objection]]] = []
        left: list[int] = []
        for task, outcome in self._asked([self._task(place, facts) for place, facts in enumerate(asked)]):
            if isinstance(outcome, LlmFailure) and _is_spent(outcome):
                self._findings.tell(f"{outcome.reason} {self._relief.model_id} drafts instead.")
                left.append(task.place)
            elif isinstance(outcome, LlmAnswer) and (wrong := _objections(outcome, task)):
                again.append((task, outcome, wrong))
            else:
                yield task.place, self._draft(task, outcome)
        yield from self._mended(again)
        for number, draft in self._relief.write([asked[place] for place in left]) if left else ():
            yield left[number], draft

    def _mended(self, again: Sequence[tuple[_Task, LlmAnswer, list[Objection]]]) -> Iterator[tuple[int, Draft]]:
        """What comes of a second try; where there is none, of the first, if it can go to a person at all."""
        first = {task.place: answer for task, answer, _ in again}
        for task, outcome in self._asked([_mending(*each) for each in again]):
            answer = outcome if isinstance(outcome, LlmAnswer) else first[task.place]
            fatal = [wrong.text for wrong in _objections(answer, task) if wrong.is_fatal]
            if fatal:
                forget_calls([first[task.place].call_id, answer.call_id])
                yield task.place, NotWritten(f"{answer.model} wrote no usable reply. {' '.join(fatal)}")
            else:
                yield task.place, self._draft(task, answer)

    # ------------------------------------------------------------ asking

    def _task(self, place: int, facts: DraftFacts) -> _Task:
        limit = max_length(facts.platform, document=self._document, answering=facts.author_handle)
        llm, asked = self._document.llm, request_for(facts, limit=limit)
        request = LlmRequest(
            model=self.model_id,
            messages=(Message("system", self._instructions), Message("user", asked)),
            purpose=PURPOSE,
            prompt_version=prompt_version(self._instructions),
            subject=facts.subject,
            schema=REPLY,
            temperature=llm.temperature,
            max_tokens=llm.max_tokens,
            timeout_s=SECONDS,
            question=question_of(asked),
            fallbacks=tuple(model for model in llm.fallback_models if not model.startswith("local/")),
        )
        return _Task(place, facts, Bounds(limit, self._links, self._handles), request)

    def _asked(self, tasks: Sequence[_Task]) -> Iterator[tuple[_Task, LlmOutcome]]:
        if tasks:
            requests = [task.request for task in tasks]
            for number, outcome in self._gateway.ask_many(requests, concurrency=CONCURRENCY):
                yield tasks[number], outcome

    # ------------------------------------------------------------ reading

    def _draft(self, task: _Task, outcome: LlmOutcome) -> Draft:
        if isinstance(outcome, LlmFailure):
            if outcome.kind is FailureKind.REFUSED:
                self._findings.tell(outcome.reason)
            return NotWritten(outcome.reason, is_of_the_post=_may_be_of_the_post(outcome))
        if not outcome.cached and (problem := self._gateway.unpriced(outcome.model)):
            self._findings.tell(problem)
        named = outcome.data["template"]
        return Written(
            cut_at_word(_text_of(outcome), limit=task.bounds.limit, platform=task.facts.platform),
            named if named in self._templates else "",
            "\n\n".join(message.content for message in task.request.messages[:2]),
            outcome.model,
        )


def _may_be_of_the_post(failure: LlmFailure) -> bool:
    return failure.kind in {FailureKind.MALFORMED, FailureKind.REFUSED} and not failure.is_of_the_model


def _is_spent(failure: LlmFailure) -> bool:
    """Of the budget: what others only hold may come free again, and the lead waits for it."""
    return failure.kind is FailureKind.BUDGET and not failure.retryable


def _mending(task: _Task, answer: LlmAnswer, wrong: Sequence[Objection]) -> _Task:
    told = mending(answer.text, [objection.text for objection in wrong])
    messages = (*task.request.messages, *told)
    question = question_of("\n".join(message.content for message in messages[1:]))
    return replace(task, request=replace(task.request, messages=messages, question=question))


def _objections(answer: LlmAnswer, task: _Task) -> list[Objection]:
    return objections_to(_text_of(answer), facts=task.facts, bounds=task.bounds)


def _text_of(answer: LlmAnswer) -> str:
    """Without control characters, and with white space tidied."""
    text: str = answer.data["text"]
    kept = "".join(" " if unicodedata.category(sign) == "Cc" and sign != "\n" else sign for sign in text)
    return "\n".join(" ".join(line.split()) for line in kept.strip().split("\n"))
