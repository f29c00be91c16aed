"""The shipped model, fitted once and kept in the tests' data folder; hostile posts."""

import json
from pathlib import Path
from typing import TypedDict

import pytest

from leads.judges.base import JudgeContext
from leads.judges.factory import build_judge_for
from leads.judges.local import LocalJudge
from signalops_site.core.config.schema import Relevance

LEDGER = JudgeContext(
    project_name="Ledgerlark",
    description="Invoicing for freelancers: send invoices, chase late payments, track expenses.",
    relevance=Relevance(
        system_prompt="Does the author look for an invoicing tool?",
        positive_signals=[
            "looking for invoicing software",
            "how do freelancers send invoices",
            "frustrated with chasing late payments",
            "alternative to spreadsheets for invoices",
        ],
        negative_signals=["selling invoicing software", "hiring an accountant", "happy with their invoicing tool"],
    ),
)
"""A project of which the bundled training posts know nothing."""


class Injection(TypedDict):
    trick: str
    text: str
    caught_locally: bool


def injections() -> list[Injection]:
    """Posts that address whoever judges them, each with the trick that it tries."""
    lines = (Path(__file__).parent / "injections.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.fixture(scope="session")
def local_judge() -> LocalJudge:
    judge = build_judge_for("local/default", LEDGER)
    assert isinstance(judge, LocalJudge)
    return judge
