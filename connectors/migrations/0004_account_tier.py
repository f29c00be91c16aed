from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0003_oauth"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="tier",
            field=models.CharField(
                default="self-serve",
                help_text="what an operator recorded of the access that it has",
                max_length=32,
            ),
        ),
    ]
