"""Versions of a project's configuration: import, activate, export. Old versions are never changed."""

import hashlib

from django.db import transaction
from django.db.models import Max
from pydantic import ValidationError

from .. import audit
from ..errors import ConfigError, ConfigProblem, NotFound
from ..hooks import Hook
from ..models import Project, ProjectConfigVersion
from .reading import Reading
from .schema import ProjectDocument

config_activated: Hook[[Project, ProjectDocument, audit.Actor], None] = Hook("config_activated")
"""Each app follows what the project's new active version says. Who raises a DomainError refuses the version."""


@transaction.atomic
def import_project(
    reading: Reading, *, by: audit.Actor, activate: bool = False, note: str = ""
) -> tuple[ProjectConfigVersion, bool]:
    """Store a checked project.yaml as a new version; (version, whether it is new).

    The project is made when there is none. A version becomes active when asked for, or when it is the
    project's first. Importing the text of an existing newest version again adds nothing.
    """
    document = reading.require()
    project, made = Project.objects.get_or_create(
        slug=document.project_id, defaults={"name": document.project_name}
    )
    project = Project.objects.select_for_update().get(pk=project.pk)
    version, is_new = _store_version(project, reading, document, by=by, note=note)
    if activate or project.active_config_id is None:
        activate_version(version, by=by)
    if made:
        audit.record("project.create", by=by, project=project, on=project)
    return version, is_new


def _store_version(
    project: Project, reading: Reading, document: ProjectDocument, *, by: audit.Actor, note: str
) -> tuple[ProjectConfigVersion, bool]:
    digest = hashlib.sha256(reading.source.encode()).hexdigest()
    newest = project.config_versions.order_by("-number").first()
    if newest is not None and newest.sha256 == digest:
        return newest, False
    highest = project.config_versions.aggregate(highest=Max("number"))["highest"] or 0
    version = ProjectConfigVersion.objects.create(
        project=project,
        number=highest + 1,
        document=document.model_dump(mode="json"),
        source=reading.source,
        sha256=digest,
        author_id=getattr(by, "pk", None),
        note=note[:300],
    )
    audit.record("config.import", by=by, project=project, on=version, fields={"number": version.number})
    return version, True


@transaction.atomic
def activate_version(version: ProjectConfigVersion, *, by: audit.Actor) -> Project:
    """Make a version the one that the next run uses. DomainError when an app cannot follow it."""
    project = Project.objects.select_for_update().get(pk=version.project_id)
    if project.active_config_id == version.pk:
        return project
    document = document_of(version)
    project.active_config = version
    project.name = document.project_name
    project.description = document.description
    project.product_url = document.product_url
    project.save(update_fields=["active_config", "name", "description", "product_url"])
    config_activated.call(project, document, by)
    audit.record("config.activate", by=by, project=project, on=version, fields={"number": version.number})
    return project


def active_version(project: Project) -> ProjectConfigVersion:
    version = project.active_config
    if version is None:
        raise NotFound(f"Project {project.slug!r} has no active configuration: import one with --activate.")
    return version


def active_document(project: Project) -> ProjectDocument:
    """The project's active configuration, unexpanded."""
    return document_of(active_version(project))


def document_of(version: ProjectConfigVersion) -> ProjectDocument:
    try:
        return ProjectDocument.model_validate(version.document)
    except ValidationError as error:
        message = f"Version {version.number} no longer fits this release: {error.errors()[0]['msg']}"
        raise ConfigError([ConfigProblem("", message)]) from error
