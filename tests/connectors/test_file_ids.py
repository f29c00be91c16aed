"""Whose ids those of a file are."""

import pytest

from connectors.base import FetchedAuthor, FetchedPost
from connectors.file_ids import LONGEST, own_id, within

NUMBER = "7301234567890123456"


@pytest.mark.parametrize(
    ("platform", "identity", "stored"),
    [
        ("file", "7", "tidewater:7"),
        ("file", NUMBER, f"tidewater:{NUMBER}"),
        ("file", "tidewater:7", "tidewater:7"),
        ("file", "elsewhere:7", "tidewater:elsewhere:7"),
        ("linkedin", "7", "tidewater:7"),
        ("linkedin", "https://www.linkedin.com/pulse/late", "tidewater:https://www.linkedin.com/pulse/late"),
        ("linkedin", NUMBER, NUMBER),
        ("x", "7", "7"),
    ],
)
def test_an_id_that_is_only_a_files_begins_with_the_project(platform: str, identity: str, stored: str) -> None:
    post = within("tidewater", FetchedPost(platform, identity, "t", FetchedAuthor("ada", "ada")))
    assert post.author is not None
    assert (post.id, post.author.id) == (stored, "ada" if stored == identity != "tidewater:7" else "tidewater:ada")
    assert post.author.handle == "ada"


def test_what_it_answers_is_named_in_the_same_way() -> None:
    post = within("tidewater", FetchedPost("linkedin", NUMBER, "t", conversation_id="7", reply_to_id=NUMBER))
    assert (post.conversation_id, post.reply_to_id) == ("tidewater:7", NUMBER)
    assert within("tidewater", FetchedPost("file", "1", "t")).conversation_id == ""


def test_a_long_id_keeps_its_difference() -> None:
    first, second = (own_id("tidewater", "a" * 199 + last) for last in "bc")
    assert first != second
    assert [len(first), len(second)] == [LONGEST, LONGEST]
    assert own_id("tidewater", first) == first
