"""The do-not-contact list."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_llm_calls"),
        ("leads", "0011_notifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handle", "Handle"),
                            ("account", "Account"),
                            ("domain", "Domain"),
                            ("pattern", "Pattern"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "platform",
                    models.CharField(blank=True, help_text="empty: any, for a domain or a pattern", max_length=32),
                ),
                (
                    "digest",
                    models.CharField(help_text="keyed; of the kind, the platform and the value", max_length=64),
                ),
                (
                    "value",
                    models.CharField(
                        blank=True, help_text="of a domain or a pattern; a person's is not kept", max_length=200
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("manual", "written by a person"),
                            ("import", "from a file"),
                            ("erasure", "left by an erasure"),
                        ],
                        default="manual",
                        max_length=16,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, help_text="NULL: never", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        help_text="NULL: all",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suppressions",
                        to="core.project",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["digest"], name="suppression_by_digest"),
                    models.Index(fields=["kind", "platform"], name="suppression_by_kind"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "digest"), name="suppression_once_per_project"),
                    models.UniqueConstraint(
                        condition=models.Q(("project__isnull", True)),
                        fields=("digest",),
                        name="suppression_once_for_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ("domain", "pattern")), models.Q(("value", ""), _negated=True)),
                            models.Q(
                                ("kind__in", ("handle", "account")),
                                ("value", ""),
                                models.Q(("platform", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="suppression_keeps_no_name",
                    ),
                ],
            },
        ),
    ]
