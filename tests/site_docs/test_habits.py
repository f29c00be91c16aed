"""The hooks before a commit call what there is, and the example projects can be used as they are."""

import json
import re
import tomllib
from importlib.metadata import distribution
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from ruamel.yaml import YAML

from leads.models import Lead
from leads.pipeline.base import ordered_stages
from signalops_site.core.models import Project

from .pages import PAGES, ROOT

HOOKS: list[dict[str, Any]] = [
    hook
    for repository in YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
]
PROJECTS = sorted((ROOT / "projects").glob("*.yaml"))


# ---------------------------------------------------------------- before a commit


def test_hooks_fetch_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert "http" not in text


def test_both_sides_are_looked_at() -> None:
    assert {hook["id"] for hook in HOOKS} >= {"ruff", "ruff-format", "mypy", "layers", "frontend-lint"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_what_there_is(hook: dict[str, Any]) -> None:
    command, *arguments = hook["entry"].split()
    if command == "npm":
        scripts = json.loads((ROOT / arguments[1] / "package.json").read_text(encoding="utf-8"))["scripts"]
        assert arguments[-1] in scripts
        return
    name = Path(command).name
    assert command == f".venv/bin/{name}"
    assert name == "python" or name in provided_commands(), f"{name} comes with none of our packages"
    if name == "python":
        assert (ROOT / arguments[1].replace(".", "/") / "__main__.py").exists()


def provided_commands() -> set[str]:
    """Commands of the packages that `make test` installs."""
    packages = ("ruff", "mypy", "import-linter", "pre-commit")
    pinned = (ROOT / "requirements-dev.in").read_text(encoding="utf-8")
    assert all(f"{name}==" in pinned for name in packages)
    entries = [entry for name in packages for entry in distribution(name).entry_points]
    scripts = {entry.name for entry in entries if entry.group == "console_scripts"}
    files = [file for name in packages for file in distribution(name).files or []]
    return scripts | {file.name for file in files if "bin" in file.parts}


def test_the_changelog_tells_of_the_release() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    headings = re.findall(r"^## (.+)$", PAGES["CHANGELOG.md"], flags=re.MULTILINE)
    assert any(heading == "Unreleased" or heading.startswith(version) for heading in headings)


# ---------------------------------------------------------------- example projects


def test_there_are_two_realistic_examples_beside_the_demo() -> None:
    assert {path.stem for path in PROJECTS} >= {"demo", "agency", "devtools"}


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_an_example_is_valid(path: Path) -> None:
    out = StringIO()
    call_command("checkproject", str(path), json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert told["valid"]
    assert [problem for problem in told["problems"] if problem["severity"] == "error"] == []


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_an_example_can_be_imported_and_would_run(path: Path, db: None) -> None:
    call_command("importproject", str(path), activate=True, stdout=StringIO())
    project = Project.objects.get(slug=path.stem)
    assert project.active_config is not None

    out = StringIO()
    call_command("runpipeline", project=path.stem, dry_run=True, json=True, stdout=out)
    plan = json.loads(out.getvalue().splitlines()[-1])

    assert plan["status"] == "dry_run"
    assert list(plan["stages"]) == [stage.name for stage in ordered_stages()]
    assert Lead.objects.count() == 0
