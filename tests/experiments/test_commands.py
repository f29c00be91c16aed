"""`experiment` and `models` at the prompt."""

import json
from codecs import BOM_UTF8
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Experiment, ModelType, ModelVersion
from experiments.results import record_human_label
from signalops_site.core.models import Project
from tests.factories import ModelVersionFactory, ProjectFactory, document

from .builders import experiment_in, pair


@pytest.fixture
def ledger(db: None) -> Project:
    return ProjectFactory.create(
        slug="ledger", document=document(project_id="ledger", experiments={"enabled": True})
    )


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def told_json(*words: str) -> Any:
    return json.loads(told(*words, "--json"))


def lines(path: Path, *rows: object) -> str:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return str(path)


def line(number: int, primary: str, canary: str, human: str = "") -> dict[str, object]:
    return {
        "subject": f"s{number}",
        "author": f"x:{number}",
        "primary": {"label": primary, "latency_ms": 420, "cost_usd": 0.0004},
        "canary": {"label": canary, "latency_ms": 12, "cost_usd": 0.0001},
        "human": human or None,
    }


def test_an_experiments_life_at_the_prompt(ledger: Project) -> None:
    made = told_json("experiment", "create", "--canary", "local/keyword", "--pct", "0.2")["results"][0]
    assert (made["experiment_id"], made["canary_pct"], made["status"]) == ("ledger-1", 0.2, "active")
    for act, status in (("pause", "paused"), ("resume", "active"), ("promote", "completed")):
        assert told_json("experiment", act)["results"][0]["status"] == status
    assert told_json("experiment", "rollback", "ledger-1")["results"][0]["outcome"] == "rolled_back"
    listed = told_json("experiment", "list", "--project", "ledger")["results"]
    assert [(row["experiment_id"], row["verdict"]) for row in listed] == [("ledger-1", "keep_going")]
    assert "rolled back" in told("experiment", "list")


def test_creating_says_how_many_labels_to_plan_for(ledger: Project) -> None:
    told_so = told("experiment", "create", "--canary", "local/keyword").replace("\n", " ")
    assert "60.0%: 210, 65.0%: 88, 70.0%: 47" in told_so


def test_stopping_twice_changes_nothing(ledger: Project) -> None:
    told("experiment", "create", "--canary", "local/keyword")
    first = told_json("experiment", "stop")
    assert told_json("experiment", "stop") == first


def test_what_is_refused_is_said_in_a_sentence(ledger: Project, project: Project) -> None:
    with pytest.raises(CommandError, match="enabled: true"):
        told("experiment", "create", "--canary", "local/keyword", "--project", "tidewater")
    with pytest.raises(CommandError, match=r"such as 0\.1; it is 1\.5"):
        told("experiment", "create", "--canary", "local/keyword", "--pct", "1.5", "--project", "ledger")
    with pytest.raises(CommandError, match="no such experiment"):
        told("experiment", "results", "--project", "ledger")


def test_of_several_live_experiments_one_must_be_named(ledger: Project) -> None:
    first = experiment_in(ledger, status="paused")
    experiment_in(ledger)
    with pytest.raises(CommandError, match="ledger-1"):
        told("experiment", "stop")
    told("experiment", "stop", str(first.pk))
    assert Experiment.objects.filter(status="completed").get() == first


def test_results_are_told_to_people_and_to_programs(ledger: Project) -> None:
    experiment = experiment_in(ledger)
    for n in range(60):
        pair(experiment, f"lead:{n}", "irrelevant", "relevant")
        record_human_label(ledger, f"lead:{n}", "relevant", blind=True)
    text = told("experiment", "results")
    assert "Canary better" in text
    assert "canary 60, primary 0 of 60 blind-labelled disagreements" in text
    assert told_json("experiment", "results")["verdict"] == "canary_better"


def test_a_file_of_two_judges_has_the_same_figures(tmp_path: Path) -> None:
    rows = [line(n, "irrelevant", "relevant", "relevant") for n in range(60)]
    rows += [line(n, "irrelevant", "irrelevant") for n in range(60, 200)]
    results = told_json("experiment", "evaluate", lines(tmp_path / "two.jsonl", *rows))
    assert {"arms", "srm", "label_mix", "mcnemar", "e_value", "verdict"} <= set(results)
    assert (results["verdict"], results["srm"]["alarm"]) == ("canary_better", False)
    assert results["arms"]["primary"]["latency_p50_ms"] == 420
    assert results["arms"]["canary"]["cost_per_1000_usd"] == pytest.approx(0.1)
    assert results["mcnemar"]["n"] == 60
    assert "Canary better" in told("experiment", "evaluate", str(tmp_path / "two.jsonl"))


def test_a_margin_is_taken_from_the_prompt(tmp_path: Path) -> None:
    rows = [line(n, "irrelevant", "irrelevant") for n in range(400)]
    path = lines(tmp_path / "same.jsonl", *rows)
    wide = told_json("experiment", "evaluate", path)
    assert (wide["verdict"], wide["equivalence"]["cost_ratio"]) == ("equivalent", pytest.approx(4.0))
    assert told_json("experiment", "evaluate", path, "--margin", "0.001")["verdict"] == "keep_going"
    with pytest.raises(CommandError, match="--margin lies between 0 and 1"):
        told("experiment", "evaluate", path, "--margin", "2")


@pytest.mark.parametrize(("name", "value"), [("--n", "0"), ("--max-latency-ms", "nan"), ("--max-latency-ms", "0")])
def test_a_plan_that_makes_no_sense_is_refused(tmp_path: Path, name: str, value: str) -> None:
    path = lines(tmp_path / "same.jsonl", line(1, "maybe", "maybe"))
    with pytest.raises(CommandError, match=f"{name} is a number"):
        told("experiment", "evaluate", path, name, value)


def test_in_canary_mode_a_line_has_one_arm(tmp_path: Path) -> None:
    rows = [line(n, "relevant", "relevant", "relevant") for n in range(200)]
    for n, row in enumerate(rows):
        del row["canary" if n % 2 else "primary"]
    path = lines(tmp_path / "arms.jsonl", *rows)
    results = told_json("experiment", "evaluate", path, "--mode", "canary")
    assert (results["arms"]["canary"]["n"], results["srm"]["p_value"], results["mcnemar"]) == (100, None, None)
    assert told_json("experiment", "evaluate", path, "--mode", "canary", "--pct", "0.5")["srm"]["p_value"] == 1.0
    broken = told_json("experiment", "evaluate", path, "--mode", "canary", "--pct", "0.1")
    assert (broken["verdict"], broken["hidden"]) == ("broken", True)
    shown = told_json("experiment", "evaluate", path, "--mode", "canary", "--pct", "0.1", "--despite-warning")
    assert shown["arms"]["canary"]["agreement"] == 1.0
    assert "--despite-warning" in told("experiment", "evaluate", path, "--mode", "canary", "--pct", "0.1")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", "line 2: a line is an object"),
        ({"primary": {"label": "relevant"}}, "line 2: `subject` is missing"),
        ({"subject": "s1", "primary": {"label": "relevant"}}, "line 2: the subject 's1' stands in the file twice"),
        ({"subject": "x"}, "line 2: neither a primary nor a canary"),
        ({"subject": "x", "primary": "relevant"}, "line 2: `primary` is an object"),
        ({"subject": "x", "primary": {"label": "great"}}, "line 2: `label` is one of relevant, maybe, irrelevant"),
        ({"subject": "x", "primary": {"label": "maybe"}, "human": 1}, "line 2: `human` is one of"),
        (
            {"subject": "x", "primary": {"label": "maybe", "latency_ms": -1}},
            "line 2: `latency_ms` is a number",
        ),
        (
            {"subject": "x", "primary": {"label": "maybe", "cost_usd": "1"}},
            "line 2: `cost_usd` is a number from 0",
        ),
    ],
)
def test_bad_lines_are_named_by_their_number(tmp_path: Path, row: object, sentence: str) -> None:
    path = lines(tmp_path / "bad.jsonl", line(1, "maybe", "maybe"), row, line(3, "maybe", "maybe"))
    with pytest.raises(CommandError) as refused:
        told("experiment", "evaluate", path)
    assert sentence in str(refused.value)


def test_of_many_bad_lines_ten_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"(?s)line 10: .*and 5 more"):
        told("experiment", "evaluate", lines(tmp_path / "bad.jsonl", *["{"] * 15))


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_lines_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.jsonl").write_text(content)
    with pytest.raises(CommandError, match="holds no line"):
        told("experiment", "evaluate", str(tmp_path / "empty.jsonl"))
    with pytest.raises(CommandError, match="cannot be read"):
        told("experiment", "evaluate", str(tmp_path / "nowhere.jsonl"))


def test_a_failed_answer_is_counted_as_such(tmp_path: Path) -> None:
    rows = [line(n, "maybe", "maybe") for n in range(10)]
    rows[0]["canary"] = {"failure": "timeout", "label": "maybe"}
    rows[1]["canary"] = {"label": None}
    arms = told_json("experiment", "evaluate", lines(tmp_path / "failed.jsonl", *rows))["arms"]
    assert (arms["canary"]["n"], arms["canary"]["failures"]) == (8, 2)


def test_a_models_life_at_the_prompt(ledger: Project, tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.json"
    metrics.write_text('{"mcc": 0.61, "confusion": {}}')
    words = ("local/keyword", "--training-file", "labels.jsonl", "--metrics", str(metrics), "--version", "3")
    made = told_json("models", "register", *words)["results"][0]
    assert (made["project"], made["training_file"], made["version"]) == ("ledger", "labels.jsonl", "3")
    assert told_json("models", "activate", "local/keyword")["results"][0]["in_use"] is True
    listed = told("models", "list").replace("\n", " ")
    assert "in use" in listed
    assert "mcc 0.61" in listed
    assert told_json("models", "deactivate", "local/keyword")["results"][0]["in_use"] is False
    assert told_json("models", "retire", "local/keyword")["results"][0]["retired_at"]


def test_a_model_is_activated_for_all_projects(ledger: Project) -> None:
    ModelVersionFactory.create(model_id="local/keyword")
    assert told_json("models", "activate", "local/keyword", "--global")["results"][0]["active_for_all"] is True
    ledger.refresh_from_db()
    assert ledger.config_versions.count() == 1
    with pytest.raises(CommandError, match="either --project or --global"):
        told("models", "activate", "local/keyword", "--global", "--project", "ledger")


def test_a_model_is_registered_as_it_is_activated(ledger: Project) -> None:
    activated = told_json("models", "activate", "local/keyword", "--project", "ledger")["results"][0]
    assert (activated["model_type"], activated["in_use"], activated["project"]) == ("judge", True, None)


def test_an_id_that_drafts_is_activated_only_as_what_it_is_said_to_be(ledger: Project) -> None:
    ModelVersionFactory.create(model_id="openai/gpt-4.1", model_type=ModelType.DRAFTER)
    with pytest.raises(CommandError, match="--type judge or --type drafter"):
        told("models", "activate", "openai/gpt-4.1")
    activated = told_json("models", "activate", "openai/gpt-4.1", "--type", "judge")["results"][0]
    assert (activated["model_type"], activated["in_use"]) == ("judge", True)


def test_activating_in_an_experiment_says_who_judges(ledger: Project) -> None:
    told("experiment", "create", "--canary", "local/keyword")
    said = told("models", "activate", "openai/gpt-4.1")
    assert "The models of the experiment ledger-1 judge until that is paused or over." in " ".join(said.split())
    shown = {each["model_id"]: each for each in told_json("models", "list")["results"]}
    assert {name: (each["in_use"], each["experiment"]) for name, each in shown.items()} == {
        "local/default": (True, "ledger-1"),
        "local/keyword": (False, "ledger-1"),
        "openai/gpt-4.1": (False, "ledger-1"),
    }


def test_a_model_that_nobody_registered_is_named_with_those_that_are(ledger: Project, project: Project) -> None:
    ModelVersionFactory.create(model_id="local/keyword")
    ModelVersionFactory.create(model_id="local/theirs", project=project)
    with pytest.raises(CommandError, match=r"No model 'local/theirs'.*There are: local/keyword\."):
        told("models", "deactivate", "local/theirs", "--project", "ledger")
    with pytest.raises(CommandError, match="no local judge 'local/theirs'"):
        told("models", "activate", "local/theirs", "--project", "ledger")
    assert not ModelVersion.objects.filter(is_active=True).exists()


@pytest.mark.parametrize("content", ["[1]", "{", None])
def test_metrics_are_a_json_object(ledger: Project, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "metrics.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match="JSON"):
        told("models", "register", "local/x", "--metrics", str(path))


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "compared.jsonl"
    line = b'{"subject": "1", "primary": {"label": "maybe"}, "canary": {"label": "maybe", "cost_usd": 1e308}}'
    path.write_bytes(BOM_UTF8 + line)
    with pytest.raises(CommandError, match="line 1: `cost_usd` is a number from 0 to 1,000,000,000,000"):
        told("experiment", "evaluate", str(path))
    path.write_bytes(BOM_UTF8 + line.replace(b"1e308", b"1e12"))
    assert told_json("experiment", "evaluate", str(path))["arms"]["canary"]["cost_per_1000_usd"] == 1e15
