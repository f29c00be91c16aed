"""Leads written in a file: read strictly, refused with the item and the key."""

import json
from datetime import UTC, datetime

import pytest

from scoring.base import Facts
from scoring.samples import SampleError, SampleFacts, read_samples

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def read(*items: object) -> list[Facts]:
    return read_samples(json.dumps(items), now=NOW)


def test_every_name_of_the_rule_language_is_a_key() -> None:
    assert set(SampleFacts.model_fields) == {*Facts().as_mapping(), "created_at"}


def test_facts_and_verdict_become_facts() -> None:
    facts = {"text": "Why?", "query": "q", "likes": 3, "hashtags": ["a"], "hours_ago": 2, "has_question": True}
    verdict = {"label": "maybe", "confidence": 1}
    assert read({"facts": facts, "verdict": verdict}) == [
        Facts(text="Why?", queries=("q",), likes=3, hashtags=("a",), hours_ago=2, label="maybe", confidence=1.0)
    ]


def test_null_and_left_out_are_unknown() -> None:
    assert read({"facts": {"likes": None, "query": None}}) == [Facts()]


@pytest.mark.parametrize(
    ("created_at", "hours"),
    [("2026-03-01T12:00:00Z", 24), ("2026-03-02T12:00:00+02:00", 2), ("2026-03-02T11:30:00", 0.5)],
)
def test_created_at_stands_for_hours_ago(created_at: str, hours: float) -> None:
    assert read({"facts": {"created_at": created_at}})[0].hours_ago == hours


def test_hours_ago_wins_over_created_at() -> None:
    assert read({"facts": {"created_at": "2026-03-01T12:00:00Z", "hours_ago": 3}})[0].hours_ago == 3


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"facts": {"likez": 1}}, "Item 1, facts.likez: unknown key 'likez'; did you mean 'likes'?"),
        ({"facts": {}, "verdikt": {}}, "Item 1, verdikt: unknown key 'verdikt'; did you mean 'verdict'?"),
        ({"facts": {"likes": "many"}}, "Item 1, facts.likes: Input should be a valid integer"),
        ({"facts": {"author_verified": 1}}, "Item 1, facts.author_verified: Input should be a valid boolean"),
        ({"facts": {}, "verdict": {"label": "yes"}}, "Item 1, verdict.label: Input should be 'relevant'"),
        ({"facts": {}, "verdict": {"confidence": 95}}, "Item 1, verdict.confidence: Input should be less"),
        ({"facts": {"created_at": "yesterday"}}, "Item 1, facts.created_at: Input should be a valid datetime"),
        ({"facts": {"text": "No.", "has_question": True}}, "Item 1, facts.has_question: has_question follows"),
        ({"verdict": {}}, "Item 1, facts: Field required"),
        ([], "Item 1, the whole: "),
    ],
)
def test_a_wrong_item_is_refused_with_its_key(item: object, sentence: str) -> None:
    with pytest.raises(SampleError) as caught:
        read({"facts": {}}, item)
    assert caught.value.detail.startswith(sentence)


@pytest.mark.parametrize("source", ["", "{", '{"facts": {}}', "\x00"])
def test_a_file_that_is_no_json_list_is_refused(source: str) -> None:
    with pytest.raises(SampleError):
        read_samples(source, now=NOW)
