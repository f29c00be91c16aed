import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.platforms.sample import POSTS_FILE
from leads.normalizing import clean_text, language_of, near_duplicate_key

ROWS = [json.loads(line) for line in POSTS_FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two   blanks\t here ", "two blanks here"),
        ("a &amp; b &lt;3", "a & b <3"),
        ("zero\u200bwidth", "zerowidth"),
        ("one\r\n\n\n\n\ntwo", "one\n\ntwo"),
        ("e\u0301", "é"),
        ("keep #tags @people https://x.example 🙏", "keep #tags @people https://x.example 🙏"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_what_is_stripped_and_what_stays(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text())
def test_cleaning_a_clean_text_changes_only_resolved_entities(text: str) -> None:
    once = clean_text(text)
    assert "&" in once or clean_text(once) == once


def test_copies_share_a_key() -> None:
    key = near_duplicate_key("We need a tool for late invoices, any ideas?")
    assert key
    assert near_duplicate_key("we need a tool for LATE invoices any ideas 🙏 #help https://x.example @you") == key
    assert near_duplicate_key("We need a tool for early invoices, any ideas?") != key


def test_a_short_text_is_no_copy_of_anything() -> None:
    assert near_duplicate_key("thank you so much") == ""


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["kind"] in ("other_language", "rtl")], ids=lambda row: row["id"]
)
def test_short_posts_in_other_languages_are_known(row: dict[str, str]) -> None:
    assert language_of(row["text"]) == row["lang"]


def test_english_posts_are_hardly_ever_taken_for_another_language() -> None:
    english = [row["text"] for row in ROWS if row["lang"] == "en"]
    wrong = [text for text in english if language_of(text) not in ("en", "")]
    assert len(wrong) <= len(english) * 0.01


@pytest.mark.parametrize("text", ["", "ok", "🙏🙏🙏", "@ada #invoice https://x.example/very/long/path"])
def test_what_is_too_short_to_tell_is_unknown(text: str) -> None:
    assert language_of(text) == ""
