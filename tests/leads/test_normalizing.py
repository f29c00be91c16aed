import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.normalizing import clean_text


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
