"""What people decide becomes a score of the lead's trace, and goes with the decision and with the lead."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django import Settings as SettingsWrapper

from leads.models import Draft
from leads.services.answers import forget_answers
from leads.services.labels import label_lead
from leads.services.review import reject_draft
from leads.services.undoing import undo_decision
from signalops_site.core.llm import tracing
from signalops_site.core.models import Project
from tests.connectors.standin import Asked, StandIn, reply, running
from tests.factories import DraftFactory

pytestmark = pytest.mark.django_db
PATIENCE = 20.0


@pytest.fixture
def host(settings: SettingsWrapper) -> Iterator[StandIn]:
    with running() as stand_in:
        stand_in.routes = {"/": lambda _asked: reply({"id": "1", "message": "done"})}
        settings.LANGFUSE_HOST = stand_in.url
        settings.LANGFUSE_PUBLIC_KEY = f"pk-lf-{stand_in.url.rpartition(':')[2]}"
        settings.LANGFUSE_SECRET_KEY = "sk-lf-secret-of-nobody"
        yield stand_in


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project)


def scores(host: StandIn, *, count: int) -> dict[str, dict[str, Any]]:
    """By name, as they arrived."""
    bodies = (json.loads(asked.body) for asked in _arrived(host, "POST", count=count))
    return {score["name"]: score for body in bodies for score in body}


def deleted(host: StandIn, *, count: int) -> set[str]:
    """The last parts of the addresses that were deleted, with what stood in the requests."""
    return {
        f"{asked.path.rpartition('/')[2]}{asked.body.decode()}" for asked in _arrived(host, "DELETE", count=count)
    }


def _arrived(host: StandIn, method: str, *, count: int) -> list[Asked]:
    end = time.monotonic() + PATIENCE
    while (
        len(found := [asked for asked in host.asked if asked.method == method]) < count and time.monotonic() < end
    ):
        tracing.flush(after=PATIENCE)
    return found


def test_a_decision_and_its_label_are_scores_of_the_lead_s_trace(
    host: StandIn, draft: Draft, reviewer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        reject_draft(draft, by=reviewer, reason="not_relevant")

    made = scores(host, count=2)

    assert (made["review"]["value"], made["human_label"]["value"]) == ("reject", "irrelevant")
    assert {score["traceId"] for score in made.values()} == {tracing.trace_id_for(f"lead:{draft.lead_id}")}


def test_undo_takes_both_back(
    host: StandIn, draft: Draft, reviewer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        reject_draft(draft, by=reviewer, reason="not_relevant")
    made = {score["id"] for score in scores(host, count=2).values()}
    with django_capture_on_commit_callbacks(execute=True):
        undo_decision(draft, by=reviewer)

    assert deleted(host, count=2) == made


def test_a_correction_is_a_score(
    host: StandIn, draft: Draft, reviewer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        label_lead(draft.lead, label="maybe", by=reviewer)

    assert scores(host, count=1)["human_label"]["value"] == "maybe"


def test_a_lead_that_goes_takes_its_trace_along(
    host: StandIn, draft: Draft, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        forget_answers([draft.lead_id])

    assert tracing.trace_id_for(f"lead:{draft.lead_id}") in " ".join(deleted(host, count=1))
