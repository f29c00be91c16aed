from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_key_audit_chains"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="takeovers",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="times in a row that its process was lost"
            ),
        ),
        migrations.CreateModel(
            name="BeatJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("seconds", models.FloatField(blank=True, null=True)),
                (
                    "error",
                    models.TextField(blank=True, help_text="why it failed the last time; empty when it did not"),
                ),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="WorkerCluster",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(help_text="the queue that it works off", max_length=100)),
                ("host", models.CharField(max_length=255)),
                (
                    "pid",
                    models.PositiveBigIntegerField(help_text="of the guard, which is the parent of the workers"),
                ),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("stopping", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["name", "host", "pid"],
                "constraints": [models.UniqueConstraint(fields=("host", "pid"), name="worker_cluster_once")],
            },
        ),
    ]
