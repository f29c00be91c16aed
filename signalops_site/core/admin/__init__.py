"""The admin of projects, runs, model calls, access, audit, and what the other apps' admin pages are built of."""

from . import access, audit, budgets, jobs, llm, pauses, projects, runs

__all__ = ["access", "audit", "budgets", "jobs", "llm", "pauses", "projects", "runs"]
