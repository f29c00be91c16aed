"""The doctor on what was set wrong, lost or damaged: each finding names what it is about, and the right mend."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from signalops_site import setting_values
from signalops_site.core import audit
from signalops_site.core.models import AuditEntry, Project, RunStatus
from signalops_site.core.runs import create_run
from signalops_site.doctor import examination, history, install, services, work
from signalops_site.doctor.findings import Check, Seen

ROOT = Path(__file__).resolve().parent.parent.parent
ON_SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")


def told(seen: Iterable[Seen]) -> str:
    found = [one for one in seen if one.level != "ok"]
    assert all(one.mend for one in found)
    return "\n".join(one.message for one in found)


def manage(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEY", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**kept, "SIGNALOPS_DATA_DIR": str(folder), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def findings_of(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, str]]:
    assert "Traceback" not in done.stderr
    return {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}


# ---------------------------------------------------------------- values that are none


@pytest.mark.parametrize(
    ("name", "value"),
    [("Q_WORKERS", "abc"), ("SIGN_IN_RATE", "abc"), ("DATABASE_URL", "foo://somebody:opensesame@x")],
)
def test_a_value_out_of_range_is_a_finding_that_names_the_variable(tmp_path: Path, name: str, value: str) -> None:
    done = manage(tmp_path, "doctor", "--json", **{name: value})
    finding = findings_of(done)["settings"]
    assert (done.returncode, finding["level"]) == (1, "error")
    assert name in finding["message"]
    assert "opensesame" not in done.stdout


def test_a_server_does_not_start_with_a_value_out_of_range(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", LOCK_OUT_MINUTES="-3")
    assert done.returncode != 0
    assert "LOCK_OUT_MINUTES is a whole number from 1 to " in done.stderr


READERS: dict[str, Callable[[str], object]] = {
    "NUMBER": lambda value: setting_values.whole_number("NUMBER", value, least=1, most=9),
    "RATE": lambda value: setting_values.rate("RATE", value),
    "X_BASE_URL": lambda value: setting_values.web_address("X_BASE_URL", value),
    "PUBLIC_URL": lambda value: setting_values.site_address("PUBLIC_URL", value),
}


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("NUMBER", "1", 1),
        ("NUMBER", "9", 9),
        ("RATE", "5/s", "5/s"),
        ("RATE", "100/minute", "100/minute"),
        ("RATE", "3/day", "3/day"),
        ("X_BASE_URL", "", ""),
        ("X_BASE_URL", "http://127.0.0.1:8090/bluesky", "http://127.0.0.1:8090/bluesky"),
        ("X_BASE_URL", "https://gateway.example", "https://gateway.example"),
        ("PUBLIC_URL", "", ""),
        ("PUBLIC_URL", "https://leads.example/", "https://leads.example"),
        ("PUBLIC_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_values_that_are_sound_are_read(name: str, value: str, read: object) -> None:
    assert READERS[name](value) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NUMBER", "0"),
        ("NUMBER", "-3"),
        ("NUMBER", "10"),
        ("NUMBER", "abc"),
        ("NUMBER", "1.5"),
        ("NUMBER", ""),
        ("RATE", "abc"),
        ("RATE", ""),
        ("RATE", "20"),
        ("RATE", "0/min"),
        ("RATE", "-1/min"),
        ("RATE", "20/fortnight"),
        ("RATE", "20/min/2"),
        ("X_BASE_URL", "ftp://x"),
        ("X_BASE_URL", "x"),
        ("X_BASE_URL", "http://"),
        ("X_BASE_URL", "http://x:port"),
        ("X_BASE_URL", "http://[x"),
        ("PUBLIC_URL", "leads.example"),
        ("PUBLIC_URL", "https://leads.example/desk"),
        ("PUBLIC_URL", "https://leads.example/?a=b"),
        ("PUBLIC_URL", "https://leads.example#top"),
        ("PUBLIC_URL", "https://ada:secret@leads.example"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("PUBLIC_URL", "http://x:port"),
    ],
)
def test_values_that_are_none_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is "):
        READERS[name](value)


@pytest.mark.parametrize("address", ["foo://x", "nonsense", "mysql://x/y", "postgres://u:opensesame@h:port/x"])
def test_an_address_of_no_database_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as caught:
        setting_values.database_address("DATABASE_URL", address)
    assert "opensesame" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["sqlite:////data/signalops.sqlite3", "postgres://u:p@h:5432/x", "postgresql://u@h/x"]
)
def test_addresses_of_both_databases_are_read(address: str) -> None:
    assert setting_values.database_address("DATABASE_URL", address) == address


@pytest.mark.parametrize(("token", "said"), [("", ""), ("a" * 16, ""), ("a" * 15, "METRICS_TOKEN is short")])
def test_a_short_token_for_metrics_is_told_and_not_shown(token: str, said: str, settings: Settings) -> None:
    settings.METRICS_TOKEN = token
    found = told(install.examine_settings())
    assert said in found
    assert ("METRICS_TOKEN" in found) == bool(said)
    assert not token or token not in found


# ---------------------------------------------------------------- a database that lost something


def test_tables_that_are_missing_are_named(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_draft RENAME TO leads_draft_gone")
    (found,) = services.examine_migrations()
    assert (found.level, found.message) == ("error", "Tables are missing: leads_draft.")
    assert "docs/deployment.md" in found.mend


def test_a_file_that_is_no_database_is_to_be_restored(tmp_path: Path) -> None:
    (tmp_path / "signalops.sqlite3").write_bytes(b"this is no database" * 100)
    finding = findings_of(manage(tmp_path, "doctor", "--json"))["database"]
    assert "file is not a database" in finding["message"]
    assert "restore a backup (docs/deployment.md)" in finding["mend"]


def test_a_file_with_damaged_pages_is_to_be_restored(tmp_path: Path) -> None:
    """The first page is sound, so the file opens; what it says of the others is not so."""
    path = tmp_path / "signalops.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE core_project (id INTEGER PRIMARY KEY, slug TEXT)")
        made.executemany("INSERT INTO core_project (slug) VALUES (?)", [("x" * 500,)] * 200)
    made.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xee" * (len(whole) - 4096))
    finding = findings_of(manage(tmp_path, "doctor", "--json"))["database"]
    assert finding["level"] == "error"
    assert "restore a backup (docs/deployment.md)" in finding["mend"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("error", "level", "said"),
    [("interrupted", "ok", "too large"), ("database disk image is malformed", "error", "malformed")],
)
def test_a_check_that_breaks_off_is_told_from_one_that_ran_out_of_time(
    db: None, error: str, level: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_query: str) -> None:
        raise DatabaseError(error)

    connection.ensure_connection()
    monkeypatch.setattr(services, "value_of", fail)
    seen = services.sqlite_integrity("SQLite")
    assert (seen.level, said in seen.message) == (level, True)


@ON_SQLITE
def test_a_check_that_meets_damage_does_not_advise_to_migrate(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> Iterable[Seen]:
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(examination, "AREAS", {"test": (Check("test", ask),)})
    (found,) = examination.examine_everything()
    assert (found.level, "restore a backup" in found.mend) == ("error", True)


@ON_SQLITE
def test_a_file_that_may_not_be_opened_has_another_mend(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("unable to open database file")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        silent = services.unreachable_database()
    assert silent is not None
    assert "DATABASE_URL" in silent.mend
    assert "backup" not in silent.mend


# ---------------------------------------------------------------- clocks and keys


def test_an_entry_from_the_future_is_told_though_later_ones_are_not(project: Project) -> None:
    early = audit.record("thing.change", by="command:test", project=project)
    audit.record("thing.change", by="command:test", project=project)
    assert told(history.examine_history()) == ""
    AuditEntry.objects.filter(pk=early.pk).update(created_at=timezone.now() + timedelta(hours=1))
    found = told(history.examine_history())
    assert found.startswith("1 audit entry is from the future")
    assert f"row {early.pk}" in found


def test_a_run_with_a_heartbeat_from_the_future_is_told(project: Project) -> None:
    run = create_run(project, trigger="command", by="command:test")
    run.status, run.lease_holder = RunStatus.RUNNING, "elsewhere:1:a"
    run.heartbeat_at = timezone.now() + timedelta(seconds=30)
    run.save()
    assert told(work.examine_runs()) == "", "clocks of two machines differ by some seconds"
    run.heartbeat_at = timezone.now() + timedelta(hours=2)
    run.save()
    assert f"Run {run.pk} of tidewater has a heartbeat from the future" in told(work.examine_runs())


def test_a_changed_key_without_a_fallback_is_told_with_the_chains(
    project: Project, other_project: Project, settings: Settings
) -> None:
    for one in (project, other_project, None):
        audit.record("thing.change", by="command:test", project=one)
    assert told(history.examine_audit_keys()) == ""
    earlier = settings.SECRET_KEY
    settings.SECRET_KEY = "a new one"
    audit.record("thing.change", by="command:test", project=other_project)
    found = told(history.examine_audit_keys())
    assert found.startswith("The last entries of 2 audit chains cannot be checked")
    assert "tidewater" in found
    assert "no project" in found
    assert "elsewhere" not in found
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert told(history.examine_audit_keys()) == ""


def test_the_round_asks_for_the_keys_of_the_audit_log() -> None:
    functions = [check.examine for checks in examination.AREAS.values() for check in checks]
    assert history.examine_audit_keys in functions
    assert history.examine_history in functions


def test_a_production_install_with_sound_values_loads(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        "check",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
        SECRET_KEY="x" * 60,
        FIELD_ENCRYPTION_KEY=Fernet.generate_key().decode(),
        SIGN_IN_RATE="100/hour",
        LOCK_OUT_MINUTES="1",
        SIGN_IN_FAILURES="1",
        Q_WORKERS="1",
        CONN_MAX_AGE="0",
        RUN_YIELD_SECONDS="1",
        BLUESKY_BASE_URL="http://127.0.0.1:8090",
    )
    assert done.returncode == 0, done.stderr
