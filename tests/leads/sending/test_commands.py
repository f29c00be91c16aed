import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from leads.models import Delivery
from leads.sending.worker import send_due
from signalops_site.core.models import Pause, Project
from signalops_site.doctor.sending import examine_sending

from .conftest import Approve
from .harbour import Quay


def test_sendapproved_shows_first_and_sends_when_it_is_confirmed(
    project: Project, remy: User, approved: Approve, quay: Quay, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = approved()
    call_command("sendapproved", json=True)
    shown = json.loads(capsys.readouterr().out)
    assert [(row["draft"], row["verdict"], row["mode"]) for row in shown["results"]] == [
        (draft.pk, "ready", "api")
    ]
    call_command("sendapproved")
    assert "Nothing was sent now" in capsys.readouterr().out
    assert not Delivery.objects.exists()

    call_command("sendapproved", confirm=True, user="remy")
    assert "1 draft is on the way." in capsys.readouterr().out
    assert send_due(project).counts == {"sent": 1}
    call_command("sendapproved", confirm=True, user="remy", json=True)
    assert json.loads(capsys.readouterr().out) == {"queued": 0, "results": []}


def test_the_kill_switch_by_command_and_what_the_doctor_says(
    project: Project, remy: User, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [seen.level for seen in examine_sending()] == ["ok"]
    call_command("pausesending", why="Something is off", hours=2)
    call_command("pausesending", all=True)
    assert [seen.message[:24] for seen in examine_sending()] == [
        "Sending is paused (tidew",
        "Sending is paused (all).",
    ]
    call_command("resumesending")
    assert "All projects are paused still" in capsys.readouterr().out
    call_command("resumesending", all=True)
    assert Pause.objects.filter(ended_at=None).count() == 0
    with pytest.raises(CommandError, match="not paused"):
        call_command("resumesending")
