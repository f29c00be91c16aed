"""Many rows, each with values of its own, written at the driver's speed.

Django's `bulk_create` and `bulk_update` build an expression per row and field, which took most of the time of a
run (docs/performance.md). One prepared statement that the driver runs once per row does the same on every
database. This is the only raw SQL in the project; names of tables and columns are our models' own.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

Field: TypeAlias = "models.Field[Any, Any]"
Prepare = Callable[[Any], Any]

AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.FloatField,
    models.BooleanField,
    models.ForeignKey,
)
"""Columns whose Python values are the driver's: `str`, `int`, `float`, `bool` or None."""


@contextmanager
def fewer_collections() -> Iterator[None]:
    """For work that makes very many short-lived objects and no cycles: Python's collector, which looks for cycles
    after every 700 of them, takes a tenth of its time.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def insert_rows(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert rows of values, in the order of `fields`; foreign keys by their id (`lead_id`).

    Fields that are not named get their default; those that hold the time of creation, the present one.
    """
    connection = connections[router.db_for_write(model)]
    named = [_field(model, name) for name in fields]
    others = [field for field in model._meta.concrete_fields if field not in named and not _is_serial(field)]
    blank = model()
    defaults = [field.get_db_prep_save(field.pre_save(blank, add=True), connection) for field in others]
    columns = ", ".join(_quoted(connection, field) for field in (*named, *others))
    marks = ", ".join(["%s"] * (len(named) + len(others)))
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
    values = [[*row, *defaults] for row in _prepared(named, rows, connection)]
    _execute_many(f"{sql} ON CONFLICT DO NOTHING" if ignore_conflicts else sql, values, connection)


def update_rows(rows: Iterable[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of these (saved) rows of one model. Call inside a transaction."""
    rows = list(rows)
    if rows:
        names = [_field(type(rows[0]), name).attname for name in fields]
        values = ([row.pk, *(getattr(row, name) for name in names)] for row in rows)
        update_values(type(rows[0]), fields, values)


def update_values(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write values into rows of a model: each row is its key, then a value for each of the fields."""
    connection = connections[router.db_for_write(model)]
    columns = [_field(model, name) for name in fields]
    table, key = connection.ops.quote_name(model._meta.db_table), _quoted(connection, _field(model, "pk"))
    assignments = ", ".join(f"{_quoted(connection, column)} = %s" for column in columns)
    keys, values = [], []
    for key_of_row, *of_row in rows:
        keys.append(key_of_row)
        values.append(of_row)
    keyed = [[*of_row, pk] for of_row, pk in zip(_prepared(columns, values, connection), keys, strict=True)]
    _execute_many(f"UPDATE {table} SET {assignments} WHERE {key} = %s", keyed, connection)  # noqa: S608


def _execute_many(sql: str, values: Sequence[Sequence[Any]], connection: BaseDatabaseWrapper) -> None:
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def _prepared(
    columns: Sequence[Field], rows: Iterable[Sequence[Any]], connection: BaseDatabaseWrapper
) -> list[list[Any]]:
    """The rows as the driver wants them; most columns already are."""
    changing = [(index, _prepare(column, connection)) for index, column in enumerate(columns)]
    changing = [(index, prepare) for index, prepare in changing if prepare is not None]
    prepared = [list(row) for row in rows]
    for index, prepare in cast("list[tuple[int, Prepare]]", changing):
        for row in prepared:
            row[index] = prepare(row[index])
    return prepared


def _prepare(field: Field, connection: BaseDatabaseWrapper) -> Prepare | None:
    """How a column's values become the driver's; None when they are."""
    if isinstance(field, AS_THEY_ARE):
        return None
    last: Any = _NOTHING
    made: Any = None

    def prepare(value: Any) -> Any:
        """Rows of a batch often share one object: the moment, or an empty list."""
        nonlocal last, made
        if value is not last:
            last, made = value, field.get_db_prep_save(value, connection)
        return made

    return prepare


_NOTHING = object()


def _is_serial(field: Field) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField)


def _field(model: type[models.Model], name: str) -> Field:
    """A column by its field's name, its own (`lead_id`), or as `pk`."""
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname) or (name == "pk" and field.primary_key):
            return field
    raise TypeError(f"{model.__name__}.{name} is no column of its own table.")


def _quoted(connection: BaseDatabaseWrapper, field: Field) -> str:
    return connection.ops.quote_name(str(field.column))
