"""Posts that are gone at their platform: told apart, and empty. Their leads have a stage of their own."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import leads.models.posts


def keep(_apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """No lead is gone yet."""


def filter_out(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """An earlier release knows no such stage; filtered out, nothing picks them up either."""
    apps.get_model("leads", "Lead").objects.filter(stage="gone").update(stage="filtered")


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0003_search"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="lead",
            name="lead_stage_known",
        ),
        migrations.RunPython(keep, filter_out),
        migrations.AddField(
            model_name="post",
            name="availability",
            field=models.CharField(
                choices=[("live", "Live"), ("gone", "Gone"), ("unknown", "Unknown")], default="live", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="checked_at",
            field=models.DateTimeField(help_text="when its platform was last asked for it", null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="gone_at",
            field=models.DateTimeField(help_text="when it was found to be gone, and was emptied", null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="next_check_at",
            field=models.DateTimeField(
                default=leads.models.posts.first_check, help_text="NULL: not again", null=True
            ),
        ),
        migrations.AlterField(
            model_name="lead",
            name="stage",
            field=models.CharField(
                choices=[
                    ("collected", "Collected"),
                    ("filtered", "Filtered"),
                    ("normalized", "Normalized"),
                    ("judged", "Judged"),
                    ("scored", "Scored"),
                    ("drafted", "Drafted"),
                    ("reviewed", "Reviewed"),
                    ("gone", "Gone"),
                ],
                default="collected",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["platform", "next_check_at"], name="post_to_check"),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        ["collected", "filtered", "normalized", "judged", "scored", "drafted", "reviewed", "gone"],
                    )
                ),
                name="lead_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("availability__in", ["live", "gone", "unknown"])),
                name="post_availability_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("availability", "gone"), _negated=True),
                    models.Q(("gone_at__isnull", False), ("text", "")),
                    _connector="OR",
                ),
                name="post_gone_is_empty",
            ),
        ),
    ]
