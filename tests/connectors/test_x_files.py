"""Files of X's JSON, in every shape in which they are kept. The posts are built from its description."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connectors import json_values
from connectors.base import FetchedPost
from connectors.json_values import Value, values_in
from connectors.platforms.file import guess_format, read_posts
from connectors.records import BadRecord

from .fakes_x import BASE, post, user

RECORDINGS: Path = settings.BASE_DIR.parent / "shared" / "recordings" / "x"
ANSWER = {"data": [post(2), post(1)], "includes": {"users": [user()]}, "meta": {"result_count": 2}}
OTHER = {"data": post(3), "includes": {"users": [user()]}, "matching_rules": [{"id": "1"}]}
THREE = [str(BASE + number) for number in (2, 1, 3)]


def written(folder: Path, content: str | bytes, name: str = "posts.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*values: Any) -> str:
    return "\n".join(json.dumps(value) for value in values)


def read(path: Path) -> list[FetchedPost]:
    found = list(read_posts(path, file_format="x"))
    assert [each for each in found if isinstance(each, BadRecord)] == []
    return [each for each in found if isinstance(each, FetchedPost)]


def problems(path: Path) -> list[str]:
    return [str(each) for each in read_posts(path, file_format="x") if isinstance(each, BadRecord)]


@pytest.mark.parametrize(
    "content",
    [
        lines(ANSWER, OTHER),
        json.dumps([ANSWER, OTHER], indent=2),
        json.dumps([ANSWER, OTHER]),
        lines([ANSWER], [OTHER]),
        f"\ufeff{json.dumps(ANSWER, indent=1)}\n\n{json.dumps(OTHER, indent=1)}\n",
        f"\r\n  {json.dumps(ANSWER)}\r\n{json.dumps(OTHER)}",
    ],
    ids=["lines", "a list", "a list in one line", "lines of lists", "two that are printed out", "other line ends"],
)
@pytest.mark.parametrize("chunk", [1, 7, 1024 * 1024])
def test_answers_are_read_in_every_shape(
    tmp_path: Path, content: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_values, "CHUNK", chunk)
    path = written(tmp_path, content)
    found = read(path)
    assert [each.id for each in found] == THREE
    assert {(each.platform, each.author and each.author.followers) for each in found} == {("x", 120)}
    assert guess_format(path) == "x"


def test_bare_posts_have_authors_that_are_known_by_id(tmp_path: Path) -> None:
    whole = {**post(2), "author": user()}
    bare, told = read(written(tmp_path, lines(post(1), whole)))
    assert bare.author is not None
    assert (bare.author.id, bare.author.handle, bare.author.followers) == ("4711", "", None)
    assert told.author is not None
    assert (told.author.handle, told.author.followers) == ("ada_harbour", 120)


def test_reposts_are_their_originals_or_nothing(tmp_path: Path) -> None:
    repost = {**post(9), "text": "RT @ada: cut…", "referenced_posts": [{"type": "retweeted", "id": post(1)["id"]}]}
    answer = {"data": [repost], "includes": {"posts": [post(1)]}}
    assert [each.id for each in read(written(tmp_path, json.dumps(answer)))] == [post(1)["id"]]
    assert read(written(tmp_path, json.dumps({"data": [repost]}))) == []


def test_answers_without_posts_are_no_problem(tmp_path: Path) -> None:
    path = written(
        tmp_path, lines({"meta": {"result_count": 0}}, {"errors": [{"title": "Not Found Error"}]}, ANSWER)
    )
    assert len(read(path)) == 2
    assert guess_format(path) == "x"


def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    content = lines(
        {"data": [post(1), {"text": "no id"}, {"id": "2"}, 5]},
        7,
        {"name": "something else"},
        {"data": "text"},
        {"id": "77", "author_id": "1"},
    )
    assert problems(written(tmp_path, f"\n{content}\n{{broken\n{json.dumps(ANSWER)}")) == [
        "line 2, post 2 of `data`: needs an `id`: a text of up to 19 digits",
        "line 2, post 3 of `data`: needs a `text`",
        "line 2, post 4 of `data`: needs an `id`: a text of up to 19 digits",
        "line 3: is no answer of X's API (`data`) and no post (`id`, `text`)",
        "line 4: is no answer of X's API (`data`) and no post (`id`, `text`)",
        "line 5: is no answer of X's API (`data`) and no post (`id`, `text`)",
        "line 6: needs a `text`",
        "line 7: is not JSON (Expecting property name enclosed in double quotes)",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"id": "1", "text": "a"},\n {"id": "2" "text": "b"}]', r"line 2, item 2: is not JSON"),
        ('[{"id": "1", "text": "a"},\n', "line 2: the list does not end"),
        ('{"data": [', "line 1: is not JSON"),
        ('{"data": [' + "[" * 100_000, "line 1: is not JSON .nested too deeply"),
        ('{"id": ' + "9" * 5000 + "}", "line 1: is not JSON .Exceeds the limit"),
        (b'{"meta": {}}\n{"meta": {}}\n{"id": "\xff"}', "line 3: is not UTF-8 text"),
    ],
)
def test_a_file_that_breaks_off_is_told(tmp_path: Path, content: str | bytes, problem: str) -> None:
    found = problems(written(tmp_path, content))
    assert len(found) == 1
    assert found[0].replace("(", ".").startswith(problem.replace("(", "."))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_no_database_takes_is_no_json(tmp_path: Path, number: str) -> None:
    text = json.dumps({**post(1), "odd": "N"}).replace('"N"', f"[1.5, {number}]")
    (found,) = problems(written(tmp_path, text))
    assert found.startswith(f"line 1: is not JSON ({number}")


def test_no_more_than_one_answer_is_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of many answers is walked: what is buffered never grows with the file."""
    monkeypatch.setattr(json_values, "CHUNK", 4096)
    path = written(tmp_path, json.dumps([ANSWER] * 400))
    largest = 0
    read_more = json_values._Reader._read_more

    def watched(reader: json_values._Reader) -> bool:
        nonlocal largest
        more = read_more(reader)
        largest = max(largest, len(reader._buffer))
        return more

    monkeypatch.setattr(json_values._Reader, "_read_more", watched)
    assert len(read(path)) == 800
    assert path.stat().st_size > 300_000
    assert largest < 20_000


def test_values_say_where_they_begin(tmp_path: Path) -> None:
    found = list(values_in(written(tmp_path, '{"a":\n1}\n[{"b": 2},\n\n{"c": 3}]\n{"d": 4}')))
    assert [(each.line, each.part) for each in found if isinstance(each, Value)] == [
        (1, ""),
        (3, "item 1"),
        (5, "item 2"),
        (6, ""),
    ]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("posts.jsonl", lines({"id": "1", "text": "a", "author": {"handle": "ada"}}), "jsonl"),
        ("posts.jsonl", lines({"id": 1, "text": "a", "data": {"text": "b"}}), "jsonl"),
        ("posts.jsonl", lines(post(1)), "x"),
        ("posts.csv", "id,text\n1,a\n", "csv"),
        ("posts.jsonl", "", "jsonl"),
        ("posts.jsonl", "not json", "jsonl"),
        ("posts.json", "[]", "jsonl"),
        ("posts.json", "[5]", "jsonl"),
        ("posts", lines(OTHER), "x"),
    ],
)
def test_a_file_is_recognised_by_how_it_begins(tmp_path: Path, name: str, content: str, kind: str) -> None:
    assert guess_format(written(tmp_path, content, name)) == kind


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded answers are not on this machine")
def test_recorded_answers_of_the_archive_are_read_as_a_file(tmp_path: Path) -> None:
    bodies = [
        entry["response"]["body"]
        for file in sorted((RECORDINGS / "full_archive").glob("2_tweets*.json"))
        for entry in json.loads(file.read_text(encoding="utf-8"))
        if entry["response"]["status"] == 200 and "/2/tweets" in entry["request"]["url"]
    ]
    with_posts = [body for body in bodies if any("text" in item for item in body.get("data", []))]
    assert len(with_posts) > 15
    found = read(written(tmp_path, json.dumps(with_posts)))
    assert len(found) > 300
    assert all(each.author and each.author.handle for each in found if each.likes is not None)
    assert read(written(tmp_path, lines(*with_posts))) == found
