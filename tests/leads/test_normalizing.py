import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.judges.text import normalise
from leads.marks import without_piles
from leads.normalizing import clean_text
from leads.search.words import words_of


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two   blanks\t here ", "two blanks here"),
        ("a &amp; b &lt;3", "a & b <3"),
        ("zero\u200bwidth", "zerowidth"),
        ("one\r\n\n\n\n\ntwo", "one\n\ntwo"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("keep #tags @people https://x.example 🙏", "keep #tags @people https://x.example 🙏"),
        ("&amp;lt;", "&lt;"),
        ("it&#x27;s &euro;5&nbsp;off&hellip;", "it's €5 off…"),
        ("https://x.example/?a=1&copy=2", "https://x.example/?a=1&copy=2"),
        ("&#0; &#xD800; &nosuch;", "\ufffd \ufffd &nosuch;"),
    ],
)
def test_what_is_stripped_and_what_stays(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text())
def test_cleaning_a_clean_text_changes_only_resolved_entities(text: str) -> None:
    once = clean_text(text)
    assert "&" in once or clean_text(once) == once


PILED = ("\u0301\u0316", "\u0f73", "\u0301" * 30 + "\u200b", "\U0001e000\u0316")


@pytest.mark.parametrize("marks", PILED)
def test_marks_that_are_piled_on_a_letter_take_no_time_and_thirty_of_them_stay(marks: str) -> None:
    text = "a" + marks * (100_000 // len(marks))
    began = time.monotonic()
    cleaned = clean_text(text)
    assert time.monotonic() - began < 2
    assert 30 <= len(cleaned) <= 61


@pytest.mark.parametrize("reading", [words_of, normalise])
@pytest.mark.parametrize("mark", ["\u0301\u0316", "\uff9e"])
def test_nor_do_they_for_search_and_judges(reading: object, mark: str) -> None:
    assert callable(reading)
    began = time.monotonic()
    reading("a" + mark * 50_000)
    assert time.monotonic() - began < 2


def test_every_mark_of_unicode_counts() -> None:
    made = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    marks = [sign for sign in made if unicodedata.combining(unicodedata.normalize("NFKD", sign)[0])]
    assert [hex(ord(mark)) for mark in marks if len(without_piles(mark * 40)) != 30] == []


@pytest.mark.parametrize(
    "text", ["\u0301" * 30, "नमस्ते दुनिया", "Z\u0351\u036b\u0343a\u0321l\u0334g\u0337o", "𐌲𐌿𐍄𐌹𐍃𐌺" * 9]
)
def test_what_people_write_stays(text: str) -> None:
    assert without_piles(text) == text
