"""Experiments and the registry by REST. Who may is the access table's; here, what is said and done."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from experiments.models import AbResult, Experiment, ExperimentStatus, ModelType, ModelVersion
from experiments.reports import ON_ITS_WAY
from experiments.results import clear_human_label, record_human_label, record_observations
from signalops_site.core.models import Project, Role
from tests.conftest import signed_in
from tests.factories import ModelVersionFactory, ProjectFactory, document, member

from .builders import PRIMARY, experiment_in, pair, said


@pytest.fixture
def ledger(db: None) -> Project:
    return ProjectFactory.create(
        slug="ledger", document=document(project_id="ledger", experiments={"enabled": True})
    )


@pytest.fixture
def api(ledger: Project) -> APIClient:
    otto: User = member(ledger, Role.OPERATOR)
    return signed_in(otto)


def create(api: APIClient, **values: object) -> Any:
    return api.post("/api/experiments/", {"project": "ledger", "canary_model": "local/keyword", **values}, "json")


def test_an_experiment_is_created_and_seen(api: APIClient) -> None:
    made = create(api, hypothesis="As good, and free.")
    assert made.status_code == 201, made.json()
    assert made.json()["status"] == "active"
    assert (made.json()["primary_model"], made.json()["mode"]) == ("local/default", "shadow")
    listed = api.get("/api/experiments/", {"project": "ledger"}).json()
    assert [row["experiment_id"] for row in listed["results"]] == ["ledger-1"]
    assert api.get(f"/api/experiments/{made.json()['id']}/").json() == made.json()


@pytest.mark.parametrize(
    ("values", "status", "said_so"),
    [
        ({"canary_pct": 0}, 400, "between 0 and 1"),
        ({"canary_pct": 1}, 400, "between 0 and 1"),
        ({"canary_model": "local/default"}, 400, "named twice"),
        ({"canary_model": "local/nowhere"}, 409, "local/nowhere"),
        ({"canary_percent": 0.1}, 400, "canary_pct"),
        ({"mode": "both"}, 400, "both"),
    ],
)
def test_what_does_not_hold_is_refused_with_the_mend(
    api: APIClient, values: dict[str, object], status: int, said_so: str
) -> None:
    refused = create(api, **values)
    assert refused.status_code == status
    assert refused["Content-Type"] == "application/problem+json"
    assert said_so in refused.json()["detail"]


def test_where_experiments_are_switched_off_the_answer_says_how_to_switch_them_on(
    project: Project, operator_api: APIClient
) -> None:
    body = {"project": "tidewater", "canary_model": "local/keyword"}
    refused = operator_api.post("/api/experiments/", body, "json")
    assert (refused.status_code, "enabled: true" in refused.json()["detail"]) == (409, True)


def test_the_labels_to_plan_for_are_told_beforehand(api: APIClient) -> None:
    shadow = api.get("/api/experiments/sample-size/").json()["needed"]
    assert [(each["effect"], each["labels"]) for each in shadow] == [(0.6, 210), (0.65, 88), (0.7, 47)]
    asked = {"mode": "canary", "canary_pct": "0.5"}
    canary = api.get("/api/experiments/sample-size/", asked).json()["needed"]
    assert canary[1]["effect"] == 0.1
    assert 380 < canary[1]["labels"] < 420
    assert api.get("/api/experiments/sample-size/", {"canary_pct": 1}).status_code == 400


def test_an_experiments_life_by_rest(api: APIClient, ledger: Project) -> None:
    place = f"/api/experiments/{create(api).json()['id']}"
    assert api.post(f"{place}/pause/").json()["status"] == "paused"
    assert api.post(f"{place}/resume/").json()["status"] == "active"
    promoted = api.post(f"{place}/promote/").json()
    assert (promoted["status"], promoted["outcome"], promoted["verdict"]) == (
        "completed",
        "promoted",
        "keep_going",
    )
    assert api.post(f"{place}/promote/").status_code == 409
    assert in_use(api) == ["local/keyword"]
    assert api.post(f"{place}/rollback/").json()["outcome"] == "rolled_back"
    assert in_use(api) == ["local/default"]
    assert api.post(f"{place}/stop/").json()["outcome"] == "rolled_back"
    assert api.delete(f"{place}/").status_code == 405


def in_use(api: APIClient) -> list[str]:
    rows = api.get("/api/models/", {"project": "ledger"}).json()["results"]
    return [row["model_id"] for row in rows if row["in_use"]]


def test_results_are_told_with_their_verdict(api: APIClient, ledger: Project) -> None:
    experiment = experiment_in(ledger)
    for n in range(60):
        pair(experiment, f"lead:{n}", "irrelevant", "relevant")
        record_human_label(ledger, f"lead:{n}", "relevant", blind=True)
    results = api.get(f"/api/experiments/{experiment.pk}/results/").json()
    assert (results["verdict"], results["hidden"], results["srm"]["alarm"]) == ("canary_better", False, False)
    assert results["e_value"] > 1e10
    assert results["arms"]["canary"]["agreement"] == 1.0
    assert results["mcnemar"]["canary_wins"] == 60


def test_a_label_that_is_taken_back_leaves_the_results_at_once(api: APIClient, ledger: Project) -> None:
    experiment = experiment_in(ledger)
    pair(experiment, "lead:1", "irrelevant", "relevant")
    place = f"/api/experiments/{experiment.pk}/results/"
    record_human_label(ledger, "lead:1", "relevant", blind=True)
    assert api.get(place).json()["mcnemar"]["n"] == 1
    clear_human_label(ledger, "lead:1")
    assert api.get(place).json()["mcnemar"]["n"] == 0


def test_a_label_counts_for_an_arm_that_answered_after_it(api: APIClient, ledger: Project) -> None:
    experiment = experiment_in(ledger)
    record_observations(experiment, [said("lead:1", PRIMARY, "relevant")])
    record_human_label(ledger, "lead:1", "relevant", blind=True)
    pair(experiment, "lead:1", "relevant", "irrelevant")
    arms = api.get(f"/api/experiments/{experiment.pk}/results/").json()["arms"]
    assert (arms["primary"]["agreement"], arms["canary"]["agreement"]) == (1.0, 0.0)


def test_a_broken_sample_hides_the_results_behind_the_warning(api: APIClient, ledger: Project) -> None:
    experiment = experiment_in(ledger)
    record_observations(experiment, [said(f"lead:{n}", PRIMARY, "relevant") for n in range(40)])
    AbResult.objects.update(created_at=timezone.now() - ON_ITS_WAY)
    place = f"/api/experiments/{experiment.pk}/results/"
    hidden = api.get(place).json()
    assert (hidden["verdict"], hidden["hidden"], hidden["label_mix"]) == ("broken", True, None)
    assert hidden["arms"]["primary"]["shares"] is None
    shown = api.get(place, {"despite_warning": "true"}).json()
    assert (shown["verdict"], shown["hidden"]) == ("broken", False)
    assert shown["label_mix"]["table"]["primary"]["relevant"] == 40
    assert api.get(place, {"despite_warning": "yes"}).status_code == 400


def test_another_projects_experiment_is_not_there(api: APIClient, other_project: Project) -> None:
    foreign = experiment_in(other_project)
    for place in ("", "results/"):
        assert api.get(f"/api/experiments/{foreign.pk}/{place}").status_code == 404
    for act in ("pause", "resume", "stop", "promote", "rollback"):
        assert api.post(f"/api/experiments/{foreign.pk}/{act}/").status_code == 404
    assert Experiment.objects.get().status == ExperimentStatus.ACTIVE


def queries(api: APIClient, place: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert api.get(place, {"project": "ledger"}).status_code == 200
    return len(caught.captured_queries)


def test_lists_ask_no_more_when_there_is_more(api: APIClient, ledger: Project) -> None:
    places = ("/api/experiments/", "/api/models/")

    def more(count: int) -> None:
        for _ in range(count):
            experiment_in(ledger, status=ExperimentStatus.PAUSED)
            number = ModelVersion.objects.count()
            ModelVersionFactory.create(model_id=f"local/{number}", project=ledger if number % 2 else None)

    more(2)
    few = [queries(api, place) for place in places]
    more(30)
    assert [queries(api, place) for place in places] == few


def test_results_take_one_pass_whatever_their_number(api: APIClient, ledger: Project) -> None:
    experiment = experiment_in(ledger)
    place = f"/api/experiments/{experiment.pk}/results/"
    pair(experiment, "lead:0", "relevant", "relevant")
    few = queries(api, place)
    for n in range(1, 40):
        pair(experiment, f"lead:{n}", "relevant", "relevant")
    assert queries(api, place) == few


def test_the_registry_tells_what_is_active_where(api: APIClient, ledger: Project, other_project: Project) -> None:
    own = ModelVersionFactory.create(model_id="local/keyword", project=ledger, metrics={"mcc": 0.4})
    ModelVersionFactory.create(model_id="local/default", is_active=True, training_file="labels.jsonl")
    ModelVersionFactory.create(model_id="local/theirs", project=other_project)

    def states() -> dict[str, tuple[bool, ...]]:
        rows = api.get("/api/models/", {"project": "ledger", "ordering": "model_id"}).json()["results"]
        names = ("active_in_project", "active_for_all", "in_use")
        return {row["model_id"]: tuple(row[name] for name in names) for row in rows}

    assert states() == {"local/default": (False, True, True), "local/keyword": (False, False, False)}
    activated = api.post(f"/api/models/{own.pk}/activate/", {}, "json").json()
    assert (activated["in_use"], activated["metrics"]) == (True, {"mcc": 0.4})
    assert states() == {"local/default": (False, True, False), "local/keyword": (True, False, True)}
    deactivated = api.post(f"/api/models/{own.pk}/deactivate/", {}, "json").json()
    assert deactivated["in_use"] is False
    retired = api.post(f"/api/models/{own.pk}/retire/").json()
    assert retired["retired_at"] is not None
    assert api.post(f"/api/models/{own.pk}/activate/", {}, "json").status_code == 409


def test_an_operator_lets_a_model_for_all_judge_in_the_own_project_only(
    api: APIClient, ledger: Project, superuser_api: APIClient
) -> None:
    shared = ModelVersionFactory.create(model_id="local/keyword")
    place = f"/api/models/{shared.pk}"
    assert api.post(f"{place}/activate/", {}, "json").status_code == 403
    assert api.post(f"{place}/retire/").status_code == 403
    assert api.post(f"{place}/activate/", {"project": "ledger"}, "json").json()["active_in_project"] is True
    shared.refresh_from_db()
    assert not shared.is_active
    assert superuser_api.post(f"{place}/activate/", {"project": None}, "json").json()["active_for_all"] is True
    assert superuser_api.post(f"{place}/deactivate/", {}, "json").json()["active_for_all"] is False


def test_another_projects_model_is_not_there(api: APIClient, other_project: Project) -> None:
    foreign = ModelVersionFactory.create(model_id="local/keyword", project=other_project)
    for act in ("activate", "deactivate", "retire"):
        body = {"project": "ledger"} if act != "retire" else {}
        assert api.post(f"/api/models/{foreign.pk}/{act}/", body, "json").status_code == 404


def test_a_models_own_project_is_not_swapped_for_another(superuser_api: APIClient, ledger: Project) -> None:
    other = ProjectFactory.create(slug="elsewhere")
    own = ModelVersionFactory.create(model_id="local/keyword", project=other)
    refused = superuser_api.post(f"/api/models/{own.pk}/activate/", {"project": "ledger"}, "json")
    assert refused.status_code == 409
    own.refresh_from_db()
    assert not own.is_active


def test_a_model_is_registered_with_its_metrics_and_training_file(api: APIClient) -> None:
    body = {
        "project": "ledger",
        "model_id": "ft:gpt-4o-mini:acme::1",
        "training_file": "labels.jsonl",
        "training_examples": 812,
        "metrics": {"mcc": 0.61},
    }
    made = api.post("/api/models/", body, "json")
    assert made.status_code == 201, made.json()
    stored = ModelVersion.objects.get()
    assert (stored.model_type, stored.provider, stored.training_examples) == (ModelType.JUDGE, "openai", 812)
    assert (stored.training_file, stored.metrics) == ("labels.jsonl", {"mcc": 0.61})
    assert api.post("/api/models/", body, "json").status_code == 409
    assert api.post("/api/models/", {**body, "project": None, "model_id": "local/x"}, "json").status_code == 403
    assert api.post("/api/models/", {**body, "model_id": "two words"}, "json").status_code == 400
