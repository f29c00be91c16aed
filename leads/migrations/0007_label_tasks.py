"""What people are asked about blindly, and which result of an experiment a judgment counts as."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_budget_months"),
        ("experiments", "0003_experiments"),
        ("leads", "0006_copies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discordant", "One arm of an experiment finds it relevant, the other does not"),
                            ("random", "Drawn from all that was judged"),
                            ("missed", "Drawn from what was judged irrelevant"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "sampling_probability",
                    models.FloatField(help_text="how likely the lead was to be drawn for this reason"),
                ),
                (
                    "place",
                    models.BigIntegerField(
                        help_text="in the line: a hash of the lead, so that neither age nor score counts"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("leased_until", models.DateTimeField(null=True)),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        choices=[("relevant", "Relevant"), ("maybe", "Maybe"), ("irrelevant", "Irrelevant")],
                        max_length=16,
                    ),
                ),
                (
                    "role_rank",
                    models.PositiveSmallIntegerField(default=0, help_text="of the user's role when answering"),
                ),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="humanlabel",
            name="sampling_probability",
            field=models.FloatField(
                help_text="how likely the lead was to be asked about; NULL: nobody drew it", null=True
            ),
        ),
        migrations.AddField(
            model_name="judgment",
            name="ab_result",
            field=models.ForeignKey(
                db_index=False,
                help_text="what it counts as in the latest experiment that it was made or used in",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="experiments.abresult",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("approve", "Approve"),
                    ("edit", "Edit"),
                    ("reject", "Reject"),
                    ("label", "Label"),
                    ("blind", "Blind"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="humanlabel",
            name="source",
            field=models.CharField(
                choices=[
                    ("correction", "Correction"),
                    ("review", "Review"),
                    ("blind_audit", "Blind Audit"),
                    ("missed_sample", "Missed Sample"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(("ab_result__isnull", False)),
                fields=["ab_result"],
                name="judgment_by_ab_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="humanlabel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sampling_probability__isnull", True),
                    models.Q(("sampling_probability__gt", 0), ("sampling_probability__lte", 1)),
                    _connector="OR",
                ),
                name="human_label_sampling_within_0_and_1",
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="decision",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="label_tasks",
                to="leads.decision",
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="experiment",
            field=models.ForeignKey(
                help_text="whose arms disagree",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="experiments.experiment",
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="lead",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="label_tasks",
                to="leads.lead",
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="leased_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="project",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.project"
            ),
        ),
        migrations.AddField(
            model_name="labeltask",
            name="skipped_by",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name="labeltask",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)),
                fields=["project", "kind", "place"],
                name="label_task_open",
            ),
        ),
        migrations.AddIndex(
            model_name="labeltask",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["project", "kind", "answered_at"],
                name="label_task_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="labeltask",
            constraint=models.UniqueConstraint(fields=("lead", "kind"), name="label_task_once_per_kind"),
        ),
        migrations.AddConstraint(
            model_name="labeltask",
            constraint=models.CheckConstraint(
                condition=models.Q(("sampling_probability__gt", 0), ("sampling_probability__lte", 1)),
                name="label_task_sampling_within_0_and_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="labeltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("label", "")),
                    models.Q(models.Q(("label", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="label_task_answered_has_a_label",
            ),
        ),
    ]
