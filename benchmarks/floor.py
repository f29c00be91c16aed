"""The floor of this machine: the rows that a stage wrote, written again by the bare driver.

The same values go into an empty copy of the same tables, with the same indexes, in the same batches, each in one
transaction; nothing is read, computed or checked. No program that stores these rows can be quicker.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection

BATCH = 500
Row = Sequence[Any]

INSERTED = {
    "normalize": ("leads_fingerprint",),
    "import": ("leads_author", "leads_post", "leads_rawpost", "leads_lead", "leads_leadquery"),
    "judge": ("leads_judgment",),
    "score": ("leads_score", "scoring_plugin_results"),
    "notify": ("leads_notificationlog",),
    "draft": ("leads_draft",),
}
UPDATED: dict[str, dict[str, tuple[str, ...]]] = {
    "normalize": {
        "leads_post": ("clean_text", "language", "near_duplicate_key"),
        "leads_lead": ("stage", "filter_reason", "copy_of_id"),
    },
    "judge": {"leads_lead": ("stage", "label", "confidence")},
    "score": {"leads_lead": ("score", "scored_at", "stage", "weighed_for_draft")},
}
"""What each stage writes: the tables that it fills, and the columns that it changes."""
WRITTEN = ("import", "normalize", "judge", "score", "notify", "draft")


def floor_seconds(folder: Path) -> dict[str, float]:
    """Stage -> seconds for its rows. On SQLite only: elsewhere the network and the server's disk come in."""
    if connection.vendor != "sqlite":
        return {}
    source = connection.cursor().connection
    bare = _empty_copy(source, folder / "floor.sqlite3")
    try:
        return {stage: _write(source, bare, stage) for stage in WRITTEN}
    finally:
        bare.close()


def _empty_copy(source: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    bare = sqlite3.connect(path, isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;")
    schema = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
    for (sql,) in source.execute(f"{schema} AND name NOT LIKE 'leads_search%'"):
        bare.execute(sql)
    return bare


def _write(source: sqlite3.Connection, bare: sqlite3.Connection, stage: str) -> float:
    """Seconds in the driver; reading the rows is not counted."""
    seconds = 0.0
    for table in INSERTED.get(stage, ()):
        columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
        marks = ", ".join("?" * len(columns))
        seconds += _timed(bare, f"INSERT INTO {table} VALUES ({marks})", _rows(source, table, columns))  # noqa: S608
    for table, changed in UPDATED.get(stage, {}).items():
        changes = ", ".join(f"{column} = ?" for column in changed)
        rows = _rows(source, table, [*changed, "id"])
        seconds += _timed(bare, f"UPDATE {table} SET {changes} WHERE id = ?", rows)  # noqa: S608
    return seconds


def _rows(source: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[Row]:
    return iter(source.execute(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608


def _timed(bare: sqlite3.Connection, sql: str, rows: Iterable[Row]) -> float:
    seconds, rows = 0.0, iter(rows)
    while batch := list(islice(rows, BATCH)):
        began = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany(sql, batch)
        bare.execute("COMMIT")
        seconds += time.perf_counter() - began
    return seconds
