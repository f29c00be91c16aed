import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_llm_calls"),
        ("leads", "0010_ids_of_instances"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[("slack", "Slack"), ("discord", "Discord"), ("webhook", "Webhook")], max_length=16
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("leads", "Leads"), ("digest", "Digest"), ("alert", "Alert"), ("test", "Test")],
                        max_length=16,
                    ),
                ),
                ("event_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "subject",
                    models.CharField(blank=True, help_text="of an alert: what it is about", max_length=32),
                ),
                ("sentence", models.TextField(blank=True, help_text="of an alert: what it says")),
                ("slot", models.DateTimeField(help_text="of a digest: the time that it was due at", null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("dropped", "Dropped"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_try_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="from when on a worker may take it; ahead while one has it",
                    ),
                ),
                (
                    "waiting_since",
                    models.DateTimeField(default=django.utils.timezone.now, help_text="written, or replayed"),
                ),
                (
                    "error",
                    models.TextField(blank=True, help_text="why the last try failed, or why it was dropped"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="core.project",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="notificationlog",
            name="notification",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="logs",
                to="leads.notification",
            ),
        ),
        migrations.AddIndex(
            model_name="notificationlog",
            index=models.Index(
                condition=models.Q(("notification__isnull", False)),
                fields=["notification"],
                name="notified_in_message",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["project", "-id"], name="notification_by_project"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["project", "next_try_at"],
                name="notification_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("project", "target", "slot"), name="notification_one_digest_per_slot"
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["waiting", "sent", "failed", "dropped"])),
                name="notification_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["leads", "digest", "alert", "test"])),
                name="notification_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("status", "sent")),
                    models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="notification_sent_has_its_time",
            ),
        ),
    ]
