"""The examples of docs/plugins.md, each put at the place that its caption names, and run."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from ruamel.yaml import YAML

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
from signalops_site.core.config.reading import dump_yaml
from signalops_site.core.models import Project, Role, RunStatus
from signalops_site.core.registry import Registry
from tests.factories import LeadFactory, document, member

from .pages import ROOT, blocks_of
from .processes import finish, own_environment

EXAMPLES = {block.caption: block.text for block in blocks_of("docs/plugins.md") if block.language == "python"}
PLUGIN = "scoring/plugins/length.py"
CONNECTOR = "connectors/platforms/postbox.py"
STAGE = "leads/pipeline/stages/assign.py"
SECTIONS: list[dict[str, Any]] = [
    YAML(typ="safe", pure=True).load(block.text)
    for block in blocks_of("docs/plugins.md")
    if block.language == "yaml"
]


def test_there_is_an_example_of_each_kind() -> None:
    assert set(EXAMPLES) == {PLUGIN, CONNECTOR, STAGE}
    assert all((ROOT / path).parent.is_dir() for path in EXAMPLES)


# ---------------------------------------------------------------- each by itself


def test_the_scoring_plugin_gives_points(plugged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plugged / "example.py").write_text(EXAMPLES[PLUGIN])
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
    (plugged / "example.py").write_text(EXAMPLES[CONNECTOR])
    scratch: Registry[type[Connector]] = Registry("connector", package="plugged")
    monkeypatch.setattr(connectors.base, "connectors", scratch)
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    write_letters(tmp_path)
    scratch.load()
    connector = scratch.get("postbox")()

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
    (plugged / "example.py").write_text(EXAMPLES[STAGE])
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


# ---------------------------------------------------------------- all at their places, by the commands


class Copy:
    """A copy of the code in which files can be added, with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.code, self.data = folder / "code", folder / "data"
        self.code.mkdir()
        shutil.copy(ROOT / "manage.py", self.code)
        for package in ("connectors", "experiments", "leads", "scoring", "signalops_site", "training"):
            shutil.copytree(ROOT / package, self.code / package, ignore=shutil.ignore_patterns("__pycache__"))

    def manage(self, *arguments: str, **variables: str) -> str:
        environment = own_environment(SIGNALOPS_DATA_DIR=str(self.data), **variables)
        return finish([sys.executable, str(self.code / "manage.py"), *arguments], environment, folder=self.code)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_three_files_make_a_plugin_a_connector_and_a_stage(copy: Copy) -> None:
    for path, text in EXAMPLES.items():
        assert not (copy.code / path).exists()
        (copy.code / path).write_text(text)
    project_file = copy.code / "letters.yaml"
    project_file.write_text(dump_yaml(letters_project()))

    copy.manage("check")
    copy.manage("migrate", "-v0")
    write_letters(copy.data)
    copy.manage("importproject", str(project_file), "--activate")
    copy.manage("shell", "-c", ADD_A_REVIEWER)
    assert "length" in copy.manage("scoring", "plugins", "--project", "letters")
    run = json.loads(copy.manage("runpipeline", "--project", "letters", "--json").splitlines()[-1])
    found = json.loads(copy.manage("shell", "-c", TELL_OF_LEADS).splitlines()[-1])

    assert run["status"] == "succeeded"
    stages = list(run["stages"])
    assert stages.index("score") < stages.index("assign") < stages.index("notify")
    assert run["stages"]["collect"]["done"] == 3
    assert run["stages"]["assign"]["done"] == 3
    assert sorted(lead["post"] for lead in found) == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert {lead["assignee"] for lead in found} == {"rosa"}
    assert {lead["length"] for lead in found} == {"The post has 5 words."}


def letters_project() -> dict[str, Any]:
    """A project with the sections that the page shows, whose rule lifts every lead over the stage's threshold."""
    sections: dict[str, Any] = {key: value for section in SECTIONS for key, value in section.items()}
    lift = {"name": "lift", "condition": "text contains 'invoice'", "boost": 100}
    scoring_section = {**sections["scoring"], "custom_rules": [lift]}
    relevance = {**document().relevance.model_dump(mode="json"), "keywords_required": ["invoice"]}
    chosen = {"queries": sections["queries"], "scoring": scoring_section, "relevance": relevance}
    whole = document(project_id="letters", llm={"judge_model": "local/keyword"}, **chosen)
    return whole.model_dump(mode="json", exclude_unset=True)


def write_letters(data: Path) -> None:
    (data / "postbox").mkdir(parents=True)
    for day in (1, 2, 3):
        (data / "postbox" / f"2026-03-0{day}.txt").write_text(f"An invoice of day {day}")


ADD_A_REVIEWER = """
from django.contrib.auth.models import User
from signalops_site.core.models import Membership, Project
project = Project.objects.get(slug="letters")
Membership.objects.create(user=User.objects.create(username="rosa"), project=project, role="reviewer")
"""
TELL_OF_LEADS = """
import json
from leads.models import Lead, ScoringPluginResult
reasons = dict(ScoringPluginResult.objects.filter(plugin_name="length").values_list("score__lead", "reason"))
rows = Lead.objects.values_list("pk", "post__platform_post_id", "assignee__username")
print(json.dumps([{"post": post, "assignee": who, "length": reasons[pk]} for pk, post, who in rows]))
"""


@pytest.mark.parametrize(("discover", "there"), [("true", True), ("false", False)])
def test_an_installed_package_adds_a_plugin(copy: Copy, tmp_path: Path, discover: str, there: bool) -> None:
    install_package(tmp_path / "site", {"my_package/length.py": EXAMPLES[PLUGIN]}, entry_points())
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    told = copy.manage("scoring", "plugins", PYTHONPATH=path, DISCOVER_ENTRY_POINTS=discover)
    assert ("length" in told) == there


def test_a_name_that_is_taken_twice_stops_the_check(copy: Copy) -> None:
    (copy.code / "scoring/plugins/length.py").write_text(EXAMPLES[PLUGIN])
    (copy.code / "scoring/plugins/size.py").write_text(EXAMPLES[PLUGIN])
    with pytest.raises(AssertionError, match=r"scoring\.plugins\.length.+scoring\.plugins\.size"):
        copy.manage("check")


def entry_points() -> str:
    """The page's TOML as an installer writes it into the package's metadata."""
    (block,) = [block for block in blocks_of("docs/plugins.md") if block.language == "toml"]
    head, *lines = block.text.splitlines()
    group = head.removeprefix('[project.entry-points."').removesuffix('"]')
    return "\n".join([f"[{group}]", *(line.replace('"', "") for line in lines)])


def install_package(site: Path, files: Mapping[str, str], entries: str) -> None:
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    metadata = site / "my_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entries)
