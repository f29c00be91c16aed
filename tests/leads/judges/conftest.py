"""One data folder for the whole run, so that the shipped model is fitted once."""

from pathlib import Path

import pytest
from pytest_django import Settings as SettingsWrapper

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
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def local_judge(model_folder: Path, settings: SettingsWrapper) -> LocalJudge:
    settings.DATA_DIR = model_folder
    judge = build_judge_for("local/default", LEDGER)
    assert isinstance(judge, LocalJudge)
    return judge
