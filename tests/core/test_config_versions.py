from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.versions import activate_version, active_document, import_project
from signalops_site.core.errors import ConfigError
from signalops_site.core.models import AuditEntry, Project, ProjectConfigVersion
from tests.factories import document

pytestmark = pytest.mark.django_db
YAML = dump_yaml(document().model_dump(mode="json", exclude_unset=True))


def imported(source: str, *, activate: bool = False) -> tuple[ProjectConfigVersion, bool]:
    return import_project(read_project(source), by="command:test", activate=activate)


def test_the_first_version_becomes_active() -> None:
    version, is_new = imported(YAML)
    project = Project.objects.get(slug="tidewater")
    assert is_new
    assert project.active_config == version
    assert project.description == "Reminders for unpaid invoices."


def test_the_same_text_again_makes_no_version() -> None:
    first, _ = imported(YAML)
    again, is_new = imported(YAML)
    assert (again.pk, is_new) == (first.pk, False)


def test_a_later_version_waits_until_it_is_activated() -> None:
    imported(YAML)
    second, _ = imported(YAML + "\n# changed\n")
    project = Project.objects.get(slug="tidewater")
    assert second.number == 2
    assert project.active_config is not None
    assert project.active_config.number == 1
    assert activate_version(second, by="command:test").active_config == second


def test_old_versions_come_back_as_they_were() -> None:
    first, _ = imported(YAML)
    imported(YAML.replace("Tidewater", "Low Tide"), activate=True)
    project = activate_version(first, by="command:test")
    assert active_document(project).project_name == "Tidewater"


def test_a_broken_config_stores_nothing() -> None:
    with pytest.raises(ConfigError):
        imported(YAML + "\nnonsense: true\n")
    assert not Project.objects.exists()
    assert not AuditEntry.objects.exists()


def test_every_import_and_activation_is_audited() -> None:
    imported(YAML)
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["config.import", "config.activate", "project.create"]


@pytest.mark.parametrize("name", ["demo.yaml", "devtools.yaml", "agency.yaml"])
def test_export_gives_back_every_byte(name: str) -> None:
    path = settings.BASE_DIR / "projects" / name
    call_command("importproject", path, stdout=StringIO(), stderr=StringIO())
    out = StringIO()
    call_command("exportproject", read_project(path.read_text()).require().project_id, stdout=out)
    assert out.getvalue() == path.read_text()


def test_checkproject_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(YAML + "\nicp:\n  langages: [en]\n")
    errors = StringIO()
    with pytest.raises(CommandError, match="has 1 error"):
        call_command("checkproject", file, stderr=errors)
    assert "icp.langages: unknown key 'langages'; did you mean 'languages'?" in errors.getvalue()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"project_id: [\n"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.yaml"
    file.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("importproject", file, stdout=StringIO(), stderr=StringIO())
    assert not Project.objects.exists()


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("checkproject", tmp_path / "none.yaml")
