"""Files of records, sound and unsound."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from connectors.json_values import json_records
from connectors.records import BadRecord, Numbered, csv_records, jsonl_records


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "records"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def has_text(cells: Sequence[str]) -> bool:
    return "text" in cells


def rows(folder: Path, content: str | bytes) -> list[Numbered]:
    return list(csv_records(written(folder, content), is_header=has_text))


def complaints(found: list[Numbered]) -> list[str]:
    return [str(record) for _line, record in found if isinstance(record, BadRecord)]


def test_a_list_is_read_object_by_object_with_its_lines(tmp_path: Path) -> None:
    content = '\ufeff[\n  {"id": 1},\n\n  {"id":\n 2}, 5,\n {"id": 3}\n]\n'
    found = list(json_records(written(tmp_path, content)))
    assert [line for line, _record in found] == [2, 4, 5, 6]
    assert [record["id"] for _line, record in found if isinstance(record, dict)] == [1, 2, 3]
    assert complaints(found) == ['line 5, item 3: should be a JSON object, such as {"id": "1", "text": "..."}']


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"id": 1}, {"id": ]', "line 1, item 2: is not JSON (Expecting value)"),
        ('[{"id": 1},\n', "line 2: the list does not end"),
        ("[" + '{"a":' * 100_000, "is not JSON (nested too deeply)"),
        ('[{"id": NaN}]', "is not JSON (NaN)"),
        (b"[\xff]", "line 1: is not UTF-8 text"),
    ],
)
def test_a_list_that_is_broken_says_so(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in complaints(list(json_records(written(tmp_path, content))))[-1]


def test_an_empty_list_holds_nothing(tmp_path: Path) -> None:
    assert list(json_records(written(tmp_path, "[ ]"))) == []


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e400", "9" * 5000])
def test_a_number_that_no_database_keeps_is_one_bad_line(tmp_path: Path, value: str) -> None:
    found = list(jsonl_records(written(tmp_path, f'{{"id": {value}}}\n{{"id": 2}}')))
    assert [isinstance(record, BadRecord) for _line, record in found] == [True, False]


def test_rows_are_named_and_carry_the_line_on_which_they_begin(tmp_path: Path) -> None:
    found = rows(tmp_path, '\ufeffid,text,\n1,"two\nlines",x\n\n2,,\n')
    assert found == [(2, {"id": "1", "text": "two\nlines"}), (5, {"id": "2", "text": ""})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_header_may_stand_below_a_note_and_cells_be_divided_in_three_ways(
    tmp_path: Path, delimiter: str
) -> None:
    content = f"Posts of the last month\n\nid{delimiter}text\n1{delimiter}Hello\n"
    assert rows(tmp_path, content) == [(4, {"id": "1", "text": "Hello"})]


def test_a_row_with_more_cells_than_the_header_lacks_a_quote(tmp_path: Path) -> None:
    (complaint,) = complaints(rows(tmp_path, "id,text\n1,Hello, world\n2,Fine\n"))
    assert complaint == "line 2: has 3 cells where the header has 2: is a quote missing?"


def test_a_file_without_a_header_is_told(tmp_path: Path) -> None:
    assert "names columns that are known here" in complaints(rows(tmp_path, "a,b\n1,2\n"))[0]


def test_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    body = b"id,text\n" + b"1,fine\n" * 3000 + b"2,\xe9t\xe9\n"
    assert "cannot be read as CSV" in complaints(rows(tmp_path, body))[-1]
    assert "UTF-16" in complaints(rows(tmp_path, "id,text\n1,x\n".encode("utf-16")))[0]


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence(tmp_path: Path) -> None:
    (complaint,) = complaints(rows(tmp_path, 'id,text\n1,"unterminated\n2,Fine\n'))
    assert complaint.startswith("line 2: cannot be read as CSV")


def test_a_column_that_is_named_twice_is_told(tmp_path: Path) -> None:
    (complaint,) = complaints(rows(tmp_path, "id,text,text\n1,one,two\n"))
    assert complaint == "line 1: names the column 'text' twice"
