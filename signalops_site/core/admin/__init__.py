"""The admin of projects, runs, access and the audit log, and what the other apps' admin pages are built of."""

from . import access, audit, budgets, jobs, projects, runs

__all__ = ["access", "audit", "budgets", "jobs", "projects", "runs"]
