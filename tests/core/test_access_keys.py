from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from signalops_site.core.access.keys import (
    IssuedKey,
    create_key,
    digest_of,
    holder_of,
    holder_with,
    keys_seen_by,
    revoke_key,
)
from signalops_site.core.erasing import ErasureRequest, preview_erasure
from signalops_site.core.errors import DomainError, NotAllowed, NotFound
from signalops_site.core.models import ApiKey, AuditEntry, KeyHolder, Membership, Project, Role
from signalops_site.core.permissions import operated_projects, role_in, visible_projects
from tests.factories import LeadFactory, ProjectFactory, member


def made(by: User, *projects: Project, role: Role = Role.OPERATOR, **given: Any) -> IssuedKey:
    return create_key(name="Nightly export", role=role, projects=projects, by=by, **given)


def asking_with(issued: IssuedKey, client: APIClient | None = None) -> APIClient:
    client = client or APIClient()
    client.credentials(HTTP_X_API_KEY=issued.text)
    return client


def acting(issued: IssuedKey) -> KeyHolder:
    holder = holder_with(issued.text)
    assert holder is not None
    return holder


def test_a_key_is_shown_once_and_kept_as_a_digest(operator_api: APIClient, project: Project) -> None:
    given = {"name": "Nightly export", "role": "viewer", "projects": ["tidewater"]}
    response = operator_api.post("/api/keys/", given, format="json")
    content = response.json()
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert content["key"].startswith(f"{content['api_key']['prefix']}_")
    assert len(content["key"]) >= len(content["api_key"]["prefix"]) + 43
    listed = operator_api.get("/api/keys/")
    assert content["key"] not in listed.content.decode()
    assert listed.json()["results"] == [content["api_key"]]
    key = ApiKey.objects.get()
    assert key.digest == digest_of(content["key"])
    assert key.digest not in response.content.decode() + listed.content.decode()
    assert content["key"] not in str(ApiKey.objects.values().get())


def test_a_key_says_who_made_it_for_what_and_when_it_was_used(operator: User, project: Project) -> None:
    issued = made(operator, project, role=Role.VIEWER, expires_at=timezone.now() + timedelta(days=1))
    assert asking_with(issued).get("/api/me/").status_code == 200
    api = APIClient()
    api.force_login(operator)
    (row,) = api.get("/api/keys/").json()["results"]
    assert (row["owner"], row["role"], row["projects"], row["all_projects"]) == (
        "otto",
        "viewer",
        ["tidewater"],
        False,
    )
    assert row["last_used_at"] is not None
    assert row["revoked_at"] is None


def test_a_use_is_noted_at_most_once_a_minute(operator: User) -> None:
    issued = made(operator)
    acting(issued)
    first = ApiKey.objects.get().last_used_at
    acting(issued)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    acting(issued)
    later = ApiKey.objects.get().last_used_at
    assert first is not None
    assert later is not None
    assert later > first


def test_a_key_is_never_more_than_its_owner_is_now(operator: User, project: Project) -> None:
    issued = made(operator, project)
    assert role_in(acting(issued), project) == Role.OPERATOR
    Membership.objects.update(role=Role.VIEWER)
    assert role_in(acting(issued), project) == Role.VIEWER
    Membership.objects.all().delete()
    assert role_in(acting(issued), project) is None
    assert not visible_projects(acting(issued)).exists()
    User.objects.update(is_active=False)
    assert holder_with(issued.text) is None


def test_an_owner_is_never_lowered_by_a_key_but_the_key_is(operator: User, project: Project) -> None:
    issued = made(operator, project, role=Role.REVIEWER)
    assert role_in(acting(issued), project) == Role.REVIEWER
    assert role_in(operator, project) == Role.OPERATOR
    assert not operated_projects(acting(issued)).exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.OPERATOR])
def test_the_list_of_projects_says_what_the_key_may_there(role: Role, operator: User, project: Project) -> None:
    projects = asking_with(made(operator, project, role=role)).get("/api/me/").json()["projects"]
    assert [(row["slug"], row["role"]) for row in projects] == [("tidewater", role.value)]


def test_a_superusers_key_is_no_superuser(superuser: User, project: Project, other_project: Project) -> None:
    everywhere, here = acting(made(superuser)), acting(made(superuser, project, role=Role.VIEWER))
    assert not everywhere.is_superuser
    assert not everywhere.is_staff
    assert set(visible_projects(everywhere)) == {project, other_project}
    assert list(visible_projects(here)) == [project]
    assert (role_in(here, project), role_in(here, other_project)) == (Role.VIEWER, None)
    with pytest.raises(NotAllowed):
        preview_erasure(ErasureRequest("sample", handle="ada"), by=everywhere)
    superuser.refresh_from_db()
    assert superuser.is_superuser


def test_what_a_key_withholds_cannot_reach_the_account(superuser: User) -> None:
    holder = acting(made(superuser))
    for act in (holder.save, holder.delete, holder.refresh_from_db):
        with pytest.raises(NotAllowed):
            act()
    superuser.refresh_from_db()
    assert superuser.is_superuser


def test_a_key_of_a_deleted_project_does_not_widen(superuser: User, project: Project) -> None:
    for_nothing = ProjectFactory.create(slug="fleeting")
    issued = made(superuser, for_nothing)
    for_nothing.active_config = None
    for_nothing.save()
    Project.objects.filter(pk=for_nothing.pk).update(active_config=None)
    AuditEntry.objects.filter(project=for_nothing).delete()
    for_nothing.delete()
    assert ApiKey.objects.get().projects.count() == 0
    assert not visible_projects(acting(issued)).exists()


def test_ended_and_made_up_keys_open_nothing(operator: User, project: Project) -> None:
    expired, revoked = made(operator), made(operator)
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now())
    revoke_key(revoked.key, by=operator)
    for text in (expired.text, revoked.text, "so_00000000_nothing", "", "x" * 5000, made(operator).text[:-1]):
        response = APIClient(HTTP_X_API_KEY=text).get("/api/me/")
        assert response.status_code == 401, text
        assert response.json()["detail"] == "The API key is not known, has expired or was revoked."
    assert holder_of(expired.key.pk) is None
    assert holder_of(revoked.key.pk) is None


def test_a_header_that_does_not_hold_is_refused_beside_a_session(operator_api: APIClient, operator: User) -> None:
    issued = made(operator, role=Role.VIEWER)
    assert asking_with(issued, operator_api).get("/api/me/").json()["projects"][0]["role"] == "viewer"
    operator_api.credentials(HTTP_X_API_KEY="so_00000000_nothing")
    assert operator_api.get("/api/me/").status_code == 401


def test_a_key_needs_no_csrf_token_and_a_session_beside_it_does_not_help(reviewer: User, operator: User) -> None:
    lead = LeadFactory.create(project=Project.objects.get())
    strict = APIClient(enforce_csrf_checks=True)
    strict.force_login(reviewer)
    address, given = f"/api/leads/{lead.pk}/label/", {"label": "relevant"}
    assert strict.post(address, given, format="json").status_code == 403
    assert asking_with(made(operator), strict).post(address, given, format="json").status_code == 200


def test_the_audit_log_says_which_key_acted(operator: User, project: Project) -> None:
    issued, lead = made(operator, project), LeadFactory.create(project=project)
    response = asking_with(issued).post(f"/api/leads/{lead.pk}/label/", {"label": "relevant"}, format="json")
    assert response.status_code == 200
    entry = AuditEntry.objects.get(action="lead.label")
    assert (entry.actor_id, entry.actor_name) == (operator.pk, f"otto (key so_{issued.key.prefix})")


def test_making_and_revoking_is_in_the_log_of_each_project(operator: User, project: Project) -> None:
    other = ProjectFactory.create(slug="elsewhere")
    member(other, Role.OPERATOR, username="otto")
    issued = made(operator, project, other)
    revoke_key(issued.key, by=operator)
    revoke_key(issued.key, by=operator)
    entries = AuditEntry.objects.filter(target_type="core.apikey").order_by("id")
    assert [(entry.action, entry.project_id) for entry in entries] == [
        ("key.create", project.pk),
        ("key.create", other.pk),
        ("key.revoke", project.pk),
        ("key.revoke", other.pk),
    ]
    assert all(issued.text not in str(entry.fields) for entry in entries)


def test_only_operators_make_keys_and_only_for_what_they_operate(
    reviewer: User, operator: User, other_project: Project
) -> None:
    with pytest.raises(NotAllowed):
        made(reviewer)
    with pytest.raises(NotFound):
        made(operator, other_project)
    with pytest.raises(NotAllowed):
        made(acting(made(operator)))
    member(other_project, Role.REVIEWER, username="otto")
    with pytest.raises(NotAllowed):
        made(operator, other_project)


def test_a_key_must_expire_in_the_future(operator_api: APIClient) -> None:
    given = {"name": "Late", "role": "viewer", "projects": [], "expires_at": "2020-01-01T00:00:00Z"}
    response = operator_api.post("/api/keys/", given, format="json")
    assert response.status_code == 400
    assert "future" in response.json()["detail"]
    assert not ApiKey.objects.exists()


def test_operators_see_and_end_the_keys_of_their_project_only(
    operator: User, project: Project, other_project: Project, superuser: User
) -> None:
    pia = member(project, Role.OPERATOR, username="pia")
    here, everywhere, abroad = made(pia, project), made(pia), made(superuser, other_project)
    both = made(superuser, project, other_project)
    assert set(keys_seen_by(operator)) == {here.key, both.key}
    assert set(keys_seen_by(superuser)) == {here.key, everywhere.key, abroad.key, both.key}
    with pytest.raises(NotAllowed):
        revoke_key(both.key, by=operator)
    with pytest.raises(NotAllowed):
        revoke_key(everywhere.key, by=operator)
    assert revoke_key(here.key, by=operator).revoked_at is not None


def test_one_who_is_an_operator_no_more_can_still_end_their_own_key(operator: User) -> None:
    issued = made(operator)
    Membership.objects.all().delete()
    api = APIClient()
    api.force_login(operator)
    assert api.delete(f"/api/keys/{issued.key.pk}/").status_code == 204
    assert api.get("/api/keys/").json()["results"][0]["revoked_at"] is not None


def test_a_key_without_a_name_or_with_an_unknown_role_is_not_made(operator_api: APIClient) -> None:
    for given in (
        {"role": "viewer"},
        {"name": "x", "role": "superuser"},
        {"name": "x", "role": "viewer", "projects": 3},
    ):
        assert operator_api.post("/api/keys/", given, format="json").status_code == 400
    with pytest.raises(DomainError):
        made(User.objects.get(username="otto"), expires_at=timezone.now())


def test_the_list_names_no_project_that_the_reader_does_not_see(
    operator_api: APIClient, superuser: User, project: Project, other_project: Project
) -> None:
    made(superuser, project, other_project)

    (key,) = operator_api.get("/api/keys/").json()["results"]

    assert key["projects"] == ["tidewater"]


def test_a_key_lets_nobody_in(operator: User, project: Project, outsider: User) -> None:
    client = asking_with(made(operator, project))
    given = {"project": "tidewater", "username": outsider.username, "role": "operator"}

    assert client.post("/api/members/", given, format="json").status_code == 403
    assert not Membership.objects.filter(user=outsider).exists()
