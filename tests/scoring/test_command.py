"""`manage.py scoring`: the plugins, a project's rules, and scores for leads written in a file."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from scoring.base import plugins
from signalops_site.core.models import Project
from tests.factories import ProjectFactory
from tests.scoring.builders import scoring_document

pytestmark = pytest.mark.django_db

RULES = [
    {"name": "search", "condition": "text contains 'alternative to'", "boost": 10},
    {"name": "not English", "condition": "not (language in ['en']) or likes > 100", "boost": -5},
]
FACTS = {
    "text": "Anyone know an alternative to this? It is so annoying. Comparing a few.",
    "language": "en",
    "author_followers": 10_000,
    "author_verified": True,
    "likes": 5,
    "replies": 4,
    "reposts": 3,
    "views": 2500,
    "hours_ago": 24,
}
VERDICT = {"label": "relevant", "confidence": 0.9}


@pytest.fixture
def scored() -> Project:
    document = scoring_document(custom_rules=RULES, plugins=["signalops.scoring.account_age"])
    return ProjectFactory.create(slug="tidewater", document=document)


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("scoring", *map(str, arguments), stdout=out)
    return out.getvalue()


def run_json(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--project", "tidewater", "--json"))


def write(folder: Path, content: object) -> Path:
    path = folder / "leads.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_plugins_lists_every_plugin_without_a_project() -> None:
    rows = json.loads(run("plugins", "--json"))
    assert [row["name"] for row in rows] == list(plugins)
    assert all(row["about"] and row["version"] for row in rows)
    assert "weight" not in rows[0]
    parameters = {row["name"]: row["parameters"] for row in rows}
    assert parameters["keyword_boost"] == ["weight", "keywords"]
    assert parameters["author_authority"] == []


def test_plugins_shows_a_projects_weights(scored: Project) -> None:
    weights = {row["name"]: row["weight"] for row in run_json("plugins")}
    assert (weights["relevance_judgment"], weights["account_age"], weights["keyword_boost"]) == (0.35, 0.05, None)


def test_rules_shows_how_each_was_understood_and_the_language(scored: Project) -> None:
    answer = run_json("rules")
    assert [(rule["name"], rule["boost"]) for rule in answer["rules"]] == [("search", 10), ("not English", -5)]
    assert answer["rules"][1]["check"] == "(not language in ['en'] or likes > 100)"
    names = {name["name"]: name for name in answer["names"]}
    assert names["likes"]["kind"] == "a number"
    assert "contains" in names["text"]["operators"]


def test_test_scores_each_lead_of_a_file(scored: Project, tmp_path: Path) -> None:
    day_old = {**FACTS, "created_at": (timezone.now() - timedelta(hours=24)).isoformat()}
    del day_old["hours_ago"]
    items = [{"facts": FACTS, "verdict": VERDICT}, {"facts": day_old, "verdict": VERDICT}, {"facts": {}}]
    first, second, unknown = run_json("test", write(tmp_path, items))
    assert first["total"] == pytest.approx(84.10, abs=0.005)
    assert first["rules"] == [{"name": "search", "boost": 10}]
    assert first["components"]["author_authority"] == pytest.approx(70)
    assert list(first["components"])[-1] == "account_age"
    assert second["total"] == pytest.approx(first["total"], abs=0.05)
    assert (unknown["total"], unknown["rules"]) == (0, [{"name": "not English", "boost": -5}])


def test_people_read_tables(scored: Project, tmp_path: Path) -> None:
    path = write(tmp_path, [{"facts": FACTS, "verdict": VERDICT}])
    assert "84.1" in run("test", path, "--project", "tidewater")
    assert "search" in run("rules", "--project", "tidewater")
    assert "off" in run("plugins", "--project", "tidewater")


def test_a_project_without_rules_has_an_empty_table() -> None:
    ProjectFactory.create(slug="plain")
    assert "Rules" in run("rules", "--project", "plain")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([{"facts": {}}, {"facts": {"likez": 3}}], "Item 1, facts.likez: unknown key"),
        ([{"facts": {"likes": "3"}}], "Item 0, facts.likes: "),
        ({"facts": {}}, "valid array"),
    ],
)
def test_wrong_input_is_refused_with_its_item_and_key(
    scored: Project, tmp_path: Path, content: object, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as caught:
        run("test", write(tmp_path, content), "--project", "tidewater", "--json")
    assert caught.value.returncode == 1


def test_a_missing_file_is_refused(scored: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("test", tmp_path / "none.json", "--project", "tidewater")


def test_an_unknown_project_is_refused(scored: Project) -> None:
    with pytest.raises(CommandError, match="'tidewatr'"):
        run("rules", "--project", "tidewatr")
