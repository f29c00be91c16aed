"""Checks of what the processes share: database, tables, Redis, cache, clocks. Every wait is short."""

import asyncio
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from signalops_site.core.api.health import missing_tables
from signalops_site.core.secrets import EncryptedJSONField, Sealed, SecretsUnreadable

from .findings import Seen, doubtful, fine, wrong

log = logging.getLogger(__name__)

PATIENCE = 3
"""Seconds to wait for an answer of a server, or for a lock."""
QUICK_CHECK_SECONDS = 5.0
LEAST_BUSY_TIMEOUT = 5
LEAST_POSTGRESQL = 14_00_00
"""What Django 5.2 asks for, as PostgreSQL writes its versions."""
MOST_CONNECTIONS = 0.8
MOST_DRIFT = 2.0
"""Seconds that two clocks may differ: a lease lasts 15."""

MEND_DAMAGED = "Stop all processes, keep a copy of the file, and restore a backup (docs/deployment.md)."
MEND_REDIS = "Start Redis, mend REDIS_URL, or leave it empty: nothing needs it."


@contextmanager
def short_waits() -> Iterator[None]:
    """Connect to a server within seconds, or not at all, for as long as the doctor looks."""
    kept = connection.settings_dict["OPTIONS"]
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"] = {**kept, "connect_timeout": PATIENCE}
    try:
        yield
    finally:
        connection.settings_dict["OPTIONS"] = kept


def unreachable_database() -> Seen | None:
    """Why the database does not answer; None when it does. A SQLite file that is not there is not made here."""
    path = _missing_file()
    if path is not None:
        return wrong(f"There is no database at {path}.", mend="`manage.py migrate` makes it.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return wrong(f"The database does not answer: {_one_line(error)}", mend=_mend_silence(error))
    return None


def _mend_silence(error: DatabaseError) -> str:
    if is_damage(error):
        return MEND_DAMAGED
    if connection.vendor == "sqlite":
        return "Let this user read and write the file and its folder, or mend DATABASE_URL."
    return "Start the database, or mend DATABASE_URL; the server's own log says more."


def is_damage(error: DatabaseError) -> bool:
    """Whether SQLite says that its file is corrupt."""
    return any(said in str(error) for said in ("malformed", "not a database"))


def _missing_file() -> Path | None:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name or name.startswith("file:") or Path(name).exists():
        return None
    return Path(name)


def examine_database() -> Iterator[Seen]:
    yield from _examine_postgresql() if connection.vendor == "postgresql" else _examine_sqlite()


def _examine_sqlite() -> Iterator[Seen]:
    wanted = {"journal_mode": ("wal",), "synchronous": (1, 2), "foreign_keys": (1,)}
    found = {pragma: value_of(f"PRAGMA {pragma}") for pragma in wanted}
    for pragma, values in wanted.items():
        if found[pragma] not in values:
            message = f"SQLite: {pragma} is {found[pragma]}, not {values[0]}."
            yield doubtful(message, mend="Leave the database's options as settings.py has them.")
    yield from examine_sqlite_options(settings.DATABASES["default"].get("OPTIONS", {}))
    yield sqlite_integrity(f"SQLite {sqlite3.sqlite_version}, journal {found['journal_mode']}")


def examine_sqlite_options(options: dict[str, Any]) -> Iterator[Seen]:
    if options.get("transaction_mode") != "IMMEDIATE":
        mend = 'Set "transaction_mode": "IMMEDIATE" in settings.py.'
        yield wrong("SQLite: transactions do not take the write lock when they begin.", mend=mend)
    if options.get("timeout", LEAST_BUSY_TIMEOUT) < LEAST_BUSY_TIMEOUT:
        mend = f'Set "timeout" to {LEAST_BUSY_TIMEOUT} or more in settings.py.'
        yield doubtful(f"SQLite: a second writer gives up after {options['timeout']} s.", mend=mend)


def sqlite_integrity(what: str) -> Seen:
    """A quick check, broken off after some seconds: on a large file it takes minutes."""
    end = time.monotonic() + QUICK_CHECK_SECONDS
    raw = connection.connection
    raw.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        answer = value_of("PRAGMA quick_check(1)")
    except DatabaseError as error:
        if "interrupted" not in str(error):
            return wrong(f"{what}: {_one_line(error)}", mend=MEND_DAMAGED)
        return fine(f"{what}; too large to be checked as a whole in {QUICK_CHECK_SECONDS:.0f} s.")
    finally:
        raw.set_progress_handler(None, 0)
    if answer == "ok":
        return fine(f"{what}; its pages are sound.")
    return wrong(f"{what}: {answer}", mend=MEND_DAMAGED)


def _examine_postgresql() -> Iterator[Seen]:
    number, text = int(value_of("SHOW server_version_num")), value_of("SHOW server_version")
    if number < LEAST_POSTGRESQL:
        yield wrong(f"PostgreSQL is {text}.", mend="Upgrade the server to PostgreSQL 14 or newer.")
    used, most = value_of("SELECT count(*) FROM pg_stat_activity"), int(value_of("SHOW max_connections"))
    if used > most * MOST_CONNECTIONS:
        mend = "Raise the server's max_connections, or lower CONN_MAX_AGE and the number of processes."
        yield doubtful(f"PostgreSQL: {used} of {most} connections are in use.", mend=mend)
    for setting, value in (("timezone", "UTC"), ("server_encoding", "UTF8")):
        if (found := value_of(f"SHOW {setting}")) != value:
            yield doubtful(f"PostgreSQL: {setting} is {found}.", mend=f"Make it {value}.")
    if broken := value_of("SELECT count(*) FROM pg_index WHERE NOT indisvalid"):
        yield doubtful(f"PostgreSQL: {broken} indexes are not valid.", mend="REINDEX DATABASE repairs them.")
    yield fine(f"PostgreSQL {text}, {used} of {most} connections.")


def value_of(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None


def waiting_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def examine_migrations() -> Iterator[Seen]:
    waiting = waiting_migrations()
    if waiting:
        shown = ", ".join(waiting[:3]) + (", ..." if len(waiting) > 3 else "")
        yield wrong(f"{len(waiting)} migrations wait: {shown}", mend="Make a backup, then `manage.py migrate`.")
    elif missing := missing_tables(connection.introspection.table_names()):
        mend = "Stop all processes, and restore a backup (docs/deployment.md): migrations do not make them again."
        yield wrong(f"Tables are missing: {', '.join(missing)}.", mend=mend)
    else:
        yield fine("The tables are those of this release.")


def examine_secrets() -> Iterator[Seen]:
    """Do the keys open what is stored? The newest secrets of each kind are tried, and not shown."""
    secrets_by_table = list(newest_secrets())
    closed = sorted({table for table, secret in secrets_by_table if not _opens(secret)})
    if closed:
        mend = "Bring the old key back, behind a comma in FIELD_ENCRYPTION_KEY, or enter those secrets anew."
        yield wrong(f"FIELD_ENCRYPTION_KEY does not open secrets in {', '.join(closed)}.", mend=mend)
    else:
        yield fine(f"FIELD_ENCRYPTION_KEY opens the secrets that were tried ({len(secrets_by_table)}).")


def newest_secrets() -> Iterator[tuple[str, Sealed]]:
    """(table, secret) from every table that keeps any."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedJSONField):
                kept = model._default_manager.exclude(**{field.attname: None}).order_by("-pk")
                yield from (
                    (model._meta.db_table, secret) for secret in kept.values_list(field.attname, flat=True)[:20]
                )


def _opens(secret: Sealed) -> bool:
    try:
        secret.open()
    except SecretsUnreadable:
        return False
    return True


def examine_redis() -> Iterator[Seen]:
    """The channel layer and the cache, each by a round trip."""
    if not settings.REDIS_URL:
        yield fine("No Redis: live progress polls the database, and each process has a cache of its own.")
        return
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        yield wrong(f"Redis does not answer: {_one_line(error)}", mend=MEND_REDIS)
        return
    yield from examine_channel_layer()


def examine_channel_layer() -> Iterator[Seen]:
    try:
        seconds = async_to_sync(_round_trip)()
    except Exception as error:  # the layer passes on whatever its client raises
        log.debug("the channel layer lost a message", exc_info=True)
        yield wrong(f"The channel layer lost a message: {_one_line(error)}", mend=MEND_REDIS)
    else:
        yield fine(f"A message through the channel layer took {seconds * 1000:.0f} ms.")


async def _round_trip() -> float:
    layer = get_channel_layer()
    if layer is None:
        raise LookupError("there is none")
    started, token = time.perf_counter(), secrets.token_hex(4)
    channel = await layer.new_channel()
    try:
        await layer.send(channel, {"type": "doctor", "token": token})
        answer = await asyncio.wait_for(layer.receive(channel), PATIENCE)
    finally:
        if hasattr(layer, "close_pools"):
            await layer.close_pools()
    if answer.get("token") != token:
        raise LookupError("another message came back")
    return time.perf_counter() - started


def examine_cache() -> Iterator[Seen]:
    if settings.REDIS_URL and not _redis_answers():
        yield doubtful("Not looked at: Redis does not answer.", mend=MEND_REDIS)
        return
    key, value = f"doctor-{secrets.token_hex(4)}", secrets.token_hex(4)
    cache.set(key, value, timeout=10)
    kept = cache.get(key) == value
    cache.delete(key)
    yield fine("The cache keeps what it is given.") if kept else wrong("The cache forgets.", mend=MEND_REDIS)


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def examine_clock() -> Iterator[Seen]:
    """Leases and schedules compare times that different machines wrote."""
    where, there = other_clock()
    drift = there - time.time()
    mend = "Set both clocks by NTP: leases and schedules compare their times."
    if abs(drift) > MOST_DRIFT:
        yield wrong(f"The clock of {where} is {drift:+.1f} s from this machine's.", mend=mend)
    else:
        yield fine(f"The clock of {where} agrees with this machine's.")


def other_clock() -> tuple[str, float]:
    """The database server's clock; for SQLite that of the disk, which may be another machine's."""
    if connection.vendor == "postgresql":
        return "the database server", float(value_of("SELECT extract(epoch FROM clock_timestamp())"))
    with TemporaryFile(dir=settings.DATA_DIR) as file:
        file.write(b"0")
        file.flush()
        return "the data folder's disk", os.fstat(file.fileno()).st_mtime


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
