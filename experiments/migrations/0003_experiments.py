from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_budget_months"),
        ("experiments", "0002_retired_models"),
    ]

    operations = [
        migrations.CreateModel(
            name="Experiment",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "experiment_id",
                    models.CharField(
                        help_text="part of the hash that assigns authors", max_length=64, unique=True
                    ),
                ),
                ("primary_model", models.CharField(max_length=256)),
                ("canary_model", models.CharField(max_length=256)),
                (
                    "canary_pct",
                    models.FloatField(help_text="share of authors whose posts the canary judges, between 0 and 1"),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("canary", "Canary: each author has one of the two"),
                            ("shadow", "Shadow: the primary decides, the canary is only recorded"),
                        ],
                        default="shadow",
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("completed", "Completed")],
                        default="active",
                        max_length=16,
                    ),
                ),
                ("hypothesis", models.TextField(blank=True, max_length=2000)),
                (
                    "metric",
                    models.CharField(
                        choices=[("agreement", "Agreement with people about what is relevant")],
                        default="agreement",
                        max_length=32,
                    ),
                ),
                (
                    "margin",
                    models.FloatField(help_text="difference in agreement that makes no difference to anybody"),
                ),
                ("max_n", models.PositiveIntegerField(help_text="planned number of labels that decide")),
                ("salt", models.CharField(max_length=32)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("canary_better", "Canary better"),
                            ("primary_better", "Primary better"),
                            ("equivalent", "Equivalent within the margin"),
                            ("keep_going", "Keep going"),
                            ("broken", "Broken"),
                        ],
                        help_text="when it ended",
                        max_length=32,
                    ),
                ),
                ("metadata", models.JSONField(blank=True, default=dict)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="experiments", to="core.project"
                    ),
                ),
            ],
            options={
                "db_table": "ab_experiments",
            },
        ),
        migrations.CreateModel(
            name="AbResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("subject", models.CharField(max_length=64)),
                (
                    "author_digest",
                    models.CharField(
                        help_text="the author's place in the assignment, 16 hex digits", max_length=16
                    ),
                ),
                (
                    "variant",
                    models.CharField(choices=[("primary", "Primary"), ("canary", "Canary")], max_length=16),
                ),
                ("model_used", models.CharField(max_length=256)),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        choices=[("relevant", "Relevant"), ("maybe", "Maybe"), ("irrelevant", "Irrelevant")],
                        max_length=16,
                    ),
                ),
                ("confidence", models.FloatField(default=0.0)),
                ("latency_ms", models.FloatField(default=0.0)),
                ("cost_usd", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=12)),
                ("failure", models.CharField(blank=True, help_text="why there is no label", max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=1)),
                (
                    "human_label",
                    models.CharField(
                        blank=True,
                        choices=[("relevant", "Relevant"), ("maybe", "Maybe"), ("irrelevant", "Irrelevant")],
                        max_length=16,
                    ),
                ),
                (
                    "blind_label",
                    models.CharField(
                        blank=True,
                        choices=[("relevant", "Relevant"), ("maybe", "Maybe"), ("irrelevant", "Irrelevant")],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "experiment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "db_table": "ab_results",
            },
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "active")),
                fields=("project",),
                name="experiment_one_active_per_project",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("canary_pct__gt", 0), ("canary_pct__lt", 1)),
                name="experiment_canary_pct_within_0_and_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("primary_model", models.F("canary_model")), _negated=True),
                name="experiment_of_two_models",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("margin__gt", 0), ("margin__lt", 1)), name="experiment_margin_within_0_and_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_n__gt", 0)), name="experiment_max_n_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status", "completed")),
                    models.Q(models.Q(("status", "completed"), _negated=True), ("ended_at__isnull", True)),
                    _connector="OR",
                ),
                name="experiment_completed_has_an_end",
            ),
        ),
        migrations.AddIndex(
            model_name="abresult",
            index=models.Index(fields=["subject"], name="ab_result_subject"),
        ),
        migrations.AddConstraint(
            model_name="abresult",
            constraint=models.UniqueConstraint(
                fields=("experiment", "subject", "variant"), name="ab_result_one_per_arm"
            ),
        ),
        migrations.AddConstraint(
            model_name="abresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("label", ""), models.Q(("failure", ""), _negated=True)),
                    models.Q(("failure", ""), models.Q(("label", ""), _negated=True)),
                    _connector="OR",
                ),
                name="ab_result_is_a_label_or_a_failure",
            ),
        ),
    ]
