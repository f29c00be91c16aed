"""The full-text index, filled with the leads that are there."""

from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from leads.search import backend
from leads.search.words import document_of

BATCH = 500


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in backend().CREATE:
        schema_editor.execute(statement)
    for batch in _batches(apps.get_model("leads", "Lead")):
        backend().write([(pk, project, document_of(*texts)) for pk, project, *texts in batch])


def _batches(lead_model: Any) -> Iterator[list[tuple[Any, ...]]]:
    rows = lead_model.objects.order_by("pk").values_list(
        "pk", "project_id", "post__text", "post__author__handle", "post__author__name", "note"
    )
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1][0]


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in backend().DROP:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_lead_notes_and_lighter_indexes")]

    operations = [migrations.RunPython(create, drop)]
