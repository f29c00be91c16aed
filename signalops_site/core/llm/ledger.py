"""The ledger: a row for every call that was made, which is also where answers are found again.

recall        answers that are there already, for (model, prompt version, question) of a project
record        the rows of calls that have ended
forget        takes out what the ledger holds of a person, or of a post that is gone
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from ..models import LlmCall, LlmCallStatus, Project, Run
from .answers import Malformed, read_json
from .requests import NOTHING, FailureKind, LlmAnswer, LlmRequest

LONGEST_REASON = 300
ONE_TIME = 500
"""Subjects in one statement: databases bound the number of its parameters."""

Key = tuple[str, str, str]
"""Model, prompt version, question."""


@dataclass(frozen=True, slots=True)
class Try:
    """What came of asking one model, with its retries. `failure` is None when it answered."""

    model: str
    text: str = ""
    data: Any = None
    failure: FailureKind | None = None
    reason: str = ""
    retryable: bool = False
    is_of_the_model: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = NOTHING
    latency_ms: int = 0
    attempts: int = 0
    """Requests to the provider; 0: it was never asked."""


@dataclass(frozen=True, slots=True)
class Book:
    """Whose calls they are. Without `all_runs` only answers of the same run are found again."""

    project: Project | None
    run: Run | None
    all_runs: bool

    def recall(self, requests: Collection[LlmRequest]) -> dict[Key, LlmAnswer]:
        """The answers that are there already, by request. One that is not by its schema does not count."""
        asked = {key_of(request): request for request in requests if request.question}
        if not asked or (self.run is None and not self.all_runs):
            return {}
        found = {
            key: answer
            for row in self._answered(list(asked))
            if (request := asked.get(key := _key_of_row(row))) is not None
            and (answer := _again(row, request)) is not None
        }
        return found | self._recall_fallbacks({key: each for key, each in asked.items() if key not in found})

    def _recall_fallbacks(self, asked: Mapping[Key, LlmRequest]) -> dict[Key, LlmAnswer]:
        """What a fallback answered in this run after the model had failed: a run that goes on pays for it once.

        Another run gives the model another chance, and a fallback that was asked on its own stands in for nobody.
        """
        keys = {key: [(model, *key[1:]) for model in request.fallbacks] for key, request in asked.items()}
        wanted = [each for several in keys.values() for each in several]
        if self.run is None or not wanted:
            return {}
        rows = {_key_of_row(row): row for row in self._answered(wanted) if row.run_id == self.run.pk}
        failed = self._failed([key for key, several in keys.items() if any(each in rows for each in several)])
        return {
            key: answer
            for key in failed & keys.keys()
            if (row := next((rows[each] for each in keys[key] if each in rows), None)) is not None
            and (answer := _again(row, asked[key])) is not None
        }

    def _failed(self, keys: Sequence[Key]) -> set[Key]:
        """Those that this run has asked in vain; perhaps others, too."""
        if not keys:
            return set()
        models, versions, questions = (set(column) for column in zip(*keys, strict=True))
        rows = LlmCall.objects.filter(
            run=self.run, question__in=questions, model__in=models, prompt_version__in=versions
        )
        return {_key_of_row(row) for row in rows.exclude(status=LlmCallStatus.ANSWERED)}

    def _answered(self, keys: Sequence[Key]) -> Iterable[LlmCall]:
        models, versions, questions = (set(column) for column in zip(*keys, strict=True))
        rows = LlmCall.objects.exclude(answer="").filter(
            project=self.project, question__in=questions, model__in=models, prompt_version__in=versions
        )
        return (rows if self.all_runs else rows.filter(run=self.run)).order_by("pk")

    def record(self, ended: Sequence[tuple[LlmRequest, Sequence[Try]]]) -> list[int | None]:
        """Write the rows of calls that have ended; the id of each one's last row, None where nobody was asked."""
        rows = [[self._row(request, each) for each in tries if each.attempts] for request, tries in ended]
        LlmCall.objects.bulk_create([row for of_one in rows for row in of_one])
        return [of_one[-1].pk if of_one else None for of_one in rows]

    def record_recalled(self, requests: Sequence[LlmRequest], answers: Sequence[LlmAnswer]) -> None:
        """Rows of what was answered for nothing. The answer stays where it was first written."""
        LlmCall.objects.bulk_create(
            LlmCall(
                project=self.project,
                run=self.run,
                purpose=request.purpose,
                model=answer.model,
                prompt_version=request.prompt_version,
                subject=request.subject,
                status=LlmCallStatus.ANSWERED,
                cached=True,
            )
            for request, answer in zip(requests, answers, strict=True)
        )

    def _row(self, request: LlmRequest, each: Try) -> LlmCall:
        return LlmCall(
            project=self.project,
            run=self.run,
            purpose=request.purpose,
            model=each.model,
            prompt_version=request.prompt_version,
            subject=request.subject,
            question=request.question,
            tokens_in=each.tokens_in,
            tokens_out=each.tokens_out,
            cost=each.cost,
            latency_ms=each.latency_ms,
            attempts=each.attempts,
            status=each.failure.value if each.failure else LlmCallStatus.ANSWERED,
            reason=each.reason[:LONGEST_REASON],
            answer=each.text if each.failure is None else "",
        )


def key_of(request: LlmRequest) -> Key:
    return request.model, request.prompt_version, request.question


def _key_of_row(row: LlmCall) -> Key:
    return row.model, row.prompt_version, row.question


def _again(row: LlmCall, request: LlmRequest) -> LlmAnswer | None:
    try:
        data = read_json(row.answer, request.schema) if request.schema is not None else None
    except Malformed:
        return None
    return LlmAnswer(
        row.answer,
        data,
        row.model,
        row.tokens_in,
        row.tokens_out,
        NOTHING,
        row.latency_ms,
        cached=True,
        call_id=row.pk,
        worth_usd=row.cost,
    )


def forget_calls(call_ids: Collection[int]) -> None:
    """Empty these answers, so that the same is asked anew: they turned out to be of no use."""
    LlmCall.objects.filter(pk__in=call_ids).update(answer="", question="")


def forget(subjects: Iterable[str]) -> int:
    """Empty the answers about these (`lead:12`), and with them what finds them again. How many rows had any.

    The rows stay: what was spent is spent. For the erasing of a person, and when a post is gone at its platform.
    """
    names = sorted(set(subjects) - {""})
    held = ~Q(answer="") | ~Q(question="")
    return sum(
        LlmCall.objects.filter(held, subject__in=names[start : start + ONE_TIME]).update(answer="", question="")
        for start in range(0, len(names), ONE_TIME)
    )
