"""Every button of the admin calls its service, and says what came of it in the service's own words."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from experiments.models import ModelVersion
from leads.models import Lead, RunSchedule
from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.versions import import_project
from signalops_site.core.models import (
    ApiKey,
    AuditEntry,
    Membership,
    Project,
    ProjectConfigVersion,
    Role,
    Run,
    RunStatus,
)
from tests.factories import LeadFactory, ModelVersionFactory, UserFactory, document, member


@pytest.fixture
def suri(superuser: User, client: Client) -> Client:
    client.force_login(superuser)
    return client


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def press(client: Client, row: Model, action: str, values: Mapping[str, Any] | None = None) -> str:
    """Press a button of the row's page; the last message that it leaves."""
    response = client.post(address(type(row), "act", row.pk, action), dict(values or {}))
    assert response.status_code == 302
    messages = [str(each) for each in get_messages(response.wsgi_request)]
    return messages[-1]


def offered(client: Client, row: Model) -> set[str]:
    page = client.get(address(type(row), "change", row.pk))
    return {each.action.name for each in page.context["offered_actions"]}


def new_run(project: Project, **values: Any) -> Run:
    return Run.objects.create(
        project=project, trigger="api", config_version=project.config_versions.latest("pk"), **values
    )


def test_a_queued_run_is_cancelled(suri: Client, project: Project, superuser: User) -> None:
    run = new_run(project)
    assert offered(suri, run) == {"cancel"}
    assert press(suri, run, "cancel") == f"Run {run.pk} is cancelled."
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert AuditEntry.objects.get(action="run.cancel").actor_id == superuser.pk
    assert "ended already" in press(suri, run, "cancel")


def test_a_failed_run_is_started_again(suri: Client, project: Project) -> None:
    run = new_run(project, status=RunStatus.FAILED, options={"stages": ["judge"]})
    lead = LeadFactory.create(project=project, error="broke", error_stage="judge", attempts=5)
    assert offered(suri, run) == {"retry"}
    message = press(suri, run, "retry")
    again = Run.objects.exclude(pk=run.pk).get()
    assert message == f"Run {again.pk} does it again."
    assert again.options == run.options
    assert Lead.objects.get(pk=lead.pk).attempts == 0


def test_a_run_is_started_and_queued_for_a_worker(suri: Client, project: Project, superuser: User) -> None:
    page = address(Run, "add")
    assert suri.get(page, {"project": project.pk}).status_code == 200
    response = suri.post(page, {"project": project.pk, "stages": ["score", "judge"], "limit": "10"})
    run = Run.objects.get()
    assert response["Location"] == address(Run, "change", run.pk)
    assert (run.trigger, run.requested_by_id) == ("admin", superuser.pk)
    assert run.options == {"stages": ["judge", "score"], "limit": 10}
    assert OrmQ.objects.count() == 1
    refused = suri.post(page, {"project": project.pk})
    assert refused.status_code == 200
    assert "is queued and waits for a worker" in refused.content.decode()
    assert "go together" in suri.post(page, {"project": project.pk, "refresh": "judge"}).content.decode()


def test_a_version_of_the_configuration_is_activated(suri: Client, project: Project) -> None:
    reading = read_project(dump_yaml(document(project_name="Tidewater Two").model_dump(mode="json")))
    version, _ = import_project(reading, by="test")
    assert offered(suri, version) == {"activate"}
    assert press(suri, version, "activate") == f"The next run of tidewater uses version {version.number}."
    project.refresh_from_db()
    assert project.active_config_id == version.pk
    assert offered(suri, version) == set()
    assert (
        "project_name: Tidewater Two"
        in suri.get(address(ProjectConfigVersion, "change", version.pk)).content.decode()
    )


def test_a_model_is_registered_activated_deactivated_and_retired(suri: Client, project: Project) -> None:
    form = {"model_id": "local/keyword", "model_type": "judge", "metrics": '{"mcc": 0.4}'}
    suri.post(address(ModelVersion, "add"), form)
    model = ModelVersion.objects.get()
    assert model.metrics == {"mcc": 0.4}
    assert offered(suri, model) == {"activate", "deactivate", "retire"}
    assert "The next run uses it." in press(suri, model, "activate")
    assert ModelVersion.objects.get().is_active
    assert "deactivate it first" in press(suri, model, "retire")
    assert "not active any more" in press(suri, model, "deactivate")
    assert press(suri, model, "retire") == "local/keyword is retired."
    assert offered(suri, model) == set()
    assert "is retired" in press(suri, model, "activate")
    again = suri.post(address(ModelVersion, "add"), form)
    assert "registered already" in again.content.decode()


def test_activating_for_a_project_writes_a_new_version_of_its_configuration(
    suri: Client, project: Project
) -> None:
    model = ModelVersionFactory.create(model_id="local/keyword")
    assert "active for tidewater" in press(suri, model, "activate", {"project": project.pk})
    project.refresh_from_db()
    assert project.active_config is not None
    assert project.active_config.document["llm"]["judge_model"] == "local/keyword"
    page = suri.get(address(ModelVersion, "change", model.pk)).content.decode()
    assert f'href="{address(Project, "change", project.pk)}"' in page


def test_a_model_that_nothing_can_run_is_refused(suri: Client, db: None) -> None:
    model = ModelVersionFactory.create(model_id="nobody-s/large", provider="nobody-s")
    assert press(suri, model, "activate").startswith("nobody-s/large: no provider is known by that name")
    assert not ModelVersion.objects.get().is_active


@pytest.mark.parametrize("metrics", ["[1]", "{"])
def test_metrics_are_a_json_object(metrics: str, suri: Client) -> None:
    suri.post(address(ModelVersion, "add"), {"model_id": "local/x", "model_type": "judge", "metrics": metrics})
    assert not ModelVersion.objects.exists()


def test_a_member_is_added_given_another_role_and_removed(suri: Client, project: Project) -> None:
    UserFactory.create(username="nora")
    suri.post(address(Membership, "add"), {"project": project.pk, "username": "nora", "role": "viewer"})
    membership = Membership.objects.get()
    assert press(suri, membership, "role", {"role": "operator"}) == "nora is operator of tidewater now."
    assert "role:" in press(suri, membership, "role", {"role": "emperor"})
    assert press(suri, membership, "remove") == "nora is no member of tidewater any more."
    assert not Membership.objects.exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"member.add", "member.change", "member.remove"} <= actions
    missing = suri.post(
        address(Membership, "add"), {"project": project.pk, "username": "nobody", "role": "viewer"}
    )
    assert "There is no active user" in missing.content.decode()


def test_a_key_is_shown_once_and_revoked(suri: Client, project: Project, superuser: User) -> None:
    made = suri.post(address(ApiKey, "add"), {"name": "bot", "role": "viewer", "projects": [project.pk]})
    key = ApiKey.objects.get()
    assert key.owner_id == superuser.pk
    assert f"so_{key.prefix}_" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert f"so_{key.prefix}_" not in suri.get(address(ApiKey, "change", key.pk)).content.decode()
    assert press(suri, key, "revoke") == f"so_{key.prefix} opens nothing any more."
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert offered(suri, key) == set()


def test_a_key_that_would_have_expired_already_is_refused(suri: Client, project: Project) -> None:
    form = {"name": "bot", "role": "viewer", "projects": [project.pk], "expires_at": "2020-01-01T00:00"}
    assert "must expire in the future" in suri.post(address(ApiKey, "add"), form).content.decode()
    assert not ApiKey.objects.exists()


def test_a_button_takes_a_post_with_a_token(superuser: User, project: Project) -> None:
    run = new_run(project)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(superuser)
    url = address(Run, "act", run.pk, "cancel")
    assert strict.get(url).status_code == 405
    assert strict.post(url).status_code == 403
    run.refresh_from_db()
    assert run.cancel_requested_at is None


def test_an_unknown_button_or_row_is_none(suri: Client, project: Project) -> None:
    run = new_run(project)
    assert suri.post(address(Run, "act", run.pk, "explode")).status_code == 403
    assert suri.post(address(Run, "act", 999_999, "cancel")).status_code == 404
    assert suri.post(address(Run, "act", "x", "cancel")).status_code == 404


def test_an_operator_presses_no_button(client: Client, project: Project) -> None:
    client.force_login(member(project, Role.OPERATOR))
    model = ModelVersionFactory.create(model_id="local/keyword")
    assert client.post(address(ModelVersion, "act", model.pk, "activate")).status_code == 302
    assert not ModelVersion.objects.get().is_active


def test_the_last_superuser_stays_one(suri: Client, superuser: User) -> None:
    page = f"/admin/auth/user/{superuser.pk}/change/"
    answer = suri.post(page, {"username": superuser.username, "is_active": "on"})

    superuser.refresh_from_db()
    assert "last superuser" in answer.content.decode()
    assert superuser.is_superuser


def test_the_audit_log_tells_a_grant_from_a_withdrawal(suri: Client, superuser: User, operator: User) -> None:
    page = f"/admin/auth/user/{operator.pk}/change/"
    suri.post(page, {"username": operator.username, "is_active": "on", "is_superuser": "on"})
    suri.post(page, {"username": operator.username, "is_active": "on"})

    entries = AuditEntry.objects.filter(action="user.change").order_by("sequence")
    assert [entry.fields["is_superuser"] for entry in entries] == [True, False]


def test_a_schedule_is_added_paused_resumed_changed_and_removed(
    suri: Client, project: Project, superuser: User
) -> None:
    page = address(RunSchedule, "add")
    assert suri.get(page, {"project": project.pk}).status_code == 200
    form = {"project": project.pk, "label": "hourly", "every_minutes": "60", "stages": ["judge"], "limit": "10"}
    response = suri.post(page, form)
    schedule = RunSchedule.objects.get()
    assert response["Location"] == address(RunSchedule, "change", schedule.pk)
    assert (schedule.every_minutes, schedule.options) == (60, {"stages": ["judge"], "limit": 10})
    assert "a schedule &#x27;hourly&#x27; already" in suri.post(page, form).content.decode()
    assert "not both" in suri.post(page, {**form, "label": "x", "cron": "* * * * *"}).content.decode()

    assert offered(suri, schedule) == {"pause", "change", "remove"}
    assert press(suri, schedule, "pause") == "hourly of tidewater is paused."
    assert RunSchedule.objects.get().paused_by == superuser
    assert offered(suri, schedule) == {"resume", "change", "remove"}
    assert press(suri, schedule, "resume").startswith("hourly of tidewater runs again at ")
    assert (
        press(suri, schedule, "change", {"every_minutes": "5"}) == "hourly of tidewater runs every 5 minutes now."
    )
    assert "Write five fields" in press(suri, schedule, "change", {"cron": "x"})
    assert press(suri, schedule, "remove") == "hourly of tidewater is removed."
    assert RunSchedule.objects.count() == 0
