"""PostgreSQL's index forgets the documents of leads that a TRUNCATE takes, as `manage.py flush` does."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from leads.search import backend


def forget(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in backend().FORGET_ALL:
        schema_editor.execute(statement)


def forget_no_more(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in backend().FORGET_ALL_NO_MORE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_ids_of_files")]

    operations = [migrations.RunPython(forget, forget_no_more)]
