"""Phrases are found as whole words, however people type them."""

import pytest

from scoring.phrases import Phrases, normalize


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("hate", "I HATE it", True),
        ("hate", "whatever", False),
        ("hate", "hate_speech", False),
        ("hate", "chateau, hate!", True),
        ("there has to be", "there  has\nto be", True),
        ("that's it", "THAT\u2019S it", True),
        ("that\u2019s it", "that's it", True),
        ("c++", "c++, please", True),
        ("c++", "c++11", False),
        ("stra\u00dfe", "STRASSE", True),
        ("ai", "\u00e9ai", False),
        ("hate", "hate whatever", True),
        ("hate", "whatever, hate, whatever", True),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, text: str, found: bool) -> None:
    assert bool(Phrases([phrase]).found_in(normalize(text))) is found


def test_phrases_come_in_the_lists_order_and_spelling_and_once() -> None:
    phrases = Phrases(["Tool", "App", "tool", " "])
    assert phrases.found_in(normalize("an app, a tool, a tool")) == ["tool", "App"]


def test_blank_phrases_are_none() -> None:
    assert not Phrases([" ", ""])
