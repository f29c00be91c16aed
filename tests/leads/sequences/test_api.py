"""Sequences by REST, by command, and in the lead and the queue."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from leads.models import Draft, Sequence
from leads.sending.worker import send_due
from leads.sequences.schedule import follow_up_leads
from signalops_site.core.models import Project
from tests.leads.sending.conftest import Approve

from .conftest import Send, pass_days


@pytest.fixture
def api(remy: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(remy)
    return client


def listed(api: APIClient, **query: str) -> list[Any]:
    answer = api.get("/api/sequences/", {"project": "tidewater", **query})
    assert answer.status_code == 200, answer.content
    rows: list[Any] = answer.json()["results"]
    return rows


def test_a_lead_is_put_in_followed_up_and_stopped(project: Project, api: APIClient, replied: Draft) -> None:
    plans = {plan["name"]: plan for plan in api.get("/api/sequences/plans/").json()["results"]}
    assert list(plans) == ["gentle", "direct", "full", "dm_after_they_wrote"]
    assert [step["wait_days"] for step in plans["full"]["steps"]] == [3, 7, 14]

    body = {"plan": "full"}
    enrol = f"/api/leads/{replied.lead_id}/sequence/"
    enrolled = api.post(enrol, body, format="json")
    assert enrolled.status_code == 201
    assert enrolled.json()["steps"][0]["due_at"]
    assert api.post(enrol, body, format="json").status_code == 409
    assert api.post(f"/api/leads/{10**9}/sequence/", body, format="json").status_code == 404
    assert api.post(enrol, {"plan": "hot"}, format="json").status_code == 400

    pass_days(3)
    follow_up_leads(project)
    [item] = api.get("/api/queue/?project=tidewater").json()["results"]
    assert item["touch"] == {
        "kind": "follow_up",
        "number": 1,
        "of": 3,
        "sequence": enrolled.json()["id"],
        "plan": "full",
    }
    assert item["lead"] == replied.lead_id
    detail = api.get(f"/api/leads/{replied.lead_id}/").json()
    assert [step["status"] for step in detail["sequences"][0]["steps"]] == ["pending", None, None]
    assert [draft["touch"] and draft["touch"]["number"] for draft in detail["drafts"]] == [1, None]
    assert len(listed(api, open="true", lead=str(replied.lead_id))) == 1

    stop = f"/api/sequences/{enrolled.json()['id']}/stop/"
    stopped = api.post(stop)
    assert (stopped.status_code, stopped.json()["exit"], stopped.json()["ended_by"]) == (200, "stopped", "remy")
    assert stopped.json()["steps"][0]["status"] == "superseded"
    assert api.post(stop).status_code == 409
    assert listed(api, open="true") == []
    assert len(listed(api)) == 1


def test_a_send_may_say_how_leads_are_followed_up(api: APIClient, approved: Approve, project: Project) -> None:
    first, second = approved(), approved()
    body = {"project": "tidewater", "drafts": [first.pk], "sequence": "direct"}
    assert api.post("/api/queue/send/", body, format="json").json()["queued"] == 1
    taken = api.post(f"/api/queue/{second.pk}/assist/", {"sequence": "gentle"}, format="json")
    assert taken.status_code == 200
    assert set(Sequence.objects.values_list("lead", "plan")) == {
        (first.lead_id, "direct"),
        (second.lead_id, "gentle"),
    }
    refused = api.post("/api/queue/send/", {**body, "sequence": "dm_after_they_wrote"}, format="json")
    assert refused.status_code == 400


def test_a_list_takes_as_many_queries_for_many_as_for_few(
    api: APIClient, approved: Approve, send: Send, project: Project
) -> None:
    counts = []
    for size in (2, 6):
        while Sequence.objects.count() < size:
            replied = send(approved())
            api.post(f"/api/leads/{replied.lead_id}/sequence/", {"plan": "full"}, format="json")
        pass_days(3)
        follow_up_leads(project)
        with CaptureQueriesContext(connection) as captured:
            assert len(listed(api)) == size
            assert len(api.get("/api/queue/?project=tidewater").json()["results"]) == size
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_same_in_the_shell(
    project: Project, remy: User, approved: Approve, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = approved()
    call_command("sendapproved", confirm=True, user="remy", sequence="gentle")
    send_due(project)
    call_command("sequences", "list")
    assert "gentle" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already"):
        call_command("sequences", "enrol", str(draft.lead_id), plan="full", user="remy")
    sequence = Sequence.objects.get()
    capsys.readouterr()
    call_command("sequences", "stop", str(sequence.pk), user="remy", json=True)
    [row] = json.loads(capsys.readouterr().out)["results"]
    assert (row["exit"], row["steps"][0]["status"]) == ("stopped", None)
    call_command("sequences", "list")
    assert "No lead is followed up." in capsys.readouterr().out
    call_command("sequences", "enrol", str(draft.lead_id), plan="full", user="remy")
    assert "due" in capsys.readouterr().out
