from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from connectors.base import connectors
from leads.models import Draft
from leads.services.review import approve_draft
from signalops_site.core.models import Project, Role
from tests.factories import DraftFactory, ProjectFactory, document, member

from .harbour import Quay, QuayConnector

Approve = Callable[..., Draft]
OPEN = {"max_replies_per_hour": 100, "max_replies_per_day": 100}


@pytest.fixture
def quay(monkeypatch: pytest.MonkeyPatch) -> Quay:
    """The platform `quay`, which takes every reply."""
    connectors.load()
    monkeypatch.setitem(connectors._items, "quay", QuayConnector)
    QuayConnector.quay = Quay()
    return QuayConnector.quay


@pytest.fixture
def project(db: None) -> Project:
    """Without an undo window, and with room for a hundred replies."""
    return configured()


def configured(**changes: Any) -> Project:
    given = {"review": {"undo_seconds": 0}, "rate_limits": OPEN, **changes}
    return ProjectFactory.create(slug="tidewater", document=document(**given))


def configure(project: Project, **changes: Any) -> Project:
    """The project, with these sections in its active configuration."""
    given = {"review": {"undo_seconds": 0}, "rate_limits": OPEN, **changes}
    config = project.active_config
    assert config is not None
    config.document = document(**given).model_dump(mode="json")
    config.save()
    return project


@pytest.fixture
def remy(project: Project) -> User:
    return member(project, Role.REVIEWER)


@pytest.fixture
def approved(project: Project, remy: User, quay: Quay) -> Approve:
    """A draft that Remy approved, to a new author at the quay unless a post is given."""

    def approve(**given: Any) -> Draft:
        at = {} if "lead__post" in given else {"lead__post__platform": "quay"}
        return approve_draft(DraftFactory.create(**{"lead__project": project, **at, **given}), by=remy)

    return approve
