"""The demo's set-up, once and again."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django import Settings as SettingsWrapper

from leads.judges.local import ensure_default_model
from leads.models import Draft, Lead
from leads.selectors import stats_counts
from signalops_site.core.models import AuditEntry, Project, Run


def demo() -> str:
    out = StringIO()
    call_command("loaddemo", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_demo_is_set_up_once_and_a_second_time_changes_nothing(
    settings: SettingsWrapper, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(ensure_default_model().parent)
    settings.DATA_DIR = tmp_path
    first = demo()
    counts = stats_counts(Project.objects.get(slug="demo"))
    rows = (Lead.objects.count(), Draft.objects.count(), Run.objects.count(), AuditEntry.objects.count())
    kept = tmp_path / "demo-sign-in.txt"
    assert rows[:3] == (305, 25, 1)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for name, password in (line.split() for line in kept.read_text().splitlines()):
        assert f"{name:<10} {password}" in first
        assert User.objects.get(username=name).check_password(password)

    assert demo() == first
    assert stats_counts(Project.objects.get(slug="demo")) == counts
    assert rows == (Lead.objects.count(), Draft.objects.count(), Run.objects.count(), AuditEntry.objects.count())
