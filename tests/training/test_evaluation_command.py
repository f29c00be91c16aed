import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from signalops_site.core.models import Project


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluatejudge", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def test_set(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text(
        '{"text": "looking for an invoicing tool", "gold_label": "relevant"}\n{"text": "hi", "label": 0}\n'
    )
    return path


def test_the_figures_of_each_model_are_json_for_programs(project: Project, test_set: Path) -> None:
    figures = json.loads(
        run("--project", project.slug, "--test-set", str(test_set), "--models", "local/keyword", "--json")
    )
    assert set(figures) == {"local/keyword", "asking-phrases"}
    assert figures["local/keyword"]["n"] == 2
    assert figures["asking-phrases"]["mcc"] == 1.0


def test_maybe_counts_as_relevant_when_asked(project: Project, test_set: Path) -> None:
    arguments = ("--project", project.slug, "--test-set", str(test_set), "--models", "local/keyword", "--json")
    assert json.loads(run(*arguments))["local/keyword"]["recall"] == 0
    assert json.loads(run(*arguments, "--maybe", "relevant"))["local/keyword"]["recall"] == 1.0


def test_people_get_a_table(project: Project, test_set: Path) -> None:
    shown = run("--project", project.slug, "--test-set", str(test_set), "--models", "local/keyword")
    assert "mcc" in shown
    assert "people say" in shown


def test_a_bad_line_ends_the_command_with_its_number(project: Project, test_set: Path) -> None:
    test_set.write_text("{}\n")
    with pytest.raises(CommandError, match="line 1"):
        run("--project", project.slug, "--test-set", str(test_set))


def test_an_unknown_model_ends_the_command(project: Project, test_set: Path) -> None:
    with pytest.raises(CommandError, match="local/default, local/keyword"):
        run("--project", project.slug, "--test-set", str(test_set), "--models", "local/some-model")


def test_without_a_test_set_the_held_out_posts_need_no_project() -> None:
    figures = json.loads(run("--json"))
    assert list(figures) == ["local/default", "local/keyword", "asking-phrases"]
    assert figures["local/default"]["n"] == figures["asking-phrases"]["n"] > 100
    assert figures["local/default"]["mcc"] > figures["asking-phrases"]["mcc"]
