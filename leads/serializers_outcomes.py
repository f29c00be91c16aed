"""Shapes of outcomes in the API."""

from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .models import Outcome, OutcomeType
from .outcomes.recording import MOST_NOTE
from .outcomes.verdicts import Verdict


class OutcomeSerializer(serializers.ModelSerializer[Outcome]):
    type = serializers.ChoiceField(choices=OutcomeType.choices, read_only=True)
    url = serializers.CharField(source="details.url", default="", read_only=True, help_text="where it is")
    note = serializers.CharField(source="details.note", default="", read_only=True)
    rule = serializers.ChoiceField(
        source="details.rule",
        choices=[(verdict.value, verdict.value) for verdict in Verdict],
        default=None,
        allow_null=True,
        read_only=True,
        help_text="of a negative one: what the answer says, by the rules of words",
    )
    by_author = serializers.BooleanField(
        source="details.by_author",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="whether it came from the lead's author; null: not known",
    )
    simulated = serializers.BooleanField(source="details.simulated", default=False, read_only=True)
    by = serializers.CharField(source="by.username", default=None, allow_null=True, read_only=True)
    withdrawn_by = serializers.CharField(
        source="withdrawn_by.username", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Outcome
        fields = (
            "id",
            "draft",
            "type",
            "reference",
            "count",
            "source",
            "url",
            "note",
            "rule",
            "by_author",
            "simulated",
            "observed_at",
            "by",
            "withdrawn_at",
            "withdrawn_by",
        )
        read_only_fields = fields


class OutcomesSerializer(serializers.Serializer[Any]):
    may_record = serializers.BooleanField(help_text="whether something was sent, of which an outcome can be")
    results = OutcomeSerializer(many=True)


class RecordOutcomeSerializer(StrictSerializer):
    type = serializers.ChoiceField(choices=OutcomeType.choices)
    draft = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="left out: the latest that was sent"
    )
    reference = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=250,
        help_text="tells it from others of its type, such as a booking's number; the same one is recorded once",
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=MOST_NOTE)


class OutcomeStatsQuerySerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    days = serializers.IntegerField(required=False, default=30, min_value=1, max_value=365)


class OutcomeTypeCountSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=OutcomeType.choices)
    count = serializers.IntegerField(help_text="how often")
    replies = serializers.IntegerField(help_text="on how many of the replies")


class OutcomePlatformCountSerializer(serializers.Serializer[Any]):
    platform = serializers.CharField()
    sent = serializers.IntegerField()
    answered = serializers.IntegerField()
    negative = serializers.IntegerField()


class NegativeShareSerializer(serializers.Serializer[Any]):
    sent = serializers.IntegerField(help_text="in the last 30 days")
    negative = serializers.IntegerField(help_text="of these, answered badly")


class OutcomeStatsSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="replies sent in these days; all else is of them")
    types = OutcomeTypeCountSerializer(many=True)
    platforms = OutcomePlatformCountSerializer(many=True)
    share = NegativeShareSerializer()
    above_limit = serializers.BooleanField(help_text="too many: sending is paused each time that this begins")
