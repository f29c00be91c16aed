"""All checks in one list, and the round: what does not answer is a finding, and never ends the round."""

import logging
from collections.abc import Iterable, Iterator

from django.db import DatabaseError

from . import history, install, lookups, models, sending, services, work
from .findings import Check, Finding, Seen

log = logging.getLogger(__name__)

AREAS: dict[str, tuple[Check, ...]] = {
    "install": (
        Check("settings", install.examine_settings),
        Check("secret key", install.examine_secret_key),
        Check("encryption key", install.examine_encryption_key),
        Check("files", install.examine_files),
        Check("versions", install.examine_versions),
        Check("dashboard", install.examine_dashboard),
        Check("disk", install.examine_disk),
    ),
    "services": (
        Check("database", services.examine_database, needs_database=True),
        Check("migrations", services.examine_migrations, needs_database=True),
        Check("redis", services.examine_redis),
        Check("cache", services.examine_cache),
        Check("clock", services.examine_clock, needs_database=True),
        Check("secrets", services.examine_secrets, needs_database=True),
        Check("history", history.examine_history, needs_database=True),
        Check("audit keys", history.examine_audit_keys, needs_database=True),
    ),
    "work": (
        Check("queue", work.examine_queue),
        Check("workers", work.examine_workers, needs_database=True),
        Check("beat", work.examine_beat, needs_database=True),
        Check("tasks", work.examine_waiting_tasks, needs_database=True),
        Check("runs", work.examine_runs, needs_database=True),
        Check("projects", work.examine_projects, needs_database=True),
        Check("deletions", lookups.examine_lookups, needs_database=True),
        Check("sending", sending.examine_sending, needs_database=True),
        Check("outcomes", sending.examine_outcomes, needs_database=True),
        Check("models", work.examine_models),
        Check("language models", models.examine_language_models, needs_database=True),
        Check("tracing", models.examine_tracing),
    ),
}
"""Area -> its checks, in the order in which they are told."""


def examine_everything() -> list[Finding]:
    """Every finding of every check. Reads only; a server that is silent costs some seconds, not minutes."""
    with services.short_waits():
        silent = services.unreachable_database()
        return [
            finding for checks in AREAS.values() for check in checks for finding in _examine(check, silent=silent)
        ]


def _examine(check: Check, *, silent: Seen | None) -> Iterable[Finding]:
    if silent is not None and check.name == "database":
        return [_named(check, silent)]
    if silent is not None and check.needs_database:
        return [Finding("warning", check.name, "Not looked at: there is no database.", "Mend the database first.")]
    return list(_safely(check))


def _safely(check: Check) -> Iterator[Finding]:
    try:
        for seen in check.examine():
            yield _named(check, seen)
    except DatabaseError as error:
        message = f"Could not be looked at: {_one_line(error)}"
        if services.is_damage(error):
            yield Finding("error", check.name, message, services.MEND_DAMAGED)
        else:
            mend = "Bring the tables up to date with `manage.py migrate` first."
            yield Finding("warning", check.name, message, mend)
    except Exception as error:  # one broken part must not hide what the others say
        log.debug("the check of %s broke off", check.name, exc_info=True)
        mend = "Mend what it names; the other findings may say why."
        yield Finding("error", check.name, f"Could not be looked at: {error!r}", mend)


def _named(check: Check, seen: Seen) -> Finding:
    return Finding(seen.level, check.name, seen.message, seen.mend)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
