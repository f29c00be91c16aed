"""Every variable of the environment that is read is documented, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from .pages import PAGES, ROOT

PACKAGES = ("connectors", "experiments", "leads", "scoring", "signalops_site", "training")
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}
"""Where Django finds the settings, which no operator changes."""
OF_ONE_PROCESS = {"Q_CLUSTER_NAME"}
"""Says which process this is, so it has no place in a file that all of them read; docs/deployment.md tells."""

OF_PROVIDERS = {f"{name}_API_KEY" for name in ("OPENAI", "ANTHROPIC", "GEMINI", "MISTRAL")} | {
    f"{name}_BASE_URL" for name in ("OPENAI", "ANTHROPIC", "OLLAMA")
}
"""Examples of what LiteLLM reads, and of what the gateway reads by a provider's name (tests/core/llm/)."""


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


@cache
def variables() -> dict[str, Variable]:
    source = (ROOT / "signalops_site" / "settings.py").read_text(encoding="utf-8")
    return {variable.name: variable for variable in environment_calls(source)}


@cache
def examples() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", "\n".join(lines), flags=re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    assert len(variables()) > 10
    assert sorted(examples()) == sorted({*variables(), *OF_PROVIDERS})


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


# ---------------------------------------------------------------- the whole code


def read_elsewhere(source: str) -> Iterator[str]:
    """Names in `os.environ["NAME"]`, `os.environ.get("NAME")`, `os.getenv("NAME")` and their like."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                yield name
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_reading_is_seen_in_each_of_its_forms() -> None:
    source = "import os\nos.environ['A']; os.environ.get('B', 1); os.getenv('C'); os.environ.setdefault('D', '')"
    assert sorted(read_elsewhere(source)) == ["A", "B", "C", "D"]


def test_the_code_reads_nothing_that_is_not_in_the_example() -> None:
    read = {name for path in sources(*PACKAGES) for name in read_elsewhere(path.read_text(encoding="utf-8"))}
    assert read - NOT_OURS - OF_ONE_PROCESS <= set(examples())
    assert all(f"`{name}=" in PAGES["docs/deployment.md"] for name in OF_ONE_PROCESS)
    assert OF_ONE_PROCESS.isdisjoint(examples())


def test_only_the_settings_read_through_environ() -> None:
    users = [path for path in sources(*PACKAGES) if re.search(r"^import environ", path.read_text(), re.MULTILINE)]
    assert users == [ROOT / "signalops_site" / "settings.py"]


SET_BY_OUR_SCRIPTS = {"BASE_URL", "CI", "PATH"}


def test_what_tests_and_tools_read_is_in_the_page_for_contributors() -> None:
    python = {name for path in sources("tests", "benchmarks") for name in read_elsewhere(path.read_text())}
    files = [*(ROOT / "frontend").glob("*.ts"), *(ROOT / "frontend" / "scripts").glob("*.mjs")]
    node = {name for path in files for name in re.findall(r"process\.env\.([A-Z0-9_]+)", path.read_text())}
    told = (
        set(re.findall(r"`([A-Z][A-Z0-9_]+)`", PAGES["CONTRIBUTING.md"]))
        | set(examples())
        | NOT_OURS
        | OF_ONE_PROCESS
    )
    assert len(python | node) > 4
    assert python | node <= told | SET_BY_OUR_SCRIPTS | {"PYTHONPATH", "PYTEST_XDIST_WORKER"}
