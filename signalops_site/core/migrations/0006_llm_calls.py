from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_budget_months"),
    ]

    operations = [
        migrations.CreateModel(
            name="LlmCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("purpose", models.CharField(help_text="judge, draft and so on", max_length=32)),
                ("model", models.CharField(max_length=200)),
                ("prompt_version", models.CharField(blank=True, max_length=64)),
                (
                    "subject",
                    models.CharField(blank=True, help_text="what it was about, such as lead:12", max_length=100),
                ),
                (
                    "question",
                    models.CharField(blank=True, help_text="hash of what was asked about", max_length=64),
                ),
                ("tokens_in", models.PositiveIntegerField(default=0)),
                ("tokens_out", models.PositiveIntegerField(default=0)),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=9, default=Decimal("0"), help_text="US dollars", max_digits=15
                    ),
                ),
                ("latency_ms", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0, help_text="requests to the provider")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("answered", "Answered"),
                            ("timeout", "Timeout"),
                            ("rate_limited", "Rate Limited"),
                            ("refused", "Refused"),
                            ("unavailable", "Unavailable"),
                            ("malformed", "Malformed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="why it failed", max_length=300)),
                (
                    "cached",
                    models.BooleanField(default=False, help_text="answered from an earlier row, for nothing"),
                ),
                ("answer", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        help_text="NULL: of none",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="llm_calls",
                        to="core.project",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="llm_calls",
                        to="core.run",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answer", ""), _negated=True),
                        fields=["question", "model", "prompt_version"],
                        name="llm_call_answers",
                    ),
                    models.Index(fields=["project", "created_at"], name="llm_call_by_project"),
                    models.Index(
                        condition=models.Q(("subject", ""), _negated=True),
                        fields=["subject"],
                        name="llm_call_by_subject",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["answered", "timeout", "rate_limited", "refused", "unavailable", "malformed"],
                            )
                        ),
                        name="llm_call_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost__gte", 0)), name="llm_call_cost_never_negative"
                    ),
                ],
            },
        ),
    ]
