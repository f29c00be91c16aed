from decimal import Decimal
from typing import Any

import pytest

from leads.judges.base import JudgeContext, Label, Verdict
from tests.factories import document


def verdict(**changes: Any) -> Verdict:
    values: dict[str, Any] = {
        "label": "relevant",
        "confidence": 0.5,
        "reasoning": "asks for help",
        "model": "local/keyword",
        "prompt_version": "0" * 16,
        "latency_ms": 1.0,
    }
    return Verdict(**{**values, **changes})


@pytest.mark.parametrize(("given", "kept"), [(-0.5, 0.0), (0.25, 0.25), (1.7, 1.0)])
def test_a_confidence_is_clamped_between_zero_and_one(given: float, kept: float) -> None:
    assert verdict(confidence=given).confidence == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": float("nan")},
        {"latency_ms": float("inf")},
        {"label": "very relevant"},
        {"tokens_in": -1},
        {"cost_usd": Decimal("-0.01")},
        {"cost_usd": Decimal("NaN")},
    ],
)
def test_a_verdict_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        verdict(**changes)


def test_a_label_may_be_given_by_its_value() -> None:
    assert verdict(label="maybe").label is Label.MAYBE


def test_reasoning_becomes_one_printable_line_of_bounded_length() -> None:
    assert verdict(reasoning="two\nlines\x00 here").reasoning == "two lines here"
    assert len(verdict(reasoning="a" * 2000).reasoning) == 500


def test_the_digest_follows_what_a_judge_is_told() -> None:
    context = JudgeContext.from_document(document())
    same = JudgeContext.from_document(document())
    renamed = JudgeContext.from_document(document(project_name="Ebb"))
    assert context.digest("a") == same.digest("a")
    assert len(context.digest("a")) == 16
    assert len({context.digest("a"), context.digest("b"), renamed.digest("a")}) == 3
