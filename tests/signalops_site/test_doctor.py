"""The doctor, check by check: each is seen to find something wrong, and to find nothing."""

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from leads.models import Post
from leads.services.emptying import empty_posts
from signalops_site.core.config.reading import dump_yaml
from signalops_site.core.jobs import Cluster
from signalops_site.core.models import AuditEntry, BeatJob, Project, RunStatus, WorkerCluster
from signalops_site.core.runs import create_run
from signalops_site.core.secrets import SecretsUnreadable, seal
from signalops_site.doctor import examination, history, install, lookups, preflight, services, work
from signalops_site.doctor.findings import LEVELS, Check, Finding, Seen, as_json, fine, worst
from tests.factories import PostFactory, ProjectFactory, document

ROOT = Path(__file__).resolve().parent.parent.parent
LONG_KEY = "kX3_vQ9-mT7bLw2RzY5hNc8JfGd4PsUa6EoBiVxK1tWqMr0gHy"
ON_SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")


def levels(seen: Iterable[Seen]) -> set[str]:
    return {one.level for one in seen}


def told(seen: Iterable[Seen]) -> str:
    """What was found wrong or doubtful, each of which says how to mend it."""
    found = [one for one in seen if one.level != "ok"]
    assert all(one.mend for one in found)
    return "\n".join(one.message for one in found)


@pytest.fixture
def data_folder(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    settings.DATA_DIR = folder
    return folder


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.DEVELOPMENT = False
    settings.DEBUG = False
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["leads.example"]
    return settings


# ---------------------------------------------------------------- the install


def test_a_careful_production_install_has_nothing_to_mend(production: Settings) -> None:
    assert told(install.examine_settings()) == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", True, "DEBUG is on"),
        ("HTTPS", False, "HTTPS is off"),
        ("ALLOWED_HOSTS", ["localhost"], "local names only"),
        ("ALLOWED_HOSTS", ["*"], "takes any name"),
    ],
)
def test_a_careless_production_install_is_told(production: Settings, name: str, value: object, said: str) -> None:
    setattr(production, name, value)
    assert said in told(install.examine_settings())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", ""),
        ("https://leads.example", ""),
        ("https://leads.example:8443", ""),
        ("https://other.example", "PUBLIC_URL"),
    ],
)
def test_an_address_of_the_site_is_one_that_it_answers_to(production: Settings, address: str, said: str) -> None:
    production.PUBLIC_URL = address
    found = told(install.examine_settings())
    assert said in found
    assert bool(found) is bool(said)


def test_a_development_install_is_fine_until_others_can_reach_it(settings: Settings) -> None:
    settings.DEVELOPMENT = True
    settings.ALLOWED_HOSTS = ["localhost"]
    assert told(install.examine_settings()) == ""
    settings.ALLOWED_HOSTS = ["leads.example"]
    assert "names that are not local" in told(install.examine_settings())


def test_what_the_system_checks_say_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [checks.Error("A plugin is broken.", hint="Mend it.", id="scoring.E001")]
    monkeypatch.setattr(checks, "run_checks", lambda: messages)
    (found,) = [one for one in install.examine_settings() if one.level == "error"]
    assert (found.message, found.mend) == ("A plugin is broken. (scoring.E001)", "Mend it.")


@pytest.mark.parametrize(
    ("key", "level"),
    [(LONG_KEY, "ok"), ("short", "error"), ("a" * 80, "error"), (f"django-insecure-{LONG_KEY}", "error")],
)
def test_the_secret_key_is_long_and_mixed(production: Settings, key: str, level: str) -> None:
    production.SECRET_KEY = key
    assert levels(install.examine_secret_key()) == {level}


def test_keys_made_for_development_are_not_for_production(production: Settings, data_folder: Path) -> None:
    production.SECRET_KEY = LONG_KEY
    production.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
    (data_folder / "secret_key.txt").write_text(LONG_KEY)
    (data_folder / "field_encryption_key.txt").write_text(production.FIELD_ENCRYPTION_KEY)
    assert "made for a development install" in told(install.examine_secret_key())
    assert "made for a development install" in told(install.examine_encryption_key())


def test_the_encryption_key_has_to_be_one(settings: Settings, data_folder: Path) -> None:
    settings.FIELD_ENCRYPTION_KEY = f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}"
    assert levels(install.examine_encryption_key()) == {"ok"}
    settings.FIELD_ENCRYPTION_KEY = "not a key"
    assert "Fernet" in told(install.examine_encryption_key())


def test_files_that_others_may_read_are_named(data_folder: Path, settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    secret = data_folder / "secret_key.txt"
    secret.touch(mode=0o600)
    assert levels(install.examine_files()) == {"ok"}

    secret.chmod(0o644)
    data_folder.chmod(0o755)
    (tmp_path / ".env").touch(mode=0o644)

    found = [one.mend for one in install.examine_files()]
    assert found == [f"chmod 700 {data_folder}", f"chmod 600 {secret}", f"chmod 600 {tmp_path / '.env'}"]


def test_packages_of_another_release_are_named(settings: Settings, tmp_path: Path) -> None:
    assert "Packages" not in told(install.examine_versions())
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements.txt").write_text(
        "django==1.0 \\\n    --hash=sha256:00\nnothing-of-that-name==1 \\\n    --hash=sha256:00\n"
    )
    assert "django 5" in told(install.examine_versions())
    assert "nothing-of-that-name missing" in told(install.examine_versions())


@pytest.mark.parametrize(("version", "said"), [("v20.1.0", ""), ("v18.19.0", "Node is v18.19.0.")])
def test_an_old_node_is_named(
    version: str, said: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "frontend").mkdir()
    (tmp_path / "frontend" / "package.json").write_text("{}")
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o700)
    monkeypatch.setattr(shutil, "which", lambda _name: str(node))
    assert told(install.examine_versions()) == said


def test_no_node_matters_only_while_nothing_is_built(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASE_DIR, settings.FRONTEND_DIST = tmp_path, tmp_path / "dist"
    (tmp_path / "frontend").mkdir()
    (tmp_path / "frontend" / "package.json").write_text("{}")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert "no Node" in told(install.examine_versions())
    built(tmp_path)
    assert told(install.examine_versions()) == ""


def built(folder: Path) -> Path:
    """A dashboard as a build leaves it."""
    assets = folder / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-abc.js").write_text("")
    page = folder / "dist" / "index.html"
    page.write_text('<script src="/static/assets/index-abc.js"></script>')
    return page


def test_a_build_that_lacks_a_file_or_is_old_is_told(tmp_path: Path, settings: Settings) -> None:
    settings.BASE_DIR, settings.FRONTEND_DIST = tmp_path, tmp_path / "dist"
    assert "not built" in told(install.examine_dashboard())

    page = built(tmp_path)
    assert levels(install.examine_dashboard()) == {"ok"}

    source = tmp_path / "frontend" / "src" / "app.tsx"
    source.parent.mkdir(parents=True)
    source.touch()
    os.utime(page, (1, 1))
    assert told(install.examine_dashboard()) == "The built dashboard is older than frontend/src/app.tsx."

    (tmp_path / "dist" / "assets" / "index-abc.js").unlink()
    assert "lacks assets/index-abc.js" in told(install.examine_dashboard())

    page.write_text("<html></html>")
    assert "lacks any file" in told(install.examine_dashboard())


@pytest.mark.parametrize(("free", "level"), [(10 * 2**30, "ok"), (300 * 2**20, "warning"), (50 * 2**20, "error")])
def test_a_full_disk_is_told(
    free: int, level: str, data_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_size_of_database", lambda: 2**30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    assert levels(install.examine_disk()) == {level}


# ---------------------------------------------------------------- what the processes share


def test_the_database_of_the_tests_has_nothing_wrong(db: None) -> None:
    """In memory, SQLite keeps no journal of the kind that is wanted, which is told as a doubt."""
    with services.short_waits():
        assert services.unreachable_database() is None
        assert "error" not in levels(services.examine_database())


def test_no_setting_stays_changed(db: None) -> None:
    before = dict(connection.settings_dict["OPTIONS"])
    with services.short_waits():
        pass
    assert connection.settings_dict["OPTIONS"] == before


def test_a_database_that_does_not_answer_is_a_finding(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        silent = services.unreachable_database()
    assert silent is not None
    assert silent.level == "error"
    assert "connection refused" in silent.message


@ON_SQLITE
def test_a_database_file_that_is_not_there_is_not_made(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nowhere.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    silent = services.unreachable_database()
    assert silent is not None
    assert "no database at" in silent.message
    assert not path.exists()


@ON_SQLITE
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"transaction_mode": "IMMEDIATE", "timeout": 30}, ""),
        ({"transaction_mode": "DEFERRED", "timeout": 30}, "write lock"),
        ({"transaction_mode": "IMMEDIATE", "timeout": 1}, "gives up after 1 s"),
    ],
)
def test_options_that_lose_writes_are_told(options: dict[str, Any], said: str) -> None:
    found = told(services.examine_sqlite_options(options))
    assert said in found
    assert bool(found) == bool(said)


@ON_SQLITE
def test_pragmas_are_compared(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "quick_check(1)": "ok"}
    monkeypatch.setattr(services, "value_of", lambda query: answers[query.removeprefix("PRAGMA ")])
    connection.ensure_connection()
    assert told(services.examine_database()) == ""
    answers.update({"journal_mode": "delete", "foreign_keys": 0, "quick_check(1)": "row 7 missing from index"})
    found = told(services.examine_database())
    assert "journal_mode is delete, not wal" in found
    assert "foreign_keys is 0" in found
    assert "row 7 missing" in found


@ON_POSTGRESQL
def test_an_exhausted_or_foreign_server_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "SHOW server_version_num": "130005",
        "SHOW server_version": "13.5",
        "SHOW max_connections": "10",
        "SELECT count(*) FROM pg_stat_activity": 9,
        "SHOW timezone": "Asia/Tokyo",
        "SHOW server_encoding": "LATIN1",
        "SELECT count(*) FROM pg_index WHERE NOT indisvalid": 2,
    }
    monkeypatch.setattr(services, "value_of", lambda query: answers[query])
    found = told(services.examine_database())
    for said in ("13.5", "9 of 10", "Asia/Tokyo", "LATIN1", "2 indexes"):
        assert said in found


def test_waiting_migrations_are_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(services.examine_migrations()) == {"ok"}
    monkeypatch.setattr(services, "waiting_migrations", lambda: ["leads.0002_x"])
    assert "leads.0002_x" in told(services.examine_migrations())


def test_a_redis_that_does_not_answer_is_a_finding(settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert levels(services.examine_redis()) == {"ok"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "does not answer" in told(services.examine_redis())
    assert "Not looked at" in told(services.examine_cache())
    settings.REDIS_URL = "an address of nothing"
    assert "does not answer" in told(services.examine_redis())


def test_a_message_goes_round_through_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(services.examine_channel_layer()) == {"ok"}

    class Forgetful:
        async def new_channel(self) -> str:
            return "specific.a"

        async def send(self, _channel: str, _message: dict[str, str]) -> None:
            """It arrives nowhere."""

        async def receive(self, _channel: str) -> dict[str, str]:
            return {"type": "doctor", "token": "another"}

    monkeypatch.setattr(services, "get_channel_layer", Forgetful)
    assert "another message came back" in told(services.examine_channel_layer())


def test_a_cache_that_forgets_is_told(settings: Settings) -> None:
    assert levels(services.examine_cache()) == {"ok"} or settings.REDIS_URL
    settings.REDIS_URL = ""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert "forgets" in told(services.examine_cache())


@pytest.mark.parametrize(("drift", "level"), [(0.0, "ok"), (-30.0, "error"), (30.0, "error")])
def test_a_clock_that_is_off_is_told(db: None, drift: float, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "other_clock", lambda: ("the server", time.time() + drift))
    assert levels(services.examine_clock()) == {level}


def test_the_other_clock_is_really_read(db: None, data_folder: Path) -> None:
    _where, there = services.other_clock()
    assert abs(there - time.time()) < 5


def test_an_entry_from_the_future_is_told(project: Project) -> None:
    assert levels(history.examine_history()) == {"ok"}
    entry = {"sequence": 1, "action": "a", "digest": "0" * 64, "previous_digest": ""}
    AuditEntry.objects.bulk_create([AuditEntry(**entry, created_at=timezone.now() + timedelta(hours=1))])
    assert "from the future" in told(history.examine_history())


def test_secrets_that_no_key_opens_are_told(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
    secret = seal({"token": "t"})
    monkeypatch.setattr(services, "newest_secrets", lambda: iter([("connectors_account", secret)]))
    assert levels(services.examine_secrets()) == {"ok"}
    settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
    with pytest.raises(SecretsUnreadable):
        secret.open()
    assert told(services.examine_secrets()) == "FIELD_ENCRYPTION_KEY does not open secrets in connectors_account."


# ---------------------------------------------------------------- the work


def test_a_queue_that_delivers_twice_is_told(settings: Settings) -> None:
    assert levels(work.examine_queue()) == {"ok"}
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": 90, "retry": 60}
    assert "timeout 90" in told(work.examine_queue())


def test_a_cluster_that_nothing_defines_is_told(settings: Settings) -> None:
    settings.Q_CLUSTER = {key: value for key, value in settings.Q_CLUSTER.items() if key != "ALT_CLUSTERS"}
    assert "'short'" in told(work.examine_queue())


def worker(name: Cluster, *, seen: timedelta = timedelta(0)) -> None:
    moment = timezone.now() - seen
    number = WorkerCluster.objects.count()
    WorkerCluster.objects.create(name=name, host="h", pid=number, started_at=moment, seen_at=moment)


def test_a_cluster_without_a_worker_is_told(db: None) -> None:
    worker(Cluster.RUNS)
    assert told(work.examine_workers()) == "No worker of short is up; none was ever seen."
    worker(Cluster.SHORT, seen=timedelta(minutes=30))
    assert told(work.examine_workers()) == "No worker of short is up; the last was seen 30 minutes ago."
    worker(Cluster.SHORT)
    assert told(work.examine_workers()) == ""


def test_a_beat_that_stopped_or_fails_is_told(db: None) -> None:
    assert "no beat yet" in told(work.examine_beat())
    job = BeatJob.objects.create(name="reaper", started_at=timezone.now() - timedelta(minutes=10))
    assert "The last beat was 10 minutes ago" in told(work.examine_beat())
    job.started_at = timezone.now()
    job.save()
    assert told(work.examine_beat()) == ""
    job.error, job.failing_since = "KeyError: 'x'", timezone.now()
    job.save()
    assert "The beat's reaper fails since" in told(work.examine_beat())


def test_a_task_that_waits_long_is_told(db: None) -> None:
    assert levels(work.examine_waiting_tasks()) == {"ok"}
    now = timezone.now()
    OrmQ.objects.create(key="runs", payload="x", lock=now - timedelta(seconds=2))
    OrmQ.objects.create(key="runs", payload="taken by a worker", lock=now + timedelta(hours=1))
    assert levels(work.examine_waiting_tasks()) == {"ok"}
    OrmQ.objects.create(key="runs", payload="x", lock=now - timedelta(hours=1))
    assert told(work.examine_waiting_tasks()) == "2 tasks wait, the oldest for 60 minutes."


def test_runs_that_nobody_works_on_are_told(project: Project) -> None:
    assert levels(work.examine_runs()) == {"ok"}
    run = create_run(project, trigger="command", by="command:test")
    assert levels(work.examine_runs()) == {"ok"}

    run.created_at = timezone.now() - timedelta(hours=1)
    run.save()
    assert "is queued for 60 minutes" in told(work.examine_runs())

    run.status, run.lease_holder = RunStatus.RUNNING, "elsewhere:1:a"
    run.heartbeat_at = timezone.now()
    run.save()
    assert told(work.examine_runs()) == ""

    run.heartbeat_at = timezone.now() - timedelta(hours=1)
    run.save()
    assert "runs without a process" in told(work.examine_runs())


def test_projects_whose_configuration_no_longer_holds_are_told(db: None) -> None:
    assert "no project yet" in told(work.examine_projects())

    bare = Project.objects.create(slug="bare", name="Bare")
    assert told(work.examine_projects()) == "bare has no active configuration."
    bare.delete()

    project = ProjectFactory.create(slug="tidewater")
    assert told(work.examine_projects()) == ""

    version = project.active_config
    assert version is not None
    version.source = dump_yaml(version.document) + "\nno_such_key: 1\n"
    version.save()
    assert "tidewater, version 1: " in told(work.examine_projects())
    assert "no_such_key" in told(work.examine_projects())


def test_references_that_cannot_be_filled_in_are_told(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIDEWATER_SITE", raising=False)
    settings.CONFIG_ENV_ALLOW = frozenset()
    ProjectFactory.create(document=document(product_url="https://${TIDEWATER_SITE}"))
    assert "${TIDEWATER_SITE} is not listed" in told(work.examine_projects())
    settings.CONFIG_ENV_ALLOW = frozenset({"TIDEWATER_SITE"})
    assert "${TIDEWATER_SITE} is not set" in told(work.examine_projects())
    monkeypatch.setenv("TIDEWATER_SITE", "tidewater.example")
    assert told(work.examine_projects()) == ""


def test_a_damaged_model_is_told(data_folder: Path) -> None:
    assert levels(work.examine_models()) == {"ok"}
    file = data_folder / "models" / "local-default-1.skops"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("schema.json", "{}" * 200)
    assert levels(work.examine_models()) == {"ok"}

    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"{}{}{}", b"{}{x{}", 1))
    assert "does not match its checksum" in told(work.examine_models())

    file.write_bytes(b"no archive")
    assert "is damaged" in told(work.examine_models())


# ---------------------------------------------------------------- the round


def one_check(
    examine: Callable[[], Iterable[Seen]], *, needs_database: bool = False
) -> dict[str, tuple[Check, ...]]:
    return {"test": (Check("test", examine, needs_database=needs_database),)}


def test_a_check_that_breaks_off_is_a_finding(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode() -> Iterable[Seen]:
        yield fine("first")
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(examination, "AREAS", one_check(explode))
    first, second = examination.examine_everything()
    assert (first.level, second.level) == ("ok", "error")
    assert "ZeroDivisionError" in second.message


def test_tables_that_are_not_there_are_a_finding(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> Iterable[Seen]:
        raise DatabaseError("no such table: leads_lead")

    monkeypatch.setattr(examination, "AREAS", one_check(ask))
    (found,) = examination.examine_everything()
    assert (found.level, "no such table" in found.message) == ("warning", True)
    assert "migrate" in found.mend


def test_without_a_database_the_rest_is_still_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Seen("error", "There is none.", "Make one.")
    monkeypatch.setattr(services, "unreachable_database", lambda: silent)
    found = {finding.check: finding for finding in examination.examine_everything()}
    assert found["database"].message == "There is none."
    assert found["runs"].message == "Not looked at: there is no database."
    assert found["queue"].level == "ok"


def test_names_of_checks_are_their_own() -> None:
    names = [check.name for checks_ in examination.AREAS.values() for check in checks_]
    assert len(names) == len(set(names))


def test_the_worst_finding_is_the_status() -> None:
    ok, warning, error = (Finding(level, "c", "m") for level in LEVELS)
    assert [worst(found) for found in ([], [ok], [warning, ok], [ok, error, warning])] == [
        "ok",
        "ok",
        "warning",
        "error",
    ]
    assert as_json([ok]) == {
        "status": "ok",
        "findings": [{"check": "c", "level": "ok", "message": "m", "mend": ""}],
    }


def test_the_command_fails_only_on_errors(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Seen("warning", "Doubtful.", "Look.")]
    monkeypatch.setattr(examination, "AREAS", one_check(lambda: answers))
    out = StringIO()
    call_command("doctor", json=True, stdout=out)
    assert json.loads(out.getvalue())["status"] == "warning"

    answers.append(Seen("error", "Wrong.", "Mend it."))
    with pytest.raises(CommandError, match="1 thing is wrong"):
        call_command("doctor", json=True, stdout=StringIO())


def test_people_get_a_table_without_colours(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        examination, "AREAS", one_check(lambda: [Seen("warning", "[bold]Doubtful.", "Look there.")])
    )
    monkeypatch.setattr("signalops_site.management.commands.doctor.AREAS", examination.AREAS)
    out = StringIO()
    call_command("doctor", stdout=out)
    assert "[bold]Doubtful." in out.getvalue()
    assert "-> Look there." in out.getvalue()
    assert "\x1b" not in out.getvalue()


# ---------------------------------------------------------------- an install that does not start


def doctor(**environment: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py doctor --json` in a process of its own, with these variables and no others of ours."""
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEY", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "doctor", "--json"],
        env={**kept, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def findings_of(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    assert "Traceback" not in done.stderr
    return {finding["check"]: finding["message"] for finding in json.loads(done.stdout)["findings"]}


def test_settings_that_do_not_load_are_a_finding(tmp_path: Path) -> None:
    done = doctor(SIGNALOPS_DATA_DIR=str(tmp_path / "data"), DATABASE_URL="sqlite:////nowhere/x.sqlite3")
    assert done.returncode == 1
    assert "SECRET_KEY" in findings_of(done)["settings"]


def test_a_value_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    done = doctor(SIGNALOPS_DATA_DIR=str(tmp_path / "data"), CONN_MAX_AGE="soon")
    assert done.returncode == 1
    assert "soon" in findings_of(done)["settings"]


def test_a_data_folder_that_cannot_be_made_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = doctor(SIGNALOPS_DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert str(tmp_path / "file") in findings_of(done)["data folder"]


def test_apps_that_do_not_start_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    assert preflight.start_finding() is None

    def fail() -> None:
        raise ImportError("no module named leads")

    monkeypatch.setattr("django.setup", fail)
    finding = preflight.start_finding()
    assert finding is not None
    assert "no module named leads" in finding.message


def test_a_broken_install_gets_findings_and_no_traceback(tmp_path: Path) -> None:
    """No database, no Redis, no build: the doctor says all of it, within seconds, and makes no database."""
    data = tmp_path / "data"
    done = doctor(SIGNALOPS_DATA_DIR=str(data), REDIS_URL="redis://127.0.0.1:1/0")
    found = findings_of(done)
    assert done.returncode == 1
    assert "no database at" in found["database"]
    assert "does not answer" in found["redis"]
    assert "Not looked at" in found["runs"]
    assert not (data / "signalops.sqlite3").exists()


def test_a_server_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    done = doctor(
        SIGNALOPS_DATA_DIR=str(tmp_path / "data"),
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
        SECRET_KEY=LONG_KEY,
        FIELD_ENCRYPTION_KEY=Fernet.generate_key().decode(),
    )
    assert done.returncode == 1
    assert "does not answer" in findings_of(done)["database"]


def test_a_file_that_is_no_database_is_a_finding(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "signalops.sqlite3").write_bytes(b"this is no database" * 100)
    done = doctor(SIGNALOPS_DATA_DIR=str(data))
    assert done.returncode == 1
    assert "does not answer" in findings_of(done)["database"]


def test_an_empty_database_waits_for_its_migrations(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "signalops.sqlite3").touch(mode=0o600)
    found = findings_of(doctor(SIGNALOPS_DATA_DIR=str(data)))
    assert "migrations wait" in found["migrations"]
    assert "Could not be looked at: no such table" in found["runs"]
    assert "journal wal" in found["database"]


def test_posts_that_are_long_overdue_to_be_asked_for_are_told(db: None) -> None:
    assert [seen.level for seen in lookups.examine_lookups()] == ["ok"]
    now = timezone.now()
    late, soon, gone = PostFactory.create_batch(3, platform="bluesky", next_check_at=now - timedelta(hours=4))
    Post.objects.filter(pk=soon.pk).update(next_check_at=now - timedelta(hours=2))
    empty_posts([gone.pk])
    (told,) = lookups.examine_lookups()
    assert (told.level, told.message[:22]) == ("warning", "bluesky: 1 post should")
    assert f"{late.next_check_at:%Y-%m-%d %H:%M} UTC" in told.message
