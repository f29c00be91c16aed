"""The system check: a plugin that does not load stops `manage.py check`."""

import pytest

from scoring import checks
from scoring.base import AnyPlugin
from signalops_site.core.registry import Registry


def test_the_installed_plugins_pass() -> None:
    assert checks.check_plugins(None) == []


def test_a_folder_that_does_not_hold_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: Registry[type[AnyPlugin]] = Registry("scoring plugin", package="tests.scoring.broken_plugins")
    monkeypatch.setattr(checks, "plugins", broken)
    (error,) = checks.check_plugins(None)
    assert error.id == "signalops.E101"
    assert "tests.scoring.broken_plugins.unfinished" in error.msg
