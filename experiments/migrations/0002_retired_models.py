from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0001_model_registry"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="retired_at",
            field=models.DateTimeField(blank=True, help_text="out of service for good", null=True),
        ),
        migrations.AlterField(
            model_name="modelversion",
            name="deployed_at",
            field=models.DateTimeField(auto_now_add=True, help_text="when it was registered or last activated"),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", True), ("retired_at__isnull", False), _negated=True),
                name="model_retired_is_not_active",
            ),
        ),
    ]
