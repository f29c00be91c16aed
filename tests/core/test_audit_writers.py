"""Several writers at once append to one chain: none is lost, and the chain does not fork."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from signalops_site.core import audit
from signalops_site.core.audit_chains import check_chains
from signalops_site.core.models import Project

ROOT = Path(__file__).resolve().parents[2]
WRITERS, EACH = 3, 15

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from signalops_site.core.models import Project
Project.objects.create(slug="busy", name="Busy")
"""

WRITE = """
import django; django.setup()
import sys, time
from signalops_site.core import audit
from signalops_site.core.models import Project
project = Project.objects.get()
time.sleep(max(0, float(sys.argv[2]) - time.time()))
for number in range(int(sys.argv[1])):
    audit.record("thing.change", by="job:test", project=project, fields={"number": number})
"""


def test_processes_on_one_database_file_do_not_fork_the_chain(tmp_path: Path) -> None:
    """Also the very first entry, for which there is no head to lock yet."""
    environment = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'audit.sqlite3'}",
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
    }

    def python(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    def finish(process: "subprocess.Popen[str]") -> str:
        printed = process.communicate(timeout=60)[0]
        assert process.returncode == 0
        return printed

    finish(python("-c", PREPARE))
    start = str(time.time() + 5)
    for writer in [python("-c", WRITE, str(EACH), start) for _ in range(WRITERS)]:
        finish(writer)
    told = json.loads(finish(python("manage.py", "verifyaudit", "--json")))
    assert (told["intact"], told["entries"]) == (True, WRITERS * EACH)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one connection of a test in memory")
@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql_do_not_fork_the_chain() -> None:
    project = Project.objects.create(slug="busy", name="Busy")

    def write(writer: int) -> None:
        try:
            for number in range(EACH):
                with transaction.atomic():
                    audit.record("thing.change", by=f"job:{writer}", project=project, fields={"number": number})
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    check = next(check_chains(only=project))
    assert (check.report.is_intact, check.report.entries) == (True, WRITERS * EACH)
