import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from signalops_site.core.models import LlmCall, Project
from tests.factories import ProjectFactory, document
from tests.llm_stand_in import StandIn, fails, in_turn, says, serving

YES = {"label": "relevant", "confidence": 0.8, "reasoning": "It asks for a tool."}
CASCADE = "cascade:local/default>openai/gpt-4o-mini"
TUNED = "ft:gpt-4o-mini-2024-07-18:tidewater::1"


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


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with serving(lambda _asked: says(YES, tokens_in=10_000, tokens_out=100)) as stand_in:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-nobody")
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.url)
        yield stand_in


@pytest.mark.django_db
def test_models_of_providers_are_measured_with_their_cost_and_cascades_with_their_share(
    provider: StandIn, test_set: Path
) -> None:
    ProjectFactory.create(slug="tidewater", document=document(llm={"max_judge_latency_ms": 30_000}))
    test_set.write_text(
        '{"text": "looking for an invoicing tool", "gold_label": "relevant"}\n'
        '{"text": "We are hiring! Apply now. #jobs #hiring", "gold_label": "irrelevant"}\n'
    )
    models = f"{CASCADE},openai/gpt-4o-mini,{TUNED}"
    arguments = ("--project", "tidewater", "--test-set", str(test_set), "--models", models)
    figures = json.loads(run(*arguments, "--json"))
    full, cascade = figures["openai/gpt-4o-mini"], figures[CASCADE]
    assert (full["accuracy"], cascade["accuracy"]) == (0.5, 1.0)
    assert full["cost_usd"] == pytest.approx(2 * cascade["cost_usd"])
    assert full["latency_ms"] > 0
    assert figures[TUNED]["n"] == 2
    assert cascade["cascade"] == {
        "decided_locally": 1,
        "share_decided_locally": 0.5,
        "saved_usd": pytest.approx(full["cost_usd"] / 2),
        "full_judge": "openai/gpt-4o-mini",
        "agreement": 0.5,
    }
    assert "cascade" not in full
    assert provider.count == 5
    assert set(LlmCall.objects.values_list("answer", flat=True)) == {""}
    assert "decided by itself: 1 of 2 posts; saved $" in run(*arguments)


@pytest.mark.django_db
def test_a_failure_that_may_pass_is_asked_for_again_and_another_ends_the_command(
    provider: StandIn, test_set: Path
) -> None:
    ProjectFactory.create(slug="tidewater", document=document(llm={"judge_fallback_model": "local/keyword"}))
    arguments = ("--project", "tidewater", "--test-set", str(test_set), "--models", "openai/gpt-4o-mini")
    provider.script = in_turn(says("no JSON"), says("no JSON"), says(YES))
    assert "mcc" in run(*arguments)
    provider.script = lambda _asked: fails(401)
    with pytest.raises(CommandError, match="openai/gpt-4o-mini could not judge a post"):
        run(*arguments)
