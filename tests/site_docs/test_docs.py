"""What the documentation says is so: settings, targets, commands, figures, links and examples."""

import ast
import importlib
import re
import shlex
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

import connectors.base
import leads.pipeline.base
import scoring.base
import scoring.section
from connectors.base import Connector, SearchQuery
from leads.models import Lead
from leads.pipeline.base import Stage, ordered_stages
from leads.pipeline.runner import RunOptions, plan_run
from leads.services.runs import run_now
from scoring.base import AnyPlugin, Facts
from scoring.engine import build_profile, score_facts
from signalops_site.core.config.schema import NOT_ACTIVE_YET
from signalops_site.core.models import Project, Role, RunStatus
from signalops_site.core.registry import Registry
from tests.factories import LeadFactory, document, member
from training.evaluation import YARDSTICK, compare_judges, read_held_out

ROOT: Path = settings.BASE_DIR
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OUR_APPS = {"signalops_site", "signalops_site.core", "connectors", "scoring", "experiments", "leads", "training"}


# ---------------------------------------------------------------- the environment


@dataclass(frozen=True)
class Variable:
    """One that settings.py reads: how it is cast, and its default where that is written out there."""

    name: str
    cast: str
    default: object = ...


def environment_calls(source: str) -> list[Variable]:
    """`env.CAST("NAME", default=...)` and `_secret("NAME")`; a name that is computed is None's, and found out."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    return [variable for call in calls if (variable := _variable(call)) is not None]


def _variable(call: ast.Call) -> Variable | None:
    name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
    match call.func:
        case ast.Name(id="_secret"):
            return Variable(str(name), "str")
        case ast.Attribute(value=ast.Name(id="env"), attr=cast) if isinstance(name, str):
            return Variable(name, cast, _literal(call))
    return None


def _literal(call: ast.Call) -> object:
    for keyword in call.keywords:
        if keyword.arg == "default":
            try:
                return ast.literal_eval(keyword.value)
            except ValueError:
                return ...
    return ...


@lru_cache
def variables() -> dict[str, Variable]:
    source = (ROOT / "signalops_site" / "settings.py").read_text(encoding="utf-8")
    return {variable.name: variable for variable in environment_calls(source)}


@lru_cache
def examples() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", "\n".join(lines), flags=re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    assert len(variables()) > 10
    assert sorted(examples()) == sorted(variables())


def test_an_example_sets_nothing_as_it_stands() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", [name for name, variable in variables().items() if variable.default is not ...])
def test_the_example_shows_the_default(name: str) -> None:
    variable, shown = variables()[name], examples()[name]
    match variable.cast:
        case "bool":
            assert shown == str(variable.default).lower()
        case "list":
            assert [item for item in shown.split(",") if item] == variable.default
        case _:
            assert shown == str(variable.default)


# ---------------------------------------------------------------- targets and commands


def code_in(text: str) -> list[str]:
    """Every code span and every line of an indented block."""
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    return [*spans, *(line.strip() for line in text.splitlines() if line.startswith("    "))]


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, flags=re.MULTILINE))


def command_lines(text: str) -> list[str]:
    """The `manage.py` lines of indented blocks: complete, so that their options can be checked."""
    return re.findall(r"^ {4}(manage\.py .+)$", text, flags=re.MULTILINE)


def named_commands(text: str) -> set[str]:
    return {name for code in code_in(text) for name in re.findall(r"manage\.py ([a-z]+)", code)}


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "architecture"])
def test_every_target_that_is_named_exists(text: str) -> None:
    named = {name for code in code_in(text) for name in re.findall(r"^make ([a-z][a-z0-9-]*)", code)}
    assert named
    assert named <= make_targets()


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "architecture"])
def test_every_command_that_is_named_exists(text: str) -> None:
    assert named_commands(text)
    assert named_commands(text) <= set(get_commands())


@pytest.mark.parametrize("line", sorted({*command_lines(README), *command_lines(ARCHITECTURE)}))
def test_every_command_line_is_understood(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_every_command_of_the_project_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    assert len(ours) > 10
    assert ours - named_commands(README) - named_commands(ARCHITECTURE) == set()


# ---------------------------------------------------------------- what works, how well, and where it is said


def test_the_keys_that_are_not_active_yet_are_listed() -> None:
    (table,) = re.findall(r"^\| not here yet .*\n\|[ -|]+\n((?:\|.*\n)+)", README, flags=re.MULTILINE)
    rows = [row.strip("|").split("|") for row in table.splitlines()]
    told = {key: feature.strip() for feature, keys in rows for key in re.findall(r"`([^`]+)`", keys)}
    assert told == NOT_ACTIVE_YET


FIGURES = {
    "accuracy (three labels)": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "F1": "f1",
    "Matthews correlation": "mcc",
    "calibration error": "ece",
}


def test_the_judge_is_as_good_as_it_is_said_to_be() -> None:
    """Within what one or two posts on the border of a label make of it on another machine."""
    measured = compare_judges(["local/default"], read_held_out())
    for words, key in FIGURES.items():
        (row,) = re.findall(rf"^\| {re.escape(words)} \| ([\d.]+) \| ([\d.]+) \|$", README, flags=re.MULTILINE)
        for judge, said in zip(("local/default", YARDSTICK), row, strict=True):
            assert dict(measured[judge])[key] == pytest.approx(float(said), abs=0.05), (judge, words)
    assert f"the {measured['local/default']['n']} bundled posts" in README


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "docs/architecture.md"])
def test_links_lead_somewhere(name: str) -> None:
    file = ROOT / name
    targets = re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)", file.read_text(encoding="utf-8"))
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert targets
    assert [target for target in local if target and not (file.parent / target).exists()] == []


def rooms() -> list[tuple[Path, str]]:
    """(where it should be, as it is named) for each file and folder in the table of rooms."""
    table = ARCHITECTURE.partition("## Rooms")[2].partition("\n## ")[0]
    found: list[tuple[Path, str]] = []
    for row in re.findall(r"^\| (`.*)\|$", table, flags=re.MULTILINE):
        where, _, what = row.partition(" | ")
        folder, *siblings = re.findall(r"`([\w./]+)`", where)
        room = ROOT / folder
        inside: list[str] = re.findall(r"`([\w/]+(?:/|\.py))`", what)
        found += [(room, folder), *((room.parent / name, name) for name in siblings)]
        found += [(room / name, name) for name in inside]
    return found


def test_the_table_of_rooms_names_what_is_there() -> None:
    assert len(rooms()) > 20
    assert [name for path, name in rooms() if not path.exists()] == []


def test_the_licence_is_the_standard_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert text.rstrip().endswith("limitations under the License.")
    assert len(text.splitlines()) == 202


# ---------------------------------------------------------------- one new thing, one new file


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package `plugged`, empty, that forgets its modules afterwards."""
    package = tmp_path / "plugged"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "plugged"]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return package


def write_example(heading: str, package: Path) -> None:
    """Put the Python of a section into a file of its own, as the section says to."""
    section = ARCHITECTURE.partition(f"\n### {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    (package / "example.py").write_text(code)


def test_the_scoring_plugin_gives_points(plugged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_example("A scoring plugin", plugged)
    scratch: Registry[type[AnyPlugin]] = Registry("scoring plugin", package="plugged")
    monkeypatch.setattr(scoring.base, "plugins", scratch)
    monkeypatch.setattr(scoring.section, "plugins", scratch)
    profile = build_profile(document(scoring={"plugins": ["length"], "length": {"weight": 0.5, "enough": 4}}))

    (whole,) = score_facts(Facts(text="one two three four five"), profile=profile).components
    (half,) = score_facts(Facts(text="one two"), profile=profile).components
    (unknown,) = score_facts(Facts(), profile=profile).components

    assert (whole.plugin, whole.score, whole.contribution) == ("length", 100.0, 50.0)
    assert (half.score, half.reason) == (50.0, "The post has 2 words.")
    assert (unknown.weight, unknown.error) == (0.0, None)


def test_the_connector_reads_pages_newest_first(
    plugged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_example("A connector", plugged)
    scratch: Registry[type[Connector]] = Registry("connector", package="plugged")
    monkeypatch.setattr(connectors.base, "connectors", scratch)
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    (tmp_path / "postbox").mkdir()
    for day in (1, 2, 3):
        (tmp_path / "postbox" / f"2026-03-0{day}.txt").write_text(f"An invoice of day {day}")
    connector = connectors.base.connector_for("postbox")

    (first,) = connector.search(SearchQuery("invoice", max_results=2))
    (second,) = connector.search(SearchQuery("invoice", max_results=2, page_token=first.next_token))
    (newer,) = connector.search(SearchQuery("INVOICE", since_id="2026-03-02"))
    (nothing,) = connector.search(SearchQuery("quote"))

    assert [post.id for post in first.posts] == ["2026-03-03", "2026-03-02"]
    assert ([post.id for post in second.posts], second.next_token) == (["2026-03-01"], None)
    assert [post.text for post in newer.posts] == ["An invoice of day 3"]
    assert nothing.posts == ()


def test_the_stage_finds_its_place_and_works(
    plugged: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_example("A stage", plugged)
    scratch: Registry[type[Stage]] = Registry("pipeline stage", package="plugged")
    for name, stage in leads.pipeline.base.stages.items().items():
        scratch.register(name)(stage)
    monkeypatch.setattr(leads.pipeline.base, "stages", scratch)
    names = [stage.name for stage in ordered_stages()]
    reviewer = member(project, Role.REVIEWER)
    good, poor = LeadFactory.create(project=project, score=90), LeadFactory.create(project=project, score=20)
    options = RunOptions.parse(stages=["assign"])

    waiting = plan_run(project, options).stages
    run = run_now(project, options, by="command:test")
    again = run_now(project, options, by="command:test")

    assert names.index("score") < names.index("assign") < names.index("notify")
    assert waiting == {"assign": 1}
    assert run.status == RunStatus.SUCCEEDED
    assert (run.stages["assign"]["done"], again.stages["assign"]["done"]) == (1, 0)
    assert dict(Lead.objects.values_list("pk", "assignee")) == {good.pk: reviewer.pk, poor.pk: None}
