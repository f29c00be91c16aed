"""Shapes of sequences in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.presenting import all_presented

from .models import Sequence as SequenceRow
from .models import SequenceExit, StepKind
from .models.deliveries import SHOWN_STATUSES
from .sequences.plans import CHOICES
from .sequences.progress import progress_of


class PlannedStepSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=StepKind.choices)
    wait_days = serializers.IntegerField(help_text="since the touch before it left")
    instruction = serializers.CharField(help_text="what a language model is told")


class PlanSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=CHOICES)
    title = serializers.CharField()
    description = serializers.CharField()
    is_message = serializers.BooleanField(help_text="it takes somebody who has answered")
    steps = PlannedStepSerializer(many=True)


class PlansSerializer(serializers.Serializer[Any]):
    results = PlanSerializer(many=True)


class StepSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(source="step.number")
    kind = serializers.ChoiceField(source="step.kind", choices=StepKind.choices)
    wait_days = serializers.IntegerField(source="step.wait_days", help_text="since the touch before it left")
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="when it is drafted; null: it is, or what is before it has not left"
    )
    draft = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(
        choices=SHOWN_STATUSES, allow_null=True, help_text="of its draft, or of the delivery of that"
    )
    sent_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(source="step.error", help_text="why it could not be drafted (yet)")


class SequenceSerializer(serializers.ModelSerializer[SequenceRow]):
    """Of `standing.whole`."""

    lead = serializers.IntegerField(source="lead_id", read_only=True)
    plan = serializers.ChoiceField(choices=CHOICES, read_only=True)
    started_by = serializers.CharField(source="started_by.username", default=None, allow_null=True, read_only=True)
    ended_by = serializers.CharField(
        source="ended_by.username",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="null: nobody stopped it",
    )
    exit = serializers.ChoiceField(
        choices=SequenceExit.choices, allow_blank=True, read_only=True, help_text="why it ended; empty: it has not"
    )
    steps = serializers.SerializerMethodField()

    class Meta:
        model = SequenceRow
        fields = ("id", "lead", "plan", "started_by", "started_at", "ended_at", "ended_by", "exit", "steps")
        read_only_fields = fields

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, sequence: SequenceRow) -> Any:
        return all_presented(StepSerializer, progress_of(sequence))


class EnrolSerializer(StrictSerializer):
    plan = serializers.ChoiceField(choices=CHOICES)
