"""What the documentation says is so: targets, commands, figures, links and rooms."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from signalops_site.core.config.schema import NOT_ACTIVE_YET
from training.evaluation import YARDSTICK, compare_judges, read_held_out

from .pages import PAGES, ROOT, code_in

README = PAGES["README.md"]
ARCHITECTURE = PAGES["docs/architecture.md"]
OUR_APPS = {"signalops_site", "signalops_site.core", "connectors", "scoring", "experiments", "leads", "training"}

every_page = pytest.mark.parametrize("page", PAGES)


# ---------------------------------------------------------------- targets and commands


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, flags=re.MULTILINE))


def command_lines(text: str) -> list[str]:
    """The `manage.py` lines of indented blocks: complete, so that their options can be checked."""
    return re.findall(r"^ {4}(manage\.py .+)$", text, flags=re.MULTILINE)


def named_commands(text: str) -> set[str]:
    return {name for code in code_in(text) for name in re.findall(r"manage\.py ([a-z_]+)", code)}


def named_targets(text: str) -> set[str]:
    return {name for code in code_in(text) for name in re.findall(r"^make ([a-z][a-z0-9-]*)", code)}


@every_page
def test_every_target_that_is_named_exists(page: str) -> None:
    assert named_targets(PAGES[page]) <= make_targets()


@every_page
def test_every_command_that_is_named_exists(page: str) -> None:
    assert named_commands(PAGES[page]) <= set(get_commands())


def test_pages_do_name_targets_and_commands() -> None:
    assert len({name for text in PAGES.values() for name in named_targets(text)}) > 8
    assert len({name for text in PAGES.values() for name in named_commands(text)}) > 15


@pytest.mark.parametrize("line", sorted({line for text in PAGES.values() for line in command_lines(text)}))
def test_every_command_line_is_understood(line: str) -> None:
    _, name, *arguments = shlex.split(line.replace("[-", "-").replace("]", ""))
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_every_command_of_the_project_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    assert len(ours) > 10
    assert ours - {name for text in PAGES.values() for name in named_commands(text)} == set()


# ---------------------------------------------------------------- what works, how well, and where it is said


def test_the_keys_that_are_not_active_yet_are_listed() -> None:
    """In a table of their own, which is there as long as there are any."""
    tables = re.findall(r"^\| not here yet .*\n\|[ -|]+\n((?:\|.*\n)+)", README, flags=re.MULTILINE)
    rows = [row.strip("|").split("|") for table in tables for row in table.splitlines()]
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


@every_page
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    targets = re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)", PAGES[page])
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if target and not (file.parent / target).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached = set(re.findall(r"\]\(([\w./-]+\.md)\)", README))
    assert {page for page in PAGES if page != "README.md"} - reached == set()


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
