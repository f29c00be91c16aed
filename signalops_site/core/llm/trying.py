"""Asking one model, and again where that may help, and the next one where it does not. No database, no LiteLLM.

There is one loop of retries in the whole gateway: those of LiteLLM and of the providers' own libraries are off.
A model has `timeout_s` for everything: its answers, its pauses, its tries. What is under way then is cut.
"""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from .answers import Malformed, read_json
from .ledger import Try
from .requests import NOTHING, FailureKind, LlmRequest

TRIES = 3
FIRST_PAUSE = 0.5
"""Seconds, doubled for each try after that, and up to a half longer so that many do not come back at once."""
PASSING = frozenset({FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE})
"""What may be over a moment later."""


class CallFailed(Exception):
    """One request failed. `retry_after` is in seconds, when the provider said it."""

    def __init__(
        self,
        kind: FailureKind,
        reason: str,
        *,
        retry_after: float | None = None,
        attempts: int = 1,
        completion: "Completion | None" = None,
        is_of_the_model: bool = False,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.retry_after = retry_after
        self.attempts = attempts
        self.is_of_the_model = is_of_the_model
        self.completion = completion
        """What was paid for all the same."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, whole, and what it took."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = NOTHING


Complete = Callable[[str, LlmRequest, float], Awaitable[Completion]]
"""One request to one model (its id, the request, seconds), or CallFailed."""


PromptOf = Callable[[str, LlmRequest], Completion]
"""What a model takes for a prompt alone, by the estimate that reserves it: a call that is cut has been read."""


async def ask_in_turn(request: LlmRequest, complete: Complete, prompt_of: PromptOf) -> list[Try]:
    """Ask the request's model, then its fallbacks, until one answers: what came of each that was asked."""
    tries: list[Try] = []
    for model in dict.fromkeys((request.model, *request.fallbacks)):
        tries.append(await _ask(model, request, complete, prompt_of))
        if tries[-1].failure is None:
            break
    return tries


async def _ask(model: str, request: LlmRequest, complete: Complete, prompt_of: PromptOf) -> Try:
    began = time.monotonic()
    attempts = 0
    while True:
        left = request.timeout_s - (time.monotonic() - began)
        try:
            attempts += 1
            async with asyncio.timeout(left):
                completion = await complete(model, request, left)
            return _answered(model, request, completion, attempts, _milliseconds(began))
        except TimeoutError:
            reason = f"{model} gave no answer within {request.timeout_s:g} s."
            error = CallFailed(FailureKind.TIMEOUT, reason, completion=prompt_of(model, request))
        except CallFailed as failed:
            error = failed
        pause = error.retry_after if error.retry_after is not None else _pause(attempts)
        left = request.timeout_s - (time.monotonic() - began)
        if error.kind not in PASSING or attempts >= TRIES or pause >= left:
            return _failed(model, error, attempts, _milliseconds(began))
        await asyncio.sleep(pause)


def _pause(attempts: int) -> float:
    return float(FIRST_PAUSE * 2 ** (attempts - 1) * random.uniform(1, 1.5))  # noqa: S311 - nobody guesses it


def _milliseconds(began: float) -> int:
    """Rounded up, so that what was cut at a limit is known to have passed it."""
    return math.ceil((time.monotonic() - began) * 1000)


def _answered(model: str, request: LlmRequest, completion: Completion, attempts: int, latency_ms: int) -> Try:
    try:
        if not completion.text.strip():
            raise Malformed("its answer is empty")
        data = read_json(completion.text, request.schema) if request.schema is not None else None
    except Malformed as error:
        failed = CallFailed(FailureKind.MALFORMED, f"{model}: {error}.", completion=completion)
        return _failed(model, failed, attempts, latency_ms)
    return Try(
        model,
        text=completion.text,
        data=data,
        tokens_in=completion.tokens_in,
        tokens_out=completion.tokens_out,
        cost=completion.cost,
        latency_ms=latency_ms,
        attempts=attempts,
    )


def _failed(model: str, error: CallFailed, attempts: int, latency_ms: int) -> Try:
    paid = error.completion or Completion("")
    return Try(
        model,
        failure=error.kind,
        reason=error.reason,
        retryable=error.kind not in {FailureKind.REFUSED, FailureKind.BUDGET},
        is_of_the_model=error.is_of_the_model,
        tokens_in=paid.tokens_in,
        tokens_out=paid.tokens_out,
        cost=paid.cost,
        latency_ms=latency_ms,
        attempts=attempts if error.attempts else 0,
    )
