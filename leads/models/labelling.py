from django.conf import settings
from django.db import models

from experiments.models import Experiment
from signalops_site.core.models import Project

from ..judges.base import Label
from .drafts import Decision
from .leads import Lead


class LabelTaskKind(models.TextChoices):
    DISCORDANT = "discordant", "One arm of an experiment finds it relevant, the other does not"
    RANDOM = "random", "Drawn from all that was judged"
    MISSED = "missed", "Drawn from what was judged irrelevant"


BLIND_KINDS = (LabelTaskKind.DISCORDANT, LabelTaskKind.RANDOM)
"""Those that feed the tests of experiments. The missed-lead sample looks at one verdict's leads alone."""


class LabelTask(models.Model):
    """A lead that a person is asked about without seeing what any model said of it.

    A lead may be drawn for several reasons. It is handed out once all the same, and the answer settles them all.
    The label stands here as well as in `HumanLabel`, since a correction by the same person replaces that one.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="label_tasks", db_index=False)
    kind = models.CharField(max_length=16, choices=LabelTaskKind.choices)
    experiment = models.ForeignKey(
        Experiment, null=True, on_delete=models.CASCADE, related_name="+", help_text="whose arms disagree"
    )
    sampling_probability = models.FloatField(help_text="how likely the lead was to be drawn for this reason")
    place = models.BigIntegerField(
        help_text="in the line: a hash of the lead, so that neither age nor score counts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    leased_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    leased_until = models.DateTimeField(null=True)
    skipped_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    label = models.CharField(max_length=16, choices=Label.choices, blank=True)
    role_rank = models.PositiveSmallIntegerField(default=0, help_text="of the user's role when answering")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="label_tasks")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "kind"], name="label_task_once_per_kind"),
            models.CheckConstraint(
                condition=models.Q(sampling_probability__gt=0, sampling_probability__lte=1),
                name="label_task_sampling_within_0_and_1",
            ),
            models.CheckConstraint(
                condition=models.Q(label="", answered_at__isnull=True)
                | (~models.Q(label="") & models.Q(answered_at__isnull=False)),
                name="label_task_answered_has_a_label",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "kind", "place"],
                condition=models.Q(answered_at__isnull=True),
                name="label_task_open",
            ),
            models.Index(
                fields=["project", "kind", "answered_at"],
                condition=models.Q(answered_at__isnull=False),
                name="label_task_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.lead_id}: {self.label or 'open'}"
