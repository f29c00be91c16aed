"""The blind lane over HTTP: what is handed out, what is not in it, and who may answer."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from experiments.models import AbResult
from leads.models import HumanLabel, LabelTask, LabelTaskKind, Lead
from signalops_site.core.models import Project, Role
from tests.conftest import signed_in
from tests.experiments.builders import experiment_in, pair
from tests.factories import (
    DraftFactory,
    JudgmentFactory,
    LabelTaskFactory,
    LeadFactory,
    LeadQueryFactory,
    ScoreFactory,
    member,
)

pytestmark = pytest.mark.django_db

IN_PROJECT = {"project": "tidewater"}


def ask(client: APIClient, **query: str) -> dict[str, Any]:
    answer = client.get("/api/labels/next/", {**IN_PROJECT, **query})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def tasks_in(project: Project, count: int, **values: object) -> list[LabelTask]:
    return [LabelTaskFactory.create(lead=LeadFactory.create(project=project), **values) for _ in range(count)]


@pytest.mark.parametrize("kind", LabelTaskKind.values)
def test_nothing_that_a_model_said_is_in_a_task(project: Project, reviewer_api: APIClient, kind: str) -> None:
    lead = LeadFactory.create(project=project, score=73.25, confidence=0.8125, note="A note of ours.")
    JudgmentFactory.create(lead=lead, confidence=0.8125, reasoning="Because it asks.")
    ScoreFactory.create(lead=lead, total=73.25)
    DraftFactory.create(lead=lead, text_generated="Try this one.")
    LeadQueryFactory.create(lead=lead, label="a telling query")
    LabelTaskFactory.create(lead=lead, kind=kind, sampling_probability=0.0625)

    told = ask(reviewer_api)

    task = told["task"]
    assert task.keys() == {"id", "project", "leased_until", "post", "author"}
    assert task["post"]["text"] == lead.post.text
    text = json.dumps(told)
    for betrayed in (
        "73.25",
        "0.8125",
        "0.0625",
        "Because",
        "Try this",
        "note of ours",
        "telling",
        kind,
        '"label',
        "relevant",
    ):
        assert betrayed not in text


def test_every_kind_is_handed_out_in_the_same_shape(project: Project, reviewer_api: APIClient) -> None:
    experiment = experiment_in(project)
    for kind in LabelTaskKind:
        tasks_in(project, 1, kind=kind, experiment=experiment if kind == LabelTaskKind.DISCORDANT else None)
    seen = [ask(reviewer_api)["task"]]
    for _ in range(2):
        held = ",".join(str(task["id"]) for task in seen)
        seen.append(ask(reviewer_api, held=held)["task"])

    assert len({task["id"] for task in seen}) == 3
    assert len({json.dumps(sorted([*task, *task["post"], *task["author"]])) for task in seen}) == 1


def test_a_post_is_asked_about_answered_taken_back_and_skipped(project: Project, reviewer_api: APIClient) -> None:
    (task,) = tasks_in(project, 1)
    assert reviewer_api.get("/api/labels/", IN_PROJECT).json() == {"waiting": 1}
    assert ask(reviewer_api)["waiting"] == 1
    path = f"/api/labels/{task.pk}"

    for _ in range(2):
        answer = reviewer_api.post(f"{path}/answer/", {"label": "irrelevant", "seconds": 4}, format="json")
        assert (answer.status_code, answer.json()) == (200, {"waiting": 0})
    assert Lead.objects.get().label == "irrelevant"
    assert ask(reviewer_api) == {"task": None, "waiting": 0}
    other = reviewer_api.post(f"{path}/answer/", {"label": "relevant"}, format="json")
    assert (other.status_code, other["Content-Type"]) == (409, "application/problem+json")

    back = reviewer_api.post("/api/labels/undo/", IN_PROJECT, format="json")
    assert (back.status_code, back.json()["task"]["id"], back.json()["waiting"]) == (200, task.pk, 1)
    assert HumanLabel.objects.count() == 0

    skipped = reviewer_api.post(f"{path}/skip/")
    assert (skipped.status_code, skipped.json()) == (200, {"waiting": 0})
    assert reviewer_api.post("/api/labels/undo/", IN_PROJECT, format="json").status_code == 409


def test_an_answer_reaches_the_results_of_an_experiment(project: Project, reviewer_api: APIClient) -> None:
    (task,) = tasks_in(project, 1)
    pair(experiment_in(project), f"lead:{task.lead_id}", "relevant", "irrelevant")
    ask(reviewer_api)

    reviewer_api.post(f"/api/labels/{task.pk}/answer/", {"label": "relevant"}, format="json")

    assert set(AbResult.objects.values_list("blind_label", flat=True)) == {"relevant"}


def test_two_reviewers_are_asked_about_different_posts(project: Project, reviewer_api: APIClient) -> None:
    tasks_in(project, 2)
    other = signed_in(member(project, Role.REVIEWER, username="rosa"))
    mine, theirs = ask(reviewer_api)["task"]["id"], ask(other)["task"]["id"]

    assert mine != theirs
    refused = other.post(f"/api/labels/{mine}/answer/", {"label": "relevant"}, format="json")
    assert (refused.status_code, refused.json()["detail"]) == (409, "remy has this one.")
    LabelTask.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    first = ask(other)["task"]["id"]
    assert {first, ask(other, held=str(first))["task"]["id"]} == {mine, theirs}


@pytest.mark.parametrize("held", ["x", "1,-2", "²", "9" * 30, ",".join(["1"] * 21)])
def test_held_is_a_few_ids(project: Project, reviewer_api: APIClient, held: str) -> None:
    assert reviewer_api.get("/api/labels/next/", {**IN_PROJECT, "held": held}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"label": "good"},
        {"label": "relevant", "seconds": -1},
        {"label": "relevant", "reason": "x"},
        ["relevant"],
    ],
)
def test_a_body_that_does_not_hold_is_refused(project: Project, reviewer_api: APIClient, body: object) -> None:
    (task,) = tasks_in(project, 1)
    ask(reviewer_api)
    assert reviewer_api.post(f"/api/labels/{task.pk}/answer/", body, format="json").status_code == 400
    assert HumanLabel.objects.count() == 0


def test_another_projects_tasks_are_not_there(
    other_project: Project, reviewer_api: APIClient, project: Project
) -> None:
    (task,) = tasks_in(other_project, 1)

    assert ask(reviewer_api) == {"task": None, "waiting": 0}
    for act in ("answer", "skip"):
        refused = reviewer_api.post(f"/api/labels/{task.pk}/{act}/", {"label": "relevant"}, format="json")
        assert refused.status_code == 404
    assert reviewer_api.get("/api/labels/next/", {"project": "elsewhere"}).status_code == 404


def test_a_viewer_is_refused_before_the_body_is_read(
    project: Project, viewer_api: APIClient, reviewer: User
) -> None:
    (task,) = tasks_in(project, 1, leased_to=reviewer)
    assert (
        viewer_api.post(f"/api/labels/{task.pk}/answer/", {"label": "nonsense"}, format="json").status_code == 403
    )


def test_the_number_of_queries_does_not_grow_with_what_waits(
    project: Project, reviewer_api: APIClient, django_assert_max_num_queries: Any
) -> None:
    tasks_in(project, 30)
    ask(reviewer_api)
    with django_assert_max_num_queries(20):
        ask(reviewer_api)
