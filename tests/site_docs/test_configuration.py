"""docs/configuration.md is what the code says, and says something of every key."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scoring.base import plugins
from signalops_site.core.config.schema import NOT_ACTIVE_YET, ProjectDocument
from signalops_site.documentation import __main__ as pages
from signalops_site.documentation import configuration

from .pages import PAGES

PAGE = PAGES["docs/configuration.md"]


def keys_of(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name of the section, key) of every key, with the description that it must have."""
    for name, section in {"ProjectDocument": schema, **schema["$defs"]}.items():
        for key, value in section["properties"].items():
            yield f"{name}.{key}", value.get("description", "")


def test_the_page_is_what_the_code_says() -> None:
    assert configuration.configuration_page() == PAGE, "run `make docs`"


def test_every_key_has_a_description() -> None:
    described = dict(keys_of(ProjectDocument.model_json_schema()))
    assert len(described) > 100
    assert [key for key, words in described.items() if not words.endswith(".")] == []


def test_every_key_is_on_the_page() -> None:
    missing = [
        key for key, _ in keys_of(ProjectDocument.model_json_schema()) if f"`{key.split('.')[1]}`" not in PAGE
    ]
    assert missing == []


def test_every_plugin_of_ours_is_on_the_page() -> None:
    ours = [name for name, plugin in plugins.items().items() if plugin.__module__.startswith("scoring.plugins.")]
    assert len(ours) >= 7
    assert [name for name in ours if f"`{name}`" not in PAGE and f"scoring.{name}\n" not in PAGE] == []


def test_what_is_not_active_yet_is_marked() -> None:
    assert PAGE.count("*Not active yet: ") >= len(NOT_ACTIVE_YET)


@pytest.mark.parametrize(
    ("row"),
    [
        "| `min_score` | number from 0 to 100 | `50` | Score from which a lead may get a draft. |",
        "| `project_id` | lower-case name, at most 63 characters | required |",
        "| `default_canary_pct` | number above 0 below 1 | `0.1` |",
        '| `search_type` | `recent` or `all` | `"recent"` |',
        "| `queries` | list of sections, at least one | required |",
        "| `SECRET_KEY` |  | Signs sessions",
    ],
)
def test_limits_and_defaults_are_told(row: str) -> None:
    assert f"\n{row}" in PAGE


def test_variables_are_read_with_the_sentences_above_them() -> None:
    text = (
        "# ------------ data\n\n# Where it is.\n# Two lines.\n# FOLDER=var\n\n# Not this.\n\n# Time.\n# AGE=60\n"
    )
    assert configuration.read_variables(text) == [
        configuration.Variable("FOLDER", "var", "Where it is. Two lines.", "data"),
        configuration.Variable("AGE", "60", "Time.", "data"),
    ]


def test_a_stale_page_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert pages.main(["--check"]) == 0
    monkeypatch.setitem(pages.PAGES, configuration.PAGE, lambda: "another text")
    assert pages.main(["--check"]) == 1
    assert "configuration.md is not what the code says" in capsys.readouterr().err
