from pathlib import Path

import pytest
from pytest_django import Settings as SettingsWrapper


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: SettingsWrapper) -> Path:
    """Exports of tests lie in a folder of their own."""
    settings.DATA_DIR = tmp_path
    return tmp_path
