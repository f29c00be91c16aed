from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_q.models import Schedule

from signalops_site.core.models import Project, Run

MOST_MINUTES = 7 * 24 * 60


class ScheduleOutcome(models.TextChoices):
    STARTED = "started"
    PASSED_OVER = "passed_over", "Passed over"
    REFUSED = "refused"


class RunSchedule(models.Model):
    """When a project's pipeline runs by itself: every so many minutes, or at the times of a cron text, in UTC."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="run_schedules")
    label = models.CharField(max_length=64)
    every_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    cron = models.CharField(
        max_length=100, blank=True, help_text="five fields, in UTC; empty: every so many minutes"
    )
    options = models.JSONField(default=dict, help_text="stages, limit, batch and concurrency of each run")
    clock = models.OneToOneField(
        Schedule, on_delete=models.PROTECT, related_name="+", help_text="what wakes it: a schedule of django-q"
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    covered_until = models.DateTimeField(help_text="what was due before this moment needs no run any more")
    last_due_at = models.DateTimeField(null=True, blank=True, help_text="the last time that it came to its turn")
    last_outcome = models.CharField(max_length=16, choices=ScheduleOutcome.choices, blank=True)
    last_problem = models.TextField(
        blank=True, help_text="why no run was started the last time; empty when one was"
    )
    last_run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "label"]
        constraints = [
            models.UniqueConstraint(fields=["project", "label"], name="run_schedule_label_once_per_project"),
            models.CheckConstraint(
                condition=models.Q(cron="", every_minutes__gte=1, every_minutes__lte=MOST_MINUTES)
                | (models.Q(every_minutes=None) & ~models.Q(cron="")),
                name="run_schedule_minutes_or_cron",
            ),
            models.CheckConstraint(
                condition=models.Q(last_outcome__in=["", *ScheduleOutcome.values]),
                name="run_schedule_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.project}"

    @property
    def next_run_at(self) -> datetime | None:
        """When its clock strikes; None while it is paused."""
        return None if self.paused_at else self.clock.next_run

    @property
    def times(self) -> str:
        """When it runs, in words."""
        if self.cron:
            return f"cron {self.cron} (UTC)"
        return "every minute" if self.every_minutes == 1 else f"every {self.every_minutes} minutes"
