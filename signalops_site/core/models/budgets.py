from django.db import models


class BudgetUnit(models.TextChoices):
    """What a budget counts."""

    POSTS = "posts"
    USD = "usd"


class BudgetMonth(models.Model):
    """What one account or project has spent of one thing in one month (UTC), and what is reserved of it.

    `scope` is the spender's own name for it, such as `account:7`: core knows no account.
    """

    scope = models.CharField(max_length=100)
    unit = models.CharField(max_length=16, choices=BudgetUnit.choices)
    month = models.DateField(help_text="its first day")
    limit = models.DecimalField(
        max_digits=15, decimal_places=6, null=True, help_text="as it was when last reserved from; NULL: none"
    )
    reserved = models.DecimalField(max_digits=15, decimal_places=6, default=0)
    settled = models.DecimalField(max_digits=15, decimal_places=6, default=0)

    class Meta:
        ordering = ["-month", "scope", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "unit", "month"], name="budget_month_once"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0) & models.Q(settled__gte=0), name="budget_month_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope}, {self.unit}, {self.month:%Y-%m}"


class BudgetReservation(models.Model):
    """What somebody is about to spend. One that expires is given back: its process was killed."""

    budget = models.ForeignKey(BudgetMonth, on_delete=models.CASCADE, related_name="reservations")
    amount = models.DecimalField(max_digits=15, decimal_places=6)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_reservation_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.budget}"
