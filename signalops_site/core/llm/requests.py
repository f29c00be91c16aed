"""What a language model is asked, and what comes back: an answer, or a failure that says what it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

NOTHING = Decimal(0)

JsonSchema = Mapping[str, Any]


class FailureKind(StrEnum):
    TIMEOUT = "timeout"
    """No answer within the request's time; the call was cut."""
    RATE_LIMITED = "rate_limited"
    """The provider asks to wait for longer than the request has time."""
    REFUSED = "refused"
    """It will be refused again as it stands: no key, no such model, a request that the provider does not take."""
    UNAVAILABLE = "unavailable"
    """The provider is in trouble or cannot be reached, also after some tries."""
    MALFORMED = "malformed"
    """There is an answer, but not one that was asked for: no JSON, or not by the schema."""
    BUDGET = "budget"
    """The project's month has no money left for it. Nothing was asked."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class LlmRequest:
    """One call. `model` and `fallbacks` are LiteLLM's ids, such as `openai/gpt-4o-mini` or `ft:...`.

    With a `schema` the answer is JSON by it, and `max_tokens` has to suffice for all of it. `subject` says what it
    is about (`lead:12`), for traces and erasing. `question` is a hash of what differs between calls of one
    `prompt_version`: the same question to the same model is paid for once. Empty: it is never looked up.
    """

    model: str
    messages: tuple[Message, ...]
    purpose: str
    """`judge`, `draft` and so on: what the ledger counts by."""
    prompt_version: str = ""
    subject: str = ""
    schema: JsonSchema | None = None
    temperature: float | None = None
    max_tokens: int = 1024
    timeout_s: float = 30.0
    """For one model with all its tries; a fallback has as much again."""
    question: str = ""
    fallbacks: tuple[str, ...] = ()
    """Asked in order when the model before gave no answer."""
    tags: tuple[str, ...] = ()
    """For traces, such as `experiment:12` and `variant:canary`."""


@dataclass(frozen=True, slots=True)
class LlmAnswer:
    text: str
    data: Any
    """The text as JSON, checked against the request's schema; None without one."""
    model: str
    """Who answered: the request's model, or one of its fallbacks."""
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    """Of this call with its failed tries; 0 for an answer from the ledger."""
    latency_ms: int
    """Of the model that answered, as it was when it was asked."""
    cached: bool
    call_id: int
    """The row of the ledger."""
    worth_usd: Decimal = NOTHING
    """What it cost when it was asked, also where that was earlier."""
    stood_in_for: "LlmFailure | None" = None
    """How the request's own model failed, where it was asked now and a fallback answered."""


@dataclass(frozen=True, slots=True)
class LlmFailure:
    kind: FailureKind
    reason: str
    """A sentence for people. It holds no key, no post and nothing that a provider wrote."""
    retryable: bool
    """Whether the same request may go well another time."""
    latency_ms: int
    model: str
    """Who failed last."""
    cost_usd: Decimal = NOTHING
    """What a malformed answer cost."""
    is_of_the_model: bool = False
    """Every request would meet with it: no key, no such model, no right to it."""
    stood_in_for: "LlmFailure | None" = None
    """How the request's own model failed, where fallbacks failed after it."""


LlmOutcome = LlmAnswer | LlmFailure
