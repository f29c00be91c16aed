"""What the tests ask, and the commonest of what they are told."""

from typing import Any

from signalops_site.core.llm.requests import LlmAnswer, LlmFailure, LlmOutcome, LlmRequest, Message

MODEL = "openai/gpt-4o-mini"
SCHEMA = {
    "type": "object",
    "properties": {
        "label": {"enum": ["relevant", "maybe", "irrelevant"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["label", "confidence"],
    "additionalProperties": False,
}
VERDICT = {"label": "relevant", "confidence": 0.9}
POST = "Which tool do you use for invoices? Mine lost all of them in Rotterdam."


def request(number: int = 0, **changes: Any) -> LlmRequest:
    """A question about lead `number`, to be judged by the schema."""
    told: dict[str, Any] = {
        "model": MODEL,
        "messages": (Message("system", "Judge this post."), Message("user", f"{POST} ({number})")),
        "purpose": "judge",
        "prompt_version": "v1",
        "subject": f"lead:{number}",
        "schema": SCHEMA,
        "max_tokens": 100,
        "timeout_s": 20.0,
    }
    return LlmRequest(**(told | changes))


def answer(outcome: LlmOutcome) -> LlmAnswer:
    assert isinstance(outcome, LlmAnswer), outcome
    return outcome


def failure(outcome: LlmOutcome) -> LlmFailure:
    assert isinstance(outcome, LlmFailure), outcome
    return outcome
