import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import FetchedPost, SearchQuery, connector_for
from connectors.errors import ConnectorError
from connectors.platforms.file import parse_record, read_posts
from connectors.records import BadRecord


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_whole_record_is_read() -> None:
    post = parse_record(
        {
            "id": 7,
            "title": "Any tool",
            "text": "for invoices?",
            "url": "https://x.example/7",
            "created_utc": 0,
            "lang": "en",
            "author": {"handle": "@ada", "followers": "12", "verified": "true", "created_at": "2020-01-02"},
            "score": 5,
            "num_comments": 2,
            "community": "freelance",
            "extra": [1],
        }
    )
    assert (post.id, post.text, post.created_at) == (
        "7",
        "Any tool\n\nfor invoices?",
        datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert post.author is not None
    assert (post.author.id, post.author.handle, post.author.followers, post.author.verified) == (
        "ada",
        "ada",
        12,
        True,
    )
    assert (post.likes, post.replies, post.reposts, post.views) == (5, 2, None, None)
    assert post.raw["extra"] == [1]


def test_what_is_not_said_is_unknown() -> None:
    post = parse_record({"id": "1", "text": "hello"})
    assert (post.author, post.created_at, post.language, post.likes) == (None, None, None, None)


def test_a_score_below_nothing_is_no_likes() -> None:
    assert parse_record({"id": "1", "text": "t", "score": -4}).likes == 0


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"text": "t"}, "needs an `id`"),
        ({"id": True, "text": "t"}, "needs an `id`"),
        ({"id": " ", "text": "t"}, "needs an `id`"),
        ({"id": "x" * 201, "text": "t"}, "more than 200"),
        ({"id": "q\ud800", "text": "t"}, "`id` should be of characters that can be seen"),
        ({"id": "q\0", "text": "t"}, "`id` should be"),
        ({"id": "1", "text": "t", "author": "ada\ud800"}, "`author.handle` should be"),
        ({"id": "1", "text": "t", "author": {"id": "a\0b"}}, "`author.id` should be"),
        ({"id": "1", "text": "t", "author": {"id": ["a"]}}, "`author.id` should be"),
        ({"id": "1", "text": "t", "author": {"handle": "a" * 201}}, "more than 200"),
        ({"id": "1", "text": "\0", "title": " \0"}, "needs a `text`"),
        ({"id": "1"}, "needs a `text`"),
        ({"id": "1", "text": "  "}, "needs a `text`"),
        ({"id": "1", "text": 5}, "`text` should be text"),
        ({"id": "1", "text": "t", "num_comments": -1}, "`num_comments`"),
        ({"id": "1", "text": "t", "score": "many"}, "`score`"),
        ({"id": "1", "text": "t", "score": 1e400}, "`score`"),
        ({"id": "1", "text": "t", "created_at": "yesterday"}, "`created_at`"),
        ({"id": "1", "text": "t", "created_utc": float("nan")}, "`created_utc`"),
        ({"id": "1", "text": "t", "created_utc": 1e30}, "`created_utc`"),
        ({"id": "1", "text": "t", "created_at": "9999-12-31T23:59:59-14:00"}, "`created_at`"),
        ({"id": "1", "text": "t", "created_at": "0001-01-01T00:00:00+14:00"}, "`created_at`"),
        (
            {"id": "1", "text": "t", "author": {"id": "a", "created_at": "0001-01-01T00:00:00+14:00"}},
            "`created_at`",
        ),
        ({"id": "1", "text": "t", "author": [1]}, "`author`"),
        ({"id": "1", "text": "t", "author": {"id": "a", "verified": "perhaps"}}, "`verified`"),
    ],
)
def test_a_wrong_value_is_named(record: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_record(record)


def test_a_time_is_read_in_utc_and_one_that_lies_ahead_is_unknown() -> None:
    author = {"id": "a", "created_at": "2999-01-01"}
    ahead = parse_record({"id": "1", "text": "t", "created_at": "2999-01-01T00:00:00Z", "author": author})
    past = parse_record({"id": "2", "text": "t", "created_at": "2026-01-02T01:30:00+02:00"})
    assert ahead.author is not None
    assert (ahead.created_at, ahead.author.account_created_at) == (None, None)
    assert str(past.created_at) == "2026-01-01 23:30:00+00:00"
    assert parse_record({"id": "3", "text": "t", "created_utc": 32_472_144_000}).created_at is None


def test_bad_lines_carry_their_number(tmp_path: Path) -> None:
    lines = [b'{"id": "1", "text": "a"}', b"", b"{oops", b"[1]", b"\xff\xfe", b'{"id": "2", "text": "b"}']
    path = written(tmp_path, "posts.jsonl", b"\n".join(lines))
    records = list(read_posts(path, file_format="jsonl"))
    assert [record.line for record in records if isinstance(record, BadRecord)] == [3, 4, 5]
    assert [record.id for record in records if isinstance(record, FetchedPost)] == ["1", "2"]


def test_csv_with_quotes_line_breaks_and_an_author(tmp_path: Path) -> None:
    content = '\ufeffid,text,author_handle,author_followers,score\n1,"two\nlines, ""quoted""",ada,30,\n'
    (post,) = read_posts(written(tmp_path, "posts.csv", content), file_format="csv")
    assert isinstance(post, FetchedPost)
    assert (post.text, post.likes) == ('two\nlines, "quoted"', None)
    assert post.author is not None
    assert post.author.followers == 30


def test_a_csv_that_is_no_text_is_bad_from_its_first_line(tmp_path: Path) -> None:
    (bad,) = read_posts(written(tmp_path, "posts.csv", b"\x89PNG\xff\x00"), file_format="csv")
    assert isinstance(bad, BadRecord)
    assert str(bad).startswith("line 1: ")


def test_deeply_nested_json_is_one_bad_line(tmp_path: Path) -> None:
    path = written(tmp_path, "posts.jsonl", "[" * 200_000 + "\n" + json.dumps({"id": "1", "text": "t"}))
    records = list(read_posts(path, file_format="jsonl"))
    assert isinstance(records[0], BadRecord)
    assert isinstance(records[1], FetchedPost)


def test_a_file_cannot_be_searched_and_says_what_to_do() -> None:
    with pytest.raises(ConnectorError, match="importposts"):
        list(connector_for("file").search(SearchQuery("x")))
