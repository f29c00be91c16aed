"""What every other app stands on: projects, their people, runs and events, the audit log, calls to models."""

from .access import ApiKey, KeyHolder, TokenFamily
from .audit import AuditEntry, AuditHead
from .budgets import BudgetMonth, BudgetReservation, BudgetUnit
from .jobs import BeatJob, WorkerCluster
from .llm import LlmCall, LlmCallStatus
from .pauses import Pause
from .projects import Membership, Project, ProjectConfigVersion, Role
from .runs import EventSequence, Run, RunEvent, RunStatus

__all__ = [
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "BeatJob",
    "BudgetMonth",
    "BudgetReservation",
    "BudgetUnit",
    "EventSequence",
    "KeyHolder",
    "LlmCall",
    "LlmCallStatus",
    "Membership",
    "Pause",
    "Project",
    "ProjectConfigVersion",
    "Role",
    "Run",
    "RunEvent",
    "RunStatus",
    "TokenFamily",
    "WorkerCluster",
]
