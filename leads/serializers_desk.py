"""Shapes of the review desk: putting off, assigning, many at once, taking back."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .judges.base import Label
from .serializers import MAX_SECONDS, DecisionSerializer, QueueItemSerializer
from .services.bulk import MOST_AT_ONCE, DraftAct, LeadAct


class TimedSerializer(StrictSerializer):
    seconds_spent = serializers.IntegerField(
        min_value=0, max_value=MAX_SECONDS, required=False, allow_null=True, default=None
    )


class SnoozeSerializer(TimedSerializer):
    until = serializers.DateTimeField(allow_null=True, help_text="null: wake it now")


class AssignSerializer(TimedSerializer):
    to = serializers.CharField(max_length=150, allow_null=True, help_text="a user name; null: nobody")


class _BulkSerializer(StrictSerializer):
    """Each act has fields of its own: one that it needs is asked for, another's is refused."""

    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {"snooze": ("until",), "assign": ("to",), "label": ("label",)}
    MAY_HAVE: ClassVar[Mapping[str, tuple[str, ...]]] = {"reject": ("reason",), "label": ("reason",)}

    project = serializers.CharField(help_text="the project's slug")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="null: wake them now")
    to = serializers.CharField(
        max_length=150, required=False, allow_null=True, help_text="a user name; null: nobody"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        act = attrs["act"]
        needs = self.NEEDS.get(act, ())
        for name in ("reason", "until", "to", "label"):
            if name in needs and name not in attrs:
                raise serializers.ValidationError({name: [f"`{act}` needs it"]})
            if name in attrs and name not in (*needs, *self.MAY_HAVE.get(act, ())):
                raise serializers.ValidationError({name: [f"`{act}` has no such field"]})
        return attrs


def _ids(help_text: str) -> "serializers.ListField":
    id_ = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    return serializers.ListField(child=id_, min_length=1, max_length=MOST_AT_ONCE, help_text=help_text)


class QueueBulkSerializer(_BulkSerializer):
    act = serializers.ChoiceField(choices=DraftAct.choices)
    drafts = _ids("the drafts' ids")


class LeadsBulkSerializer(_BulkSerializer):
    act = serializers.ChoiceField(choices=LeadAct.choices)
    leads = _ids("the leads' ids")

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here, since as an attribute it would hide the serializer's own."""
        return {**super().get_fields(), "label": serializers.ChoiceField(choices=Label.choices, required=False)}


class LeadsExportSerializer(StrictSerializer):
    project = serializers.CharField(help_text="the project's slug")
    leads = _ids("the leads' ids, in the order of the file")


class BulkResultSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="of the draft or the lead")
    done = serializers.BooleanField()
    problem = serializers.CharField(help_text="why not; empty when it is done")


class BulkResultsSerializer(serializers.Serializer[Any]):
    results = BulkResultSerializer(many=True)


class UndoSerializer(StrictSerializer):
    project = serializers.CharField(help_text="the project's slug")
    decision = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="left out: your latest"
    )


class OwnDecisionSerializer(DecisionSerializer):
    lead = serializers.IntegerField(source="lead_id")


class OwnDecisionsSerializer(serializers.Serializer[Any]):
    results = OwnDecisionSerializer(many=True)


class UndoneSerializer(serializers.Serializer[Any]):
    decision = OwnDecisionSerializer(help_text="what was taken back")
    item = QueueItemSerializer(allow_null=True, help_text="its draft as it is now; null: it was on a lead alone")


class AssigneeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()


class AssigneesSerializer(serializers.Serializer[Any]):
    results = AssigneeSerializer(many=True)
