"""Shapes of sending in the API: deliveries, what a send would do, pauses."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from connectors.serializers import ReplyPolicySerializer
from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.models import Pause
from signalops_site.core.pauses import MOST_WHY

from .models import Delivery, DeliveryMode, DeliveryStatus
from .sending.assist import MOST_URL
from .sending.enqueue import MOST_AT_ONCE
from .sequences.plans import AT_SEND, PLANS

MOST_OVERRIDE = 500
SEQUENCE: dict[str, Any] = {
    "choices": [(name, PLANS[name].title) for name in AT_SEND],
    "required": False,
    "allow_blank": True,
    "allow_null": True,
    "default": None,
    "help_text": "how a lead is followed up once its reply has left. Null: as the project does; empty: not at all",
}


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    status = serializers.ChoiceField(choices=DeliveryStatus.choices, read_only=True)
    mode = serializers.ChoiceField(choices=DeliveryMode.choices, read_only=True)
    queued_by = serializers.CharField(source="queued_by.username", default=None, allow_null=True, read_only=True)
    error = serializers.CharField(read_only=True, help_text="why it is not sent (yet)")
    due_at = serializers.DateTimeField(read_only=True, help_text="queued: not before; unknown: looked for then")

    class Meta:
        model = Delivery
        fields = (
            "id",
            "status",
            "mode",
            "kind",
            "queued_by",
            "queued_at",
            "due_at",
            "claimed_at",
            "sent_at",
            "attempts",
            "url",
            "error",
        )
        read_only_fields = fields


class PauseSerializer(serializers.ModelSerializer[Pause]):
    project = serializers.SlugField(
        source="project.slug", default=None, allow_null=True, read_only=True, help_text="null: all projects"
    )
    by = serializers.CharField(
        source="by.username", default=None, allow_null=True, read_only=True, help_text="null: nobody pressed it"
    )

    class Meta:
        model = Pause
        fields = ("id", "project", "by", "why", "until", "created_at")
        read_only_fields = fields


class CapSerializer(serializers.Serializer[Any]):
    span = serializers.ChoiceField(choices=["hour", "day", "month"])
    limit = serializers.IntegerField()
    used = serializers.IntegerField()


class PreviewRowSerializer(serializers.Serializer[Any]):
    """One approved draft, and what a send would do with it now."""

    draft = serializers.IntegerField(source="draft.pk")
    lead = serializers.IntegerField(source="draft.lead_id")
    platform = serializers.CharField(source="draft.lead.post.platform")
    author = serializers.CharField(source="draft.lead.post.author.handle", default="", read_only=True)
    post_url = serializers.CharField(source="draft.lead.post.url")
    text = serializers.CharField(source="draft.text_final")
    reply = ReplyPolicySerializer(source="policy")
    verdict = serializers.ChoiceField(
        choices=["ready", "waits", "refused", "by_hand"],
        help_text="ready: it leaves at once; waits: it is queued until its gate opens; refused: not at all; "
        "by_hand: a person may post it (`assist`)",
    )
    sentence = serializers.CharField(help_text="what holds it back; empty: nothing")
    until = serializers.DateTimeField(allow_null=True)


class SendPreviewSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField(source="project.slug")
    total = serializers.IntegerField(help_text="approved drafts that are not on their way")
    queued = serializers.IntegerField(help_text="drafts that wait to leave")
    caps = CapSerializer(many=True)
    pauses = PauseSerializer(many=True)
    held_by = serializers.CharField(
        source="held_by.sentence", default="", read_only=True, help_text="what holds all of them back now"
    )
    held_until = serializers.DateTimeField(source="held_by.until", default=None, allow_null=True, read_only=True)
    rows = PreviewRowSerializer(many=True, help_text="the first 100, the best leads first")


class SendSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    drafts = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="which drafts a person confirms; no others leave",
    )
    override = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=MOST_OVERRIDE,
        help_text="the reason for which authors are answered before their cool-down is over",
    )
    sequence = serializers.ChoiceField(**SEQUENCE)


class SendResultSerializer(serializers.Serializer[Any]):
    draft = serializers.IntegerField(source="draft_id")
    delivery = DeliverySerializer(allow_null=True)
    problem = serializers.CharField(help_text="why it is not sent; empty: it is on its way")


class SendResultsSerializer(serializers.Serializer[Any]):
    queued = serializers.SerializerMethodField(help_text="how many are on their way")
    results = SendResultSerializer(many=True)

    @extend_schema_field(int)
    def get_queued(self, given: dict[str, Any]) -> int:
        return sum(each.delivery is not None for each in given["results"])


class AssistRequestSerializer(StrictSerializer):
    override = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MOST_OVERRIDE, help_text="as with `send`"
    )
    sequence = serializers.ChoiceField(**SEQUENCE)


class AssistSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="the platform's reply box, or the post; empty: not known")
    text = serializers.CharField(help_text="what to post there")
    delivery = DeliverySerializer()


class PostedSerializer(StrictSerializer):
    posted = serializers.BooleanField(default=True, help_text="false: it is not there, and may be sent again")
    url = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MOST_URL, help_text="where our reply is"
    )


class PauseRequestSerializer(StrictSerializer):
    project = serializers.SlugField(
        max_length=63, required=False, allow_null=True, default=None, help_text="left out: all, as a superuser"
    )
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=MOST_WHY)
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="left out: until somebody resumes"
    )


class ResumeRequestSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63, required=False, allow_null=True, default=None)


class PausesSerializer(serializers.Serializer[Any]):
    results = PauseSerializer(many=True)
