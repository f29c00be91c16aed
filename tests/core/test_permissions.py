"""Who sees which project, with which role: people, superusers and keys, by every function that says so."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from signalops_site.core.access.keys import create_key, holder_of
from signalops_site.core.errors import NotAllowed, NotFound
from signalops_site.core.models import KeyHolder, Project, Role
from signalops_site.core.permissions import (
    Person,
    highest_role,
    operated_projects,
    projects_with_roles,
    require_role,
    require_superuser,
    role_in,
    visible_project,
    visible_projects,
)
from tests.factories import member


def key_of(owner: User, role: Role, *projects: Project) -> KeyHolder:
    holder = holder_of(create_key(name="k", role=role, projects=projects, by=owner).key.pk)
    assert holder is not None
    return holder


def seen(person: Person) -> list[str]:
    return list(visible_projects(person).order_by("slug").values_list("slug", flat=True))


def operated(user: User) -> list[str]:
    return list(operated_projects(user).order_by("slug").values_list("slug", flat=True))


def roles(user: User) -> dict[str, str]:
    return {project.slug: str(vars(project)["role"]) for project in projects_with_roles(user)}


@pytest.mark.parametrize("role", list(Role))
def test_a_member_sees_the_own_project_with_the_own_role(
    role: Role, project: Project, other_project: Project
) -> None:
    user = member(project, role)
    assert seen(user) == ["tidewater"]
    assert roles(user) == {"tidewater": role.value}
    assert operated(user) == (["tidewater"] if role is Role.OPERATOR else [])
    assert (role_in(user, project), role_in(user, other_project)) == (role, None)
    assert highest_role(user) is Role.OPERATOR


def test_a_superuser_operates_every_project(superuser: User, project: Project, other_project: Project) -> None:
    both = ["elsewhere", "tidewater"]
    assert seen(superuser) == operated(superuser) == both
    assert roles(superuser) == dict.fromkeys(both, "operator")
    assert role_in(superuser, project) is Role.OPERATOR


def test_a_stranger_and_an_outsider_see_nothing(outsider: User, project: Project) -> None:
    for person in (AnonymousUser(), outsider):
        assert seen(person) == []
        assert role_in(person, project) is None
        with pytest.raises(NotFound):
            require_role(person, project, Role.VIEWER)
    assert roles(outsider) == {}
    assert operated(outsider) == []


@pytest.mark.parametrize("role", list(Role))
def test_a_key_is_the_lower_of_itself_and_its_owner(role: Role, project: Project, other_project: Project) -> None:
    owner = member(project, Role.OPERATOR)
    member(other_project, Role.REVIEWER, username="otto")
    key = key_of(owner, role)
    other = min(role, Role.REVIEWER, key=lambda each: each.rank)
    assert roles(key) == {"tidewater": role.value, "elsewhere": other.value}
    assert (role_in(key, project), role_in(key, other_project)) == (role, other)
    assert operated(key) == (["tidewater"] if role is Role.OPERATOR else [])
    assert highest_role(key) is role


def test_a_key_for_one_project_reaches_no_other(project: Project, other_project: Project) -> None:
    owner = member(project, Role.OPERATOR)
    member(other_project, Role.OPERATOR, username="otto")
    key = key_of(owner, Role.OPERATOR, project)
    assert seen(key) == operated(key) == ["tidewater"]
    assert roles(key) == {"tidewater": "operator"}
    assert role_in(key, other_project) is None


def test_a_superusers_key_sees_what_it_is_made_for_and_is_no_superuser(
    superuser: User, project: Project, other_project: Project
) -> None:
    everywhere, here = key_of(superuser, Role.REVIEWER), key_of(superuser, Role.OPERATOR, project)
    assert roles(everywhere) == {"elsewhere": "reviewer", "tidewater": "reviewer"}
    assert operated(everywhere) == []
    assert roles(here) == {"tidewater": "operator"}
    assert (role_in(here, project), role_in(here, other_project)) == (Role.OPERATOR, None)
    for person in (everywhere, here):
        with pytest.raises(NotAllowed, match="takes a superuser"):
            require_superuser(person)


def test_what_reaches_across_projects_takes_a_superuser(superuser: User, operator: User) -> None:
    require_superuser(superuser)
    for person in (operator, AnonymousUser()):
        with pytest.raises(NotAllowed, match="takes a superuser"):
            require_superuser(person)


@pytest.mark.parametrize("held", list(Role))
@pytest.mark.parametrize("needed", list(Role))
def test_a_role_may_what_those_below_it_may(held: Role, needed: Role, project: Project) -> None:
    user = member(project, held)
    if held.rank >= needed.rank:
        require_role(user, project, needed)
        assert visible_project(user, "tidewater", role=needed) == project
        return
    said = f"takes the role of {needed.label.lower()}; yours is {held.label.lower()}"
    with pytest.raises(NotAllowed, match=said):
        require_role(user, project, needed)
    with pytest.raises(NotAllowed, match=said):
        visible_project(user, "tidewater", role=needed)


def test_a_project_is_looked_at_by_viewers_unless_more_is_asked(viewer: User, project: Project) -> None:
    assert visible_project(viewer, "tidewater") == project


@pytest.mark.parametrize("slug", ["elsewhere", "nowhere", "", "tide\0water"])
def test_a_foreign_project_and_none_are_told_apart_by_nobody(
    slug: str, viewer: User, other_project: Project
) -> None:
    with pytest.raises(NotFound, match="no such project, or it is not yours to see"):
        visible_project(viewer, slug)
