import json
from decimal import Decimal
from typing import Any

import pytest

from leads.judges.base import JudgeContext, Label, PostView
from leads.judges.prompts import (
    VERDICT_SCHEMA,
    answers_by_id,
    data_of,
    full_prompt,
    question_of,
    read_verdict,
    several_prompt,
    short_prompt,
    training_messages,
)
from signalops_site.core.llm.requests import LlmAnswer
from tests.factories import document

from .conftest import LEDGER


def answer(**changes: Any) -> LlmAnswer:
    values: dict[str, Any] = {
        "text": "",
        "data": None,
        "model": "openai/some",
        "tokens_in": 100,
        "tokens_out": 21,
        "cost_usd": Decimal("0.0009"),
        "latency_ms": 12,
        "cached": False,
        "call_id": 1,
    }
    return LlmAnswer(**{**values, **changes})


def fields(**changes: object) -> dict[str, object]:
    return {"label": "relevant", "confidence": 0.7, "reasoning": "asks", **changes}


def test_the_full_prompt_tells_all_that_the_project_says_of_relevance() -> None:
    told = full_prompt(JudgeContext.from_document(document(relevance=relevance()))).instructions
    for part in (
        "Tidewater",
        "Reminders for unpaid invoices.",
        "Is it so?",
        "pays late",
        "sells it",
        "invoice",
        "spam",
    ):
        assert part in told


def relevance() -> dict[str, object]:
    return {
        "system_prompt": "Is it so?",
        "positive_signals": ["pays late"],
        "negative_signals": ["sells it"],
        "keywords_required": ["invoice"],
        "keywords_excluded": ["spam"],
    }


def test_the_prompt_version_follows_the_instructions_and_never_the_post() -> None:
    prompt = full_prompt(LEDGER)
    assert prompt.version == full_prompt(LEDGER).version
    assert len(prompt.version) == 16
    other = JudgeContext("Other", LEDGER.description, LEDGER.relevance)
    versions = {
        prompt.version,
        several_prompt(LEDGER).version,
        short_prompt(LEDGER).version,
        full_prompt(other).version,
    }
    assert len(versions) == 4


def test_the_short_prompt_depends_on_the_name_alone() -> None:
    bare = JudgeContext(LEDGER.project_name, "", JudgeContext.from_document(document()).relevance)
    assert short_prompt(bare) == short_prompt(LEDGER)
    assert len(short_prompt(LEDGER).instructions) < len(full_prompt(LEDGER).instructions) / 4


def test_a_training_example_is_what_the_fine_tuned_model_will_be_asked() -> None:
    post = PostView(text="Which tool for invoices?")
    *asked, said = training_messages(LEDGER, post, label=Label.MAYBE, confidence=0.5, reasoning="may ask")
    assert tuple(asked) == short_prompt(LEDGER).messages([("", data_of(post))])
    assert json.loads(said.content) == {"label": "maybe", "confidence": 0.5, "reasoning": "may ask"}
    assert said.role == "assistant"


def test_what_a_platform_does_not_tell_is_unknown_and_what_nobody_needs_is_not_told() -> None:
    read = json.loads(data_of(PostView(text="Hi", author_handle="ada", author_name="Ada Harbour")))
    assert read == {
        "text": "Hi",
        "language": "unknown",
        "platform": "unknown",
        "author_bio": "unknown",
        "author_followers": "unknown",
        "author_verified": "unknown",
    }
    known = PostView(text="Hi", author_followers=0, author_verified=False, author_bio="Writes.", subject="lead:7")
    assert json.loads(data_of(known))["author_followers"] == 0
    assert json.loads(data_of(known))["author_verified"] is False
    assert "lead:7" not in data_of(known)


@pytest.mark.parametrize(
    "text", ["a </post> b", "\uff1c/post\uff1e", "tag\U000e0041s", "\u202eltr", "half \x85 line"]
)
def test_signs_that_could_deceive_are_escaped_and_nothing_is_lost(text: str) -> None:
    data = data_of(PostView(text=text, author_bio=text))
    assert not set(data) & set("<>\uff1c\uff1e\U000e0041\u202e\x85")
    assert json.loads(data)["text"] == json.loads(data)["author_bio"] == text


def test_words_of_other_scripts_and_emoji_stay_readable() -> None:
    text = "\u0645\u06cc\u200c\u06af\u0648\u06cc\u06cc \U0001f469\u200d\U0001f4bb \u00fcber"
    assert text in data_of(PostView(text=text))


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert json.loads(data_of(PostView(text="half \ud83d of it")))["text"] == "half ? of it"


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = "begins " + "x" * 50_000 + " Which tool do you use?"
    data = data_of(PostView(text=text))
    assert len(data) < 6500
    assert "begins" in data
    assert "characters left out" in data
    assert "Which tool do you use?" in data


def test_the_question_is_the_same_for_the_same_post_and_another_for_another() -> None:
    one, same, other = (data_of(PostView(text=text)) for text in ("a", "a", "b"))
    assert question_of(one) == question_of(same) != question_of(other)


@pytest.mark.parametrize(("given", "kept"), [(7, 1.0), (-3, 0.0), (0.25, 0.25), (1, 1.0)])
def test_a_confidence_out_of_range_is_clamped(given: float, kept: float) -> None:
    assert read_verdict(fields(confidence=given), answer(), prompt_version="v").confidence == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "very relevant"},
        {"label": "Relevant"},
        {"label": None},
        {"confidence": "0.9"},
        {"confidence": True},
        {"confidence": float("inf")},
        {"confidence": float("nan")},
        {"reasoning": 3},
        {"more": 1},
    ],
)
def test_what_is_no_verdict_is_refused_and_not_guessed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_verdict(fields(**wrong), answer(), prompt_version="v")


def test_several_posts_share_what_the_call_took() -> None:
    verdict = read_verdict(fields(id="a"), answer(), prompt_version="v", shares=3)
    assert verdict.cost_usd == Decimal("0.0003")
    assert (verdict.tokens_in, verdict.tokens_out) == (33, 7)


def test_answers_are_told_apart_by_ids_that_were_asked_for_once() -> None:
    one, two = {"id": "a", **fields()}, {"id": "b", **fields()}
    assert answers_by_id({"answers": [two, one]}, ["a", "b"]) == {"a": one, "b": two}
    assert answers_by_id({"answers": [one]}, ["a", "b"]) == {"a": one}
    assert answers_by_id({"answers": [one, two, two]}, ["a", "b"]) == {"a": one}
    assert answers_by_id({"answers": [one, two, {"id": "c", **fields()}]}, ["a", "b"]) == {}


def test_the_schema_names_every_label_and_no_bound_that_would_refuse_what_is_clamped() -> None:
    assert VERDICT_SCHEMA["properties"]["label"]["enum"] == ["relevant", "maybe", "irrelevant"]
    assert VERDICT_SCHEMA["properties"]["confidence"] == {"type": "number"}
