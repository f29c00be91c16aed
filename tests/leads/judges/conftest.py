"""The shipped model, fitted once and kept in the tests' data folder."""

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


@pytest.fixture(scope="session")
def local_judge() -> LocalJudge:
    judge = build_judge_for("local/default", LEDGER)
    assert isinstance(judge, LocalJudge)
    return judge
