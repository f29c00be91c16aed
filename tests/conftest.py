"""Shared fixtures: one project, its people, and an API client for each of them."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from signalops_site.core.models import Project, Role

from .factories import ProjectFactory, UserFactory, member


@pytest.fixture
def project(db: None) -> Project:
    return ProjectFactory.create(slug="tidewater")


@pytest.fixture
def other_project(db: None) -> Project:
    """A project in which none of the cast but the superuser has a role."""
    return ProjectFactory.create(slug="elsewhere")


@pytest.fixture
def viewer(project: Project) -> User:
    return member(project, Role.VIEWER)


@pytest.fixture
def reviewer(project: Project) -> User:
    return member(project, Role.REVIEWER)


@pytest.fixture
def operator(project: Project) -> User:
    return member(project, Role.OPERATOR)


@pytest.fixture
def superuser(db: None) -> User:
    return UserFactory.create(username="suri", is_superuser=True, is_staff=True)


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody with an account and no project."""
    return UserFactory.create(username="nils")


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def anonymous_api() -> APIClient:
    return APIClient()


@pytest.fixture
def viewer_api(viewer: User) -> APIClient:
    return signed_in(viewer)


@pytest.fixture
def reviewer_api(reviewer: User) -> APIClient:
    return signed_in(reviewer)


@pytest.fixture
def operator_api(operator: User) -> APIClient:
    return signed_in(operator)


@pytest.fixture
def superuser_api(superuser: User) -> APIClient:
    return signed_in(superuser)


@pytest.fixture
def outsider_api(outsider: User) -> APIClient:
    return signed_in(outsider)
