"""After an erasure: every file of the data folder, byte by byte, and every column of every table."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from leads.identities import identity_of
from leads.models import Draft, Lead
from leads.services.labels import label_lead
from leads.services.notes import write_note
from leads.services.review import edit_draft
from leads.services.suppressions import suppress
from signalops_site.core.erasing import ErasureRequest, erase_person
from signalops_site.core.models import LlmCall, LlmCallStatus, Project
from tests.factories import (
    AuthorFactory,
    DraftFactory,
    JudgmentFactory,
    LeadQueryFactory,
    RawPostFactory,
    ScoreFactory,
)

HANDLE = "quixotica"
WORDS = "zebrafinch zirconium quagmire"
TRACES = (HANDLE, "u-8812-q", "ada quixote", *WORDS.split())
OTHER = "marmalade"


@pytest.fixture
def person(transactional_db: None, project: Project, reviewer: User) -> Draft:
    """Somebody of whom everything is stored that can be, beside somebody else."""
    author = AuthorFactory.create(
        handle=HANDLE, platform_user_id="u-8812-q", name="Ada Quixote", bio=f"{WORDS}, https://{HANDLE}.example"
    )
    draft: Draft = DraftFactory.create(
        lead__project=project,
        lead__post__author=author,
        lead__post__text=WORDS * 400,
        prompt=WORDS,
        text_generated=WORDS,
    )
    lead = draft.lead
    RawPostFactory.create(post=lead.post)
    JudgmentFactory.create(lead=lead, reasoning=WORDS)
    LeadQueryFactory.create(lead=lead)
    ScoreFactory.create(lead=lead).plugin_results.update(reason=WORDS, details={"hit": WORDS})
    Lead.objects.filter(pk=lead.pk).update(error=WORDS)
    call = {"project": project, "purpose": "judge", "model": "m", "status": LlmCallStatus.ANSWERED}
    LlmCall.objects.create(**call, subject=f"lead:{lead.pk}", question="q", answer=WORDS)
    label_lead(lead, label="relevant", by=reviewer, reason=WORDS)
    write_note(lead, text=WORDS, by=reviewer)
    suppress(
        identity_of("handle", platform="sample", value=HANDLE), project=project, reason=HANDLE, by="command:test"
    )
    suppress(identity_of("pattern", value=f"{HANDLE}*"), project=project, by="command:test")
    DraftFactory.create(lead__project=project, lead__post__text=OTHER)
    return edit_draft(draft, text=f"{WORDS}? Yes.", by=reviewer)


def traces_in(content: str | bytes) -> list[str]:
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return [trace for trace in TRACES if trace in text.lower()]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the files of SQLite")
def test_no_file_of_the_data_folder_holds_anything_of_an_erased_person(person: Draft, tmp_path: Path) -> None:
    database = tmp_path / "trial.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(database)])
    with closing(sqlite3.connect(database)) as open_elsewhere:
        open_elsewhere.execute("PRAGMA journal_mode=WAL")
        open_elsewhere.execute("UPDATE leads_post SET text = text || ' '")
        open_elsewhere.execute("UPDATE leads_author SET bio = bio || ' '")
        open_elsewhere.commit()
        assert set(traces_in(content_of(database))) == set(TRACES)
        assert traces_in(content_of(tmp_path / "trial.sqlite3-wal"))

        erase(tmp_path, database)

        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert database in files
        found = {path.name: traces_in(content_of(path)) for path in files}
        assert {name: traces for name, traces in found.items() if traces} == {}
        assert OTHER.encode() in content_of(database)


def content_of(path: Path) -> bytes:
    """Read by another process: one that closes a file of SQLite's gives up the locks that it has on it."""
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


def erase(folder: Path, database: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
        "SIGNALOPS_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": settings.SECRET_KEY,
        "DEVELOPMENT": "1",
        "REDIS_URL": "",
    }
    command = [sys.executable, "manage.py", "erase", "--platform", "sample", "--handle", f"@{HANDLE}", "--confirm"]
    done = subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Others are at work" not in done.stderr
    assert traces_in(done.stdout + done.stderr) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the tables of PostgreSQL")
def test_no_column_of_any_table_holds_anything_of_an_erased_person(person: Draft) -> None:
    assert {trace for row in rows() for trace in traces_in(row)} == set(TRACES)
    erase_person(ErasureRequest("sample", handle=HANDLE), by="command:test")
    assert [row for row in rows() if traces_in(row)] == []
    assert any(OTHER in row for row in rows())


def rows() -> Iterator[str]:
    """Every row of every table as text, whatever its columns are; Django's models are not asked."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT one::text FROM {connection.ops.quote_name(table)} one")  # noqa: S608 - our own table
            yield from (row for (row,) in cursor.fetchall())
