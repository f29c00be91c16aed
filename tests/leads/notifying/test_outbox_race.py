"""Two workers at one outbox, in two processes on one real database file; one stand-in counts what arrives."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.connectors.standin import StandIn

from .conftest import bodies

ROOT = Path(__file__).resolve().parents[3]

PREPARE = """
import django; django.setup()
import sys
from django.core.management import call_command
call_command("migrate", verbosity=0)
from leads.notifying.outbox import tell_of_leads
from signalops_site.core.config.versions import active_document
from tests.factories import LeadFactory, ProjectFactory, document
section = {"enabled": True, "webhook": {"url": sys.argv[1], "secret": "s"}}
project = ProjectFactory.create(slug="tidewater", document=document(notifications=section))
for _ in range(4):
    leads = LeadFactory.create_batch(5, project=project, score=80)
    tell_of_leads(project, active_document(project), [lead.pk for lead in leads])
"""

WORK = """
import django; django.setup()
import sys, time
from leads.models import Lead, Notification
from leads.notifying.outbox import send_due, tell_of_leads
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project
project = Project.objects.get()
time.sleep(max(0, float(sys.argv[1]) - time.time()))
tell_of_leads(project, active_document(project), list(Lead.objects.values_list("pk", flat=True)))
sent = 0
while Notification.objects.filter(status="waiting", tries=0).exists():
    sent += send_due(project).get("sent", 0)
print(sent)
"""


def test_two_workers_tell_of_each_lead_once(tmp_path: Path, stand_in: StandIn) -> None:
    environment = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DEVELOPMENT": "1",
        "NOTIFICATION_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
    }

    def python(code: str, argument: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, argument]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    python(PREPARE, f"{stand_in.url}/hook").communicate(timeout=120)
    start = str(time.time() + 4)
    workers = [python(WORK, start) for _ in range(2)]
    sent = [int(worker.communicate(timeout=120)[0]) for worker in workers]

    told = [lead["id"] for event in bodies(stand_in, "/hook") for lead in event["leads"]]
    assert len(told) == len(set(told)) == sum(sent) == 20
    assert len({json.dumps(event["id"]) for event in bodies(stand_in, "/hook")}) == 20
