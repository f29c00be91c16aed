from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BUILT_IN = (("local/default", "judge"), ("local/template", "drafter"))


def take_back_retirements(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What works where nothing is chosen could be retired, and nothing brought it back."""
    registry = apps.get_model("experiments", "ModelVersion")
    for model_id, model_type in BUILT_IN:
        registry.objects.filter(model_id=model_id, model_type=model_type).update(retired_at=None)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0003_experiments")]

    operations = [
        migrations.AlterField(
            model_name="modelversion",
            name="model_id",
            field=models.CharField(max_length=256),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("project__isnull", False)),
                fields=("model_id", "model_type", "project"),
                name="model_one_entry_per_project_and_type",
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("project__isnull", True)),
                fields=("model_id", "model_type"),
                name="model_one_global_entry_per_type",
            ),
        ),
        migrations.RunPython(take_back_retirements, migrations.RunPython.noop, elidable=True),
    ]
