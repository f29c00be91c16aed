import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from signalops_site.core.access.members import add_member, change_role, remove_member
from signalops_site.core.errors import Conflict, DomainError, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Membership, Project, Role
from tests.factories import UserFactory, member


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_an_operator_adds_changes_and_removes_a_member(
    operator_api: APIClient, operator: User, outsider: User, project: Project
) -> None:
    given = {"project": "tidewater", "username": "nils", "role": "viewer"}
    added = operator_api.post("/api/members/", given, format="json")
    assert added.status_code == 201
    assert {key: added.json()[key] for key in ("username", "name", "role", "is_active")} == {
        "username": "nils",
        "name": "nils",
        "role": "viewer",
        "is_active": True,
    }
    address = f"/api/members/{added.json()['id']}/"
    assert operator_api.patch(address, {"role": "reviewer"}, format="json").json()["role"] == "reviewer"
    listed = operator_api.get("/api/members/?project=tidewater").json()["results"]
    assert [(row["username"], row["role"]) for row in listed] == [("nils", "reviewer"), ("otto", "operator")]
    assert operator_api.delete(address).status_code == 204
    assert not Membership.objects.filter(user=outsider).exists()
    entries = AuditEntry.objects.filter(project=project).order_by("id")
    assert [(entry.action, entry.actor_name, entry.fields["role"]) for entry in entries] == [
        ("member.add", "otto", "viewer"),
        ("member.change", "otto", "reviewer"),
        ("member.remove", "otto", "reviewer"),
    ]
    assert {entry.fields["user"] for entry in entries} == {outsider.pk}


def test_nobody_unknown_closed_or_already_there_is_added(operator: User, viewer: User, project: Project) -> None:
    UserFactory.create(username="cleo", is_active=False)
    for name in ("nobody", "cleo"):
        with pytest.raises(DomainError, match="no active user"):
            add_member(project, username=name, role=Role.VIEWER, by=operator)
    with pytest.raises(Conflict, match="already"):
        add_member(project, username="vera", role=Role.OPERATOR, by=operator)
    assert membership(viewer).role == Role.VIEWER
    assert not AuditEntry.objects.exists()


def test_a_project_keeps_an_operator(operator: User, project: Project) -> None:
    with pytest.raises(Conflict, match="at least one operator"):
        change_role(membership(operator), role=Role.REVIEWER, by=operator)
    with pytest.raises(Conflict, match="at least one operator"):
        remove_member(membership(operator), by=operator)
    pia = member(project, Role.OPERATOR, username="pia")
    User.objects.filter(pk=pia.pk).update(is_active=False)
    with pytest.raises(Conflict, match="at least one operator"):
        remove_member(membership(operator), by=operator)
    User.objects.filter(pk=pia.pk).update(is_active=True)
    assert change_role(membership(operator), role=Role.REVIEWER, by=operator).role == Role.REVIEWER


def test_a_superuser_may_leave_a_project_without_an_operator(operator: User, superuser: User) -> None:
    remove_member(membership(operator), by=superuser)
    assert not Membership.objects.exists()


def test_the_same_role_again_changes_and_records_nothing(operator: User) -> None:
    change_role(membership(operator), role=Role.OPERATOR, by=operator)
    assert not AuditEntry.objects.exists()


def test_services_refuse_whoever_is_no_operator(reviewer: User, outsider: User, project: Project) -> None:
    with pytest.raises(NotAllowed):
        add_member(project, username="nils", role=Role.VIEWER, by=reviewer)
    with pytest.raises(NotFound):
        remove_member(membership(reviewer), by=outsider)


def test_a_member_of_another_project_cannot_be_reached(operator_api: APIClient, other_project: Project) -> None:
    member(other_project, Role.VIEWER, username="ada")
    address = f"/api/members/{Membership.objects.get(user__username='ada').pk}/"
    assert operator_api.patch(address, {"role": "operator"}, format="json").status_code == 404
    assert operator_api.delete(address).status_code == 404
    assert operator_api.get("/api/members/?project=elsewhere").status_code == 404
    assert operator_api.get("/api/members/?project=tide%00water").status_code == 404
