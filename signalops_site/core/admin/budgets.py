"""What each month's budgets have spent. Limits are set where their owner is: an account's at the account."""

from django.contrib import admin

from ..models import BudgetMonth
from .base import ReadOnlyAdmin


@admin.register(BudgetMonth)
class BudgetMonthAdmin(ReadOnlyAdmin):
    list_display = ("scope", "unit", "month", "settled", "reserved", "limit")
    list_filter = ("unit", "month")
    fields = ("scope", "unit", "month", "settled", "reserved", "limit")
