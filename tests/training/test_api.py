"""Pairs and exports over the API; who may is in tests/access_table.py."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from rest_framework.test import APIClient

from leads.models import Draft
from leads.services.review import edit_draft
from leads.services.undoing import undo_decision
from signalops_site.core.models import AuditEntry, Project
from training.models import Export, PreferencePair
from training.tasks import run_export
from training.views import CHUNK, _file_response

from ..factories import DraftFactory

pytestmark = pytest.mark.django_db
PAIRS = "/api/training/pairs/"
EXPORTS = "/api/training/exports/"


@pytest.fixture
def draft(project: Project, reviewer: User) -> Draft:
    draft = DraftFactory.create(lead__project=project, text_generated="We have a great tool.")
    return edit_draft(draft, text="We have a tool.", by=reviewer)


def test_a_pair_is_listed_and_shown_with_its_difference(draft: Draft, viewer_api: APIClient) -> None:
    (row,) = viewer_api.get(PAIRS, {"project": "tidewater", "source": "edit"}).json()["results"]
    assert (row["draft"], row["lead"], row["licence"]) == (draft.pk, draft.lead_id, "permitted")
    assert "prompt" not in row

    detail = viewer_api.get(f"{PAIRS}{row['id']}/").json()
    assert detail["prompt"] == draft.prompt
    assert [part for part in detail["diff"] if part["kind"] != "same"] == [{"kind": "removed", "text": " great"}]

    assert viewer_api.get(PAIRS, {"source": "manual"}).json()["results"] == []
    assert viewer_api.get(PAIRS, {"platform": "x"}).json()["results"] == []


def test_a_pair_by_hand_prefers_its_text_to_the_generated_one(draft: Draft, reviewer_api: APIClient) -> None:
    body = {"project": "tidewater", "draft": draft.pk, "chosen_text": " We had that, too. "}
    made = reviewer_api.post(PAIRS, body, format="json")

    assert made.status_code == 201
    assert (made.json()["source"], made.json()["chosen_text"]) == ("manual", "We had that, too.")
    assert made.json()["rejected_text"] == "We have a great tool."
    assert AuditEntry.objects.filter(action="pair.add").count() == 1
    again = reviewer_api.post(PAIRS, {**body, "chosen_text": "Another."}, format="json")
    assert (again.status_code, "by hand" in again.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        ({"chosen_text": "we have a  great tool."}, 400),
        ({"chosen_text": "We have a tool."}, 409),  # what the edit says already
        ({"chosen_text": "Yes.", "rejected_text": "yes. "}, 400),
        ({"chosen_text": "y" * 5001}, 400),
        ({"chosen_text": "Yes.", "draft": 10**9}, 404),
    ],
)
def test_a_pair_that_teaches_nothing_is_refused(
    draft: Draft, reviewer_api: APIClient, texts: dict[str, object], status: int
) -> None:
    body = {"project": "tidewater", "draft": draft.pk, **texts}
    assert reviewer_api.post(PAIRS, body, format="json").status_code == status
    assert PreferencePair.objects.count() == 1


def test_another_project_s_draft_is_not_found(
    other_project: Project, reviewer_api: APIClient, project: Project
) -> None:
    foreign = DraftFactory.create(lead__project=other_project)
    body = {"project": "tidewater", "draft": foreign.pk, "chosen_text": "Yes."}
    assert reviewer_api.post(PAIRS, body, format="json").status_code == 404


def test_a_removed_pair_is_nowhere_until_its_decision_is_made_anew(
    draft: Draft, operator_api: APIClient, reviewer: User
) -> None:
    pair = PreferencePair.objects.get()
    assert operator_api.delete(f"{PAIRS}{pair.pk}/").status_code == 204
    assert operator_api.get(PAIRS).json()["results"] == []
    assert operator_api.delete(f"{PAIRS}{pair.pk}/").status_code == 404
    assert PreferencePair.objects.get().chosen_text == ""

    undo_decision(draft, by=reviewer)
    edit_draft(draft, text="A second thought.", by=reviewer)
    (row,) = operator_api.get(PAIRS).json()["results"]
    assert row["chosen_text"] == "A second thought."


def test_an_export_is_started_written_and_downloaded(draft: Draft, operator_api: APIClient) -> None:
    body = {"project": "tidewater", "format": "openai-preference", "include_metadata": True}
    started = operator_api.post(EXPORTS, body, format="json")
    assert (started.status_code, started.json()["state"]) == (201, "queued")
    address = f"{EXPORTS}{started.json()['id']}/"
    assert operator_api.get(f"{address}download/").status_code == 409

    run_export(started.json()["id"])

    shown = operator_api.get(address).json()
    assert (shown["state"], shown["rows"]) == ("done", 1)
    assert (shown["downloadable"], shown["requested_by"]) == (True, "otto")
    assert shown["filters"] == {"since": None, "include_metadata": True, "include_restricted": False}
    assert shown["sha256"] in shown["card"]
    file = operator_api.get(f"{address}download/")
    assert f"tidewater-dpo-openai-preference-{shown['id']}.jsonl" in file["Content-Disposition"]
    (line,) = b"".join(cast("StreamingHttpResponse", file)).splitlines()
    assert set(json.loads(line)) == {"input", "preferred_output", "non_preferred_output", "metadata"}
    assert AuditEntry.objects.filter(action="export.download").count() == 1

    assert operator_api.delete(address).status_code == 204
    assert operator_api.get(f"{address}download/").status_code == 409
    assert operator_api.get(EXPORTS, {"project": "tidewater"}).json()["results"][0]["state"] == "removed"


async def test_an_asynchronous_server_is_given_the_file_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * (CHUNK + 5))
    response = cast("StreamingHttpResponse", _file_response(path, "big.jsonl", is_async=True))
    sizes = [len(piece) async for piece in cast("AsyncIterator[bytes]", response.streaming_content)]
    assert sizes == [CHUNK, 5]


@pytest.mark.parametrize(
    "wrong", [{"since": "2999-01-01"}, {"format": "kto"}, {"type": "drafts"}, {"sinse": "2026-01-01"}]
)
def test_an_export_of_what_there_is_not_is_refused(
    project: Project, operator_api: APIClient, wrong: dict[str, str]
) -> None:
    answer = operator_api.post(EXPORTS, {"project": "tidewater", **wrong}, format="json")
    assert answer.status_code == 400
    assert next(iter(wrong)) in json.dumps(answer.json()["errors"])
    assert not Export.objects.exists()
