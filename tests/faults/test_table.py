"""The table of planted faults fits the project as it is. (`make faults` plants them, which takes minutes.)"""

import ast
from collections import Counter
from pathlib import Path

import pytest

from .planting import ROOT, WrongFault, spoilt
from .table import FAULTS, LINTER, Fault


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_replaced_stands_exactly_once_in_its_file(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert spoilt(text, fault) != text


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_test_that_has_to_turn_red_exists(fault: Fault) -> None:
    if fault.test == LINTER:
        return
    path, _, name = fault.test.partition("::")
    if path.endswith(".py"):
        assert name in functions_of(ROOT / path)
    else:
        assert name in (ROOT / path).read_text(encoding="utf-8")


def test_names_are_given_once() -> None:
    names = Counter(fault.name for fault in FAULTS)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_text_that_stands_twice_or_not_at_all_is_refused() -> None:
    fault = Fault("a fault", "a.py", "x = 1", "x = 2", LINTER)
    for text in ("x = 1\nx = 1\n", "y = 1\n"):
        with pytest.raises(WrongFault, match="not once"):
            spoilt(text, fault)
