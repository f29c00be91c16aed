"""Two people decide on one draft at the same moment, in two processes on one real database file."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from signalops_site.core.models import Role
from tests.factories import DraftFactory, ProjectFactory, member
project = ProjectFactory.create()
member(project, Role.REVIEWER); member(project, Role.OPERATOR)
print(DraftFactory.create(lead__project=project).pk)
"""

DECIDE = """
import django; django.setup()
import sys, time
from django.contrib.auth.models import User
from leads.models import Draft
from leads.services.review import approve_draft, reject_draft
from signalops_site.core.errors import Conflict
act, name, draft, start = sys.argv[1:]
draft, by = Draft.objects.get(pk=draft), User.objects.get(username=name)
time.sleep(max(0, float(start) - time.time()))
try:
    print({"approve": approve_draft, "reject": reject_draft}[act](draft, by=by).status)
except Conflict as error:
    print("conflict")
"""

COUNT = """
import django; django.setup()
import json
from leads.models import Decision, Draft
print(json.dumps([Draft.objects.get().status, list(Decision.objects.values_list("kind", flat=True))]))
"""


def test_of_two_who_decide_at_once_exactly_one_wins(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
    }

    def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    draft = python(PREPARE).communicate(timeout=60)[0].strip()
    start = str(time.time() + 6)
    both = [python(DECIDE, "approve", "remy", draft, start), python(DECIDE, "reject", "otto", draft, start)]
    outcomes = sorted(process.communicate(timeout=60)[0].strip() for process in both)

    assert outcomes in (["approved", "conflict"], ["conflict", "rejected"])
    status, kinds = json.loads(python(COUNT).communicate(timeout=60)[0])
    assert status in outcomes
    assert kinds == [{"approved": "approve", "rejected": "reject"}[status]]
