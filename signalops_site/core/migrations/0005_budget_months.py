import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_run_takeovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="BudgetMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("scope", models.CharField(max_length=100)),
                ("unit", models.CharField(choices=[("posts", "Posts"), ("usd", "Usd")], max_length=16)),
                ("month", models.DateField(help_text="its first day")),
                (
                    "limit",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="as it was when last reserved from; NULL: none",
                        max_digits=15,
                        null=True,
                    ),
                ),
                ("reserved", models.DecimalField(decimal_places=6, default=0, max_digits=15)),
                ("settled", models.DecimalField(decimal_places=6, default=0, max_digits=15)),
            ],
            options={
                "ordering": ["-month", "scope", "unit"],
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "unit", "month"), name="budget_month_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reserved__gte", 0), ("settled__gte", 0)),
                        name="budget_month_never_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetReservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("amount", models.DecimalField(decimal_places=6, max_digits=15)),
                ("expires_at", models.DateTimeField()),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="core.budgetmonth",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="budget_reservation_never_negative"
                    )
                ],
            },
        ),
    ]
