"""What every other app stands on: projects and who may see them, runs and their events, the audit log."""

from .audit import AuditEntry, AuditHead
from .projects import Membership, Project, ProjectConfigVersion, Role
from .runs import EventSequence, Run, RunEvent, RunStatus

__all__ = [
    "AuditEntry",
    "AuditHead",
    "EventSequence",
    "Membership",
    "Project",
    "ProjectConfigVersion",
    "Role",
    "Run",
    "RunEvent",
    "RunStatus",
]
