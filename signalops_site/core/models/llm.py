from decimal import Decimal

from django.db import models

from .projects import Project
from .runs import Run


class LlmCallStatus(models.TextChoices):
    ANSWERED = "answered"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"


class LlmCall(models.Model):
    """One question to one language model and how it went: what was paid for, and the answer, to be used again.

    Written as the call ends, and changed only to forget what it holds of a person (`llm.ledger.forget`).
    """

    project = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="llm_calls",
        help_text="NULL: of none",
    )
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="llm_calls")
    purpose = models.CharField(max_length=32, help_text="judge, draft and so on")
    model = models.CharField(max_length=200)
    prompt_version = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=100, blank=True, help_text="what it was about, such as lead:12")
    question = models.CharField(max_length=64, blank=True, help_text="hash of what was asked about")
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=15, decimal_places=9, default=Decimal(0), help_text="US dollars")
    latency_ms = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="requests to the provider")
    status = models.CharField(max_length=16, choices=LlmCallStatus.choices)
    reason = models.CharField(max_length=300, blank=True, help_text="why it failed")
    cached = models.BooleanField(default=False, help_text="answered from an earlier row, for nothing")
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=LlmCallStatus.values), name="llm_call_status_known"
            ),
            models.CheckConstraint(condition=models.Q(cost__gte=0), name="llm_call_cost_never_negative"),
        ]
        indexes = [
            models.Index(
                fields=["question", "model", "prompt_version"],
                condition=~models.Q(answer=""),
                name="llm_call_answers",
            ),
            models.Index(fields=["project", "created_at"], name="llm_call_by_project"),
            models.Index(fields=["subject"], condition=~models.Q(subject=""), name="llm_call_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model}: {self.status}"
