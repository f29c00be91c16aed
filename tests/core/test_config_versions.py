import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.versions import activate_version, active_document, document_of, import_project
from signalops_site.core.errors import ConfigError, NotFound
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


def test_a_version_keeps_who_imported_it_the_text_and_the_note(superuser: User) -> None:
    reading = read_project(YAML)
    version, _ = import_project(reading, by=superuser, note="n" * 301)
    version.refresh_from_db()
    assert (version.author, version.source, version.note) == (superuser, YAML, "n" * 300)
    assert version.sha256 == hashlib.sha256(YAML.encode()).hexdigest()


def test_a_project_is_called_what_its_active_version_says() -> None:
    imported(YAML)
    changed = YAML.replace("project_name: Tidewater", "project_name: Low Tide\nproduct_url: https://low.example")
    second, _ = imported(changed.replace("Reminders for unpaid invoices.", "Late payers."))
    project = Project.objects.get(slug="tidewater")
    assert (project.name, project.product_url) == ("Tidewater", "")
    activate_version(second, by="command:test")
    project.refresh_from_db()
    assert (project.name, project.description) == ("Low Tide", "Late payers.")
    assert project.product_url == "https://low.example"


def test_activating_the_active_version_again_changes_and_records_nothing() -> None:
    version, _ = imported(YAML)
    before = AuditEntry.objects.count()
    assert activate_version(version, by="command:test").active_config == version
    assert AuditEntry.objects.count() == before


def test_the_audit_log_says_which_version_was_imported_and_activated_by_whom(superuser: User) -> None:
    import_project(read_project(YAML), by=superuser)
    import_project(read_project(YAML + "\n# changed\n"), by=superuser, activate=True)
    rows = AuditEntry.objects.order_by("sequence").values_list("action", "fields", "actor_name", "project__slug")
    assert list(rows) == [
        ("config.import", {"number": 1}, "suri", "tidewater"),
        ("config.activate", {"number": 1}, "suri", "tidewater"),
        ("project.create", {}, "suri", "tidewater"),
        ("config.import", {"number": 2}, "suri", "tidewater"),
        ("config.activate", {"number": 2}, "suri", "tidewater"),
    ]
    versions = ProjectConfigVersion.objects.order_by("number").values_list("pk", flat=True)
    for action in ("config.import", "config.activate"):
        acts = AuditEntry.objects.filter(action=action).order_by("sequence")
        targets = acts.values_list("target_type", "target_id")
        assert list(targets) == [("core.projectconfigversion", str(pk)) for pk in versions]


def test_a_project_without_an_active_version_says_what_to_do() -> None:
    project = Project.objects.create(slug="bare", name="Bare")
    with pytest.raises(NotFound, match="'bare' has no active configuration"):
        active_document(project)


def test_a_stored_version_that_no_longer_fits_is_named() -> None:
    version, _ = imported(YAML)
    version.document = {**version.document, "gone": 1}
    with pytest.raises(ConfigError, match="Version 1 no longer fits this release: Extra inputs"):
        document_of(version)
