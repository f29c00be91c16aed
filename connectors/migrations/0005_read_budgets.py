from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0004_account_tier"),
        ("core", "0005_budget_months"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="monthly_posts_limit",
            field=models.PositiveIntegerField(
                blank=True, help_text="posts that it may read in a month; empty: any number", null=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="monthly_usd_limit",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="US dollars that it may spend on reading in a month; empty: any sum",
                max_digits=9,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("monthly_usd_limit__isnull", True), ("monthly_usd_limit__gte", 0), _connector="OR"
                ),
                name="account_usd_limit_not_negative",
            ),
        ),
    ]
