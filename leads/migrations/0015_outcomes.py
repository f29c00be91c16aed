"""What came of what was sent, and who spoke to our accounts."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0005_read_budgets"),
        ("core", "0007_pauses"),
        ("leads", "0014_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Interaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("platform", models.CharField(max_length=32)),
                (
                    "author_digest",
                    models.CharField(help_text="keyed: tells the author again, and names nobody", max_length=64),
                ),
                ("platform_post_id", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("mention", "Mention"), ("quote", "Quote"), ("reply", "Reply")], max_length=8
                    ),
                ),
                ("happened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MentionCursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("platform", models.CharField(max_length=32)),
                (
                    "newest_id",
                    models.CharField(blank=True, help_text="everything up to here has been read", max_length=200),
                ),
                (
                    "newest_follow_id",
                    models.CharField(blank=True, help_text="the same of who follows it now", max_length=200),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                ("next_look_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_error", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="NegativeShare",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="core.project",
                    ),
                ),
                ("above_since", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("reply_received", "Reply"),
                            ("like_received", "Like"),
                            ("follow_received", "Follow"),
                            ("profile_click", "Profile click"),
                            ("link_click", "Link click"),
                            ("booking", "Booking"),
                            ("negative", "Negative"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        help_text="what tells it from others: the reply's id, or the count that was reached",
                        max_length=250,
                    ),
                ),
                (
                    "count",
                    models.PositiveIntegerField(
                        default=1, help_text="how many it stands for: likes come as a number"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("polled", "seen at the platform"), ("person", "recorded by a person")],
                        max_length=8,
                    ),
                ),
                (
                    "author_digest",
                    models.CharField(
                        blank=True, help_text="keyed; of whoever it came from, if known", max_length=64
                    ),
                ),
                ("details", models.JSONField(blank=True, default=dict, help_text="url, by_author, rule, note")),
                ("observed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("withdrawn_at", models.DateTimeField(help_text="when a person said that it is none", null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="gone_at",
            field=models.DateTimeField(
                help_text="when its platform said that our reply is there no more", null=True
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="looked_at",
            field=models.DateTimeField(help_text="when its platform was last asked what came of it", null=True),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="source",
            field=models.CharField(
                choices=[
                    ("manual", "written by a person"),
                    ("import", "from a file"),
                    ("erasure", "left by an erasure"),
                    ("reply", "asked for in a reply"),
                ],
                default="manual",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("platform_post_id", ""), _negated=True),
                fields=["platform", "platform_post_id"],
                name="delivery_by_post",
            ),
        ),
        migrations.AddField(
            model_name="interaction",
            name="account",
            field=models.ForeignKey(
                help_text="which was spoken to; NULL where the platform has no accounts",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="interactions",
                to="connectors.account",
            ),
        ),
        migrations.AddField(
            model_name="mentioncursor",
            name="account",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mention_cursor",
                to="connectors.account",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="by",
            field=models.ForeignKey(
                help_text="who recorded it",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="draft",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outcomes",
                to="leads.draft",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outcomes",
                to="core.project",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["author_digest", "happened_at"], name="interaction_by_author"),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["happened_at"], name="interaction_by_time"),
        ),
        migrations.AddConstraint(
            model_name="interaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", False)),
                fields=("account", "platform_post_id"),
                name="interaction_once_per_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="interaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", True)),
                fields=("platform", "platform_post_id"),
                name="interaction_once_without_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="interaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["mention", "quote", "reply"])), name="interaction_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mentioncursor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", True)),
                fields=("platform",),
                name="mention_cursor_without_account",
            ),
        ),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(fields=["project", "type", "observed_at"], name="outcome_by_type"),
        ),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(
                condition=models.Q(("author_digest", ""), _negated=True),
                fields=["author_digest"],
                name="outcome_by_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.UniqueConstraint(fields=("draft", "type", "reference"), name="outcome_once"),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "reply_received",
                            "like_received",
                            "follow_received",
                            "profile_click",
                            "link_click",
                            "booking",
                            "negative",
                        ],
                    )
                ),
                name="outcome_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["polled", "person"])), name="outcome_source_known"
            ),
        ),
    ]
