"""Shapes of leads, drafts and counts in the API. Posts are untrusted: they leave here as plain JSON text."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from connectors.serializers import ReplyPolicySerializer
from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.presenting import all_presented, presented

from .judges.base import Label
from .models import (
    DecisionKind,
    Draft,
    HumanLabel,
    Judgment,
    Lead,
    PostAvailability,
    Score,
    StepKind,
    Touch,
)
from .models.deliveries import SHOWN_STATUSES
from .selectors import first_copies, shown_status
from .sending.enqueue import kind_of
from .serializers_holds import HoldSerializer, PutOffField, hold_shown
from .serializers_sending import DeliverySerializer
from .serializers_sequences import SequenceSerializer
from .services.notes import MAX_NOTE

Field = serializers.RelatedField[Any, Any, Any]

MAX_SECONDS = 24 * 3600


@extend_schema_field({"type": "number", "format": "double"})
class OneDecimalField(serializers.Field[float, Any, float, Any]):
    """A score, to one decimal place."""

    def to_representation(self, value: float) -> float:
        return round(value, 1)


class RuleHitSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    boost = serializers.FloatField()


class LeadRowPostSerializer(serializers.Serializer[Any]):
    """Reads from the lead, on which a list's query puts the excerpt. A fact that is not known is null."""

    platform = serializers.CharField(source="post.platform")
    availability = serializers.ChoiceField(
        source="post.availability",
        choices=PostAvailability.choices,
        help_text="gone: deleted at the platform, and empty here; unknown: the platform did not say",
    )
    url = serializers.CharField(source="post.url")
    excerpt = serializers.CharField(help_text="the first 280 characters of the text")
    language = serializers.CharField(source="post.language", help_text="ISO 639-1; empty: not known")
    posted_at = serializers.DateTimeField(source="post.posted_at", allow_null=True)
    likes = serializers.IntegerField(source="post.likes", allow_null=True)
    replies = serializers.IntegerField(source="post.replies", allow_null=True)
    reposts = serializers.IntegerField(source="post.reposts", allow_null=True)
    views = serializers.IntegerField(source="post.views", allow_null=True)


class PostSerializer(serializers.Serializer[Any]):
    """A whole post."""

    platform = serializers.CharField()
    availability = serializers.ChoiceField(
        choices=PostAvailability.choices,
        help_text="gone: deleted at the platform, and empty here; unknown: the platform did not say",
    )
    checked_at = serializers.DateTimeField(allow_null=True, help_text="when the platform was last asked for it")
    gone_at = serializers.DateTimeField(allow_null=True, help_text="when it was found to be gone")
    url = serializers.CharField()
    excerpt = serializers.SerializerMethodField(help_text="the first 280 characters of the text")
    text = serializers.CharField(help_text="as the platform gave it")
    clean_text = serializers.CharField(help_text="what judges and rules read")
    language = serializers.CharField(help_text="ISO 639-1; empty: not known")
    posted_at = serializers.DateTimeField(allow_null=True)
    community = serializers.CharField()
    conversation_id = serializers.CharField()
    likes = serializers.IntegerField(allow_null=True)
    replies = serializers.IntegerField(allow_null=True)
    reposts = serializers.IntegerField(allow_null=True)
    views = serializers.IntegerField(allow_null=True)
    hashtags = serializers.ListField(child=serializers.CharField())
    mentions = serializers.ListField(child=serializers.CharField())
    urls = serializers.ListField(child=serializers.CharField())

    def get_excerpt(self, post: Any) -> str:
        return str(post.text[:280])


class LeadRowAuthorSerializer(serializers.Serializer[Any]):
    handle = serializers.CharField()
    name = serializers.CharField()
    followers = serializers.IntegerField(allow_null=True)
    verified = serializers.BooleanField(allow_null=True)


class AuthorSerializer(LeadRowAuthorSerializer):
    bio = serializers.CharField()
    account_created_at = serializers.DateTimeField(allow_null=True)


class LeadRowSerializer(serializers.ModelSerializer[Lead]):
    """The view's context brings `replies`, what platforms allow."""

    project = serializers.CharField(source="project.slug")
    score = OneDecimalField(help_text="0-100; 0 until scored")
    queries: Field = serializers.StringRelatedField(many=True)
    post: serializers.Serializer[Any] = LeadRowPostSerializer(source="*")
    author: serializers.Serializer[Any] = LeadRowAuthorSerializer(source="post.author", allow_null=True)
    draft_status = serializers.ChoiceField(
        choices=SHOWN_STATUSES, allow_null=True, help_text="of the latest draft, or of its delivery"
    )
    reply = serializers.SerializerMethodField(help_text="how it could be answered")
    copy_of = serializers.IntegerField(
        source="copy_of_id", allow_null=True, help_text="the lead whose text this one repeats"
    )
    copy_count = serializers.IntegerField(help_text="how many leads repeat this one's text")
    assignee = serializers.CharField(source="assignee_name", allow_null=True, help_text="null: nobody")
    snoozed_until = PutOffField(allow_null=True, help_text="put off until then; null: not put off")

    class Meta:
        model = Lead
        fields: tuple[str, ...] = (
            "id",
            "project",
            "stage",
            "filter_reason",
            "copy_of",
            "copy_count",
            "label",
            "confidence",
            "labelled_by_human",
            "score",
            "scored_at",
            "created_at",
            "error",
            "queries",
            "post",
            "author",
            "draft_status",
            "assignee",
            "snoozed_until",
            "reply",
        )
        read_only_fields = fields

    @extend_schema_field(ReplyPolicySerializer)
    def get_reply(self, lead: Lead) -> Any:
        return presented(ReplyPolicySerializer, self.context["replies"].of(lead))

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here, since as an attribute it would hide the serializer's own. Empty: unjudged."""
        return {**super().get_fields(), "label": serializers.ChoiceField(choices=Label.choices, allow_blank=True)}


class JudgmentSerializer(serializers.ModelSerializer[Judgment]):
    model = serializers.CharField(source="model_version.model_id")
    cost_usd = serializers.FloatField()

    class Meta:
        model = Judgment
        fields = (
            "id",
            "model",
            "label",
            "confidence",
            "reasoning",
            "latency_ms",
            "cost_usd",
            "prompt_version",
            "created_at",
        )
        read_only_fields = fields


class HumanLabelSerializer(serializers.ModelSerializer[HumanLabel]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = HumanLabel
        fields = ("user", "label", "reason", "source", "updated_at")
        read_only_fields = fields


class ScoreComponentSerializer(serializers.Serializer[Any]):
    plugin = serializers.CharField(source="plugin_name")
    version = serializers.CharField(source="plugin_version")
    score = serializers.FloatField(source="plugin_score", help_text="0-100")
    weight = serializers.FloatField()
    contribution = serializers.FloatField(help_text="points of the total")
    reason = serializers.CharField()
    error = serializers.CharField()
    details = serializers.DictField()


class ScoreDetailSerializer(serializers.Serializer[Score]):
    total = OneDecimalField()
    version = serializers.CharField(help_text="number of the config version")
    created_at = serializers.DateTimeField()
    rules = RuleHitSerializer(many=True)
    components = ScoreComponentSerializer(source="plugin_results", many=True)


class ShownStatusField(serializers.ChoiceField):
    """A draft's status and its delivery's, as one."""

    def to_representation(self, value: Any) -> str:
        return shown_status(value)


class TouchSerializer(serializers.Serializer[Any]):
    """Which step of a sequence a draft is."""

    kind = serializers.ChoiceField(source="step.kind", choices=StepKind.choices)
    number = serializers.IntegerField(source="step.number", help_text="from 1")
    of = serializers.SerializerMethodField(help_text="how many steps the sequence has")
    sequence = serializers.IntegerField(source="step.sequence_id")
    plan = serializers.CharField(source="step.sequence.plan")

    def get_of(self, touch: Touch) -> int:
        return len(touch.step.sequence.steps.all())


class DraftSerializer(serializers.Serializer[Draft]):
    id = serializers.IntegerField()
    status = ShownStatusField(
        SHOWN_STATUSES,
        source="*",
        read_only=True,
        help_text="the draft's own until it is approved; then its delivery's, if it has one",
    )
    delivery: serializers.Serializer[Any] = DeliverySerializer(default=None, allow_null=True, read_only=True)
    touch = TouchSerializer(default=None, allow_null=True, read_only=True, help_text="null: it is a first reply")
    text = serializers.SerializerMethodField(help_text="what was approved; until then what was generated")
    text_generated = serializers.CharField()
    template_used = serializers.CharField()
    tone = serializers.CharField()
    reviewer = serializers.CharField(source="reviewer.username", default=None, allow_null=True, read_only=True)
    reject_reason = serializers.CharField()
    better_text = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_text(self, draft: Draft) -> str:
        return draft.text_final or draft.text_generated


class DecisionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DecisionKind.choices)
    user = serializers.CharField(source="user.username")
    draft = serializers.IntegerField(source="draft_id", allow_null=True)
    seconds_spent = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class CopySerializer(serializers.Serializer[Any]):
    """One of a lead's copies: who posted the text where and when."""

    id = serializers.IntegerField()
    platform = serializers.CharField(source="post.platform")
    url = serializers.CharField(source="post.url")
    posted_at = serializers.DateTimeField(source="post.posted_at", allow_null=True)
    author: serializers.Serializer[Any] = LeadRowAuthorSerializer(source="post.author", allow_null=True)


class LeadDetailSerializer(LeadRowSerializer):
    copies = serializers.SerializerMethodField(
        help_text="the first 20 leads that repeat this one's text; the list with `copy_of` has all of them"
    )
    post = PostSerializer()
    author = AuthorSerializer(source="post.author", allow_null=True)
    judgments = JudgmentSerializer(many=True)
    human_labels = HumanLabelSerializer(many=True)
    score_detail = ScoreDetailSerializer(source="current_score", default=None, allow_null=True, read_only=True)
    drafts = DraftSerializer(many=True)
    sequences = SequenceSerializer(many=True, help_text="how it is and was followed up, the newest first")
    history = DecisionSerializer(source="decisions", many=True)

    class Meta(LeadRowSerializer.Meta):
        fields = (
            *LeadRowSerializer.Meta.fields,
            "copies",
            "note",
            "judgments",
            "human_labels",
            "score_detail",
            "drafts",
            "sequences",
            "history",
        )
        read_only_fields = fields

    @extend_schema_field(CopySerializer(many=True))
    def get_copies(self, lead: Lead) -> Any:
        return all_presented(CopySerializer, first_copies(lead))


class QueueJudgmentSerializer(serializers.ModelSerializer[Judgment]):
    model = serializers.CharField(source="model_version.model_id")

    class Meta:
        model = Judgment
        fields = ("model", "label", "confidence", "reasoning")
        read_only_fields = fields


class QueueComponentSerializer(serializers.Serializer[Any]):
    plugin = serializers.CharField(source="plugin_name")
    contribution = serializers.FloatField(help_text="points of the total")
    reason = serializers.CharField()


class QueueItemSerializer(DraftSerializer):
    """Everything needed to decide on a draft. The view's context brings `reply_limits` and `replies`."""

    lead = serializers.IntegerField(source="lead_id")
    project = serializers.CharField(source="lead.project.slug")
    score = OneDecimalField(source="lead.score")
    confidence = serializers.FloatField(source="lead.confidence")
    assignee = serializers.CharField(source="assignee_name", allow_null=True, help_text="null: nobody")
    snoozed_until = PutOffField(
        source="lead.snoozed_until", allow_null=True, help_text="put off until then; null: not put off"
    )
    hold = serializers.SerializerMethodField(help_text="who has it before them; null: nobody")
    max_length = serializers.SerializerMethodField(help_text="characters that a reply may have on this platform")
    queries: Field = serializers.StringRelatedField(source="lead.queries", many=True)
    platform = serializers.CharField(source="lead.post.platform")
    post = PostSerializer(source="lead.post")
    author = AuthorSerializer(source="lead.post.author", allow_null=True)
    reply = serializers.SerializerMethodField(help_text="how it could be answered")
    judgment = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here, since as an attribute it would hide the serializer's own."""
        label = serializers.ChoiceField(source="lead.label", choices=Label.choices, allow_blank=True)
        return {**super().get_fields(), "label": label}

    @extend_schema_field(HoldSerializer(allow_null=True))
    def get_hold(self, draft: Draft) -> Any:
        hold = hold_shown(draft)
        return presented(HoldSerializer, hold) if hold else None

    def get_max_length(self, draft: Draft) -> int:
        return int(self.context["reply_limits"].of(draft))

    @extend_schema_field(ReplyPolicySerializer)
    def get_reply(self, draft: Draft) -> Any:
        return presented(ReplyPolicySerializer, self.context["replies"].of(draft.lead, kind=kind_of(draft)))

    @extend_schema_field(QueueJudgmentSerializer(allow_null=True))
    def get_judgment(self, draft: Draft) -> dict[str, Any] | None:
        newest = next(iter(draft.lead.judgments.all()), None)  # prefetched, newest first
        return presented(QueueJudgmentSerializer, newest) if newest else None

    @extend_schema_field(QueueComponentSerializer(many=True))
    def get_components(self, draft: Draft) -> list[Any]:
        score = _score_of(draft)
        return all_presented(QueueComponentSerializer, score.plugin_results.all()) if score else []

    @extend_schema_field(RuleHitSerializer(many=True))
    def get_rules(self, draft: Draft) -> list[Any]:
        score = _score_of(draft)
        return all_presented(RuleHitSerializer, score.rules) if score else []


def _score_of(draft: Draft) -> Score | None:
    return getattr(draft.lead, "current_score", None)


class LabelLeadSerializer(StrictSerializer, serializers.ModelSerializer[HumanLabel]):
    class Meta:
        model = HumanLabel
        fields = ("label", "reason")


class NoteSerializer(StrictSerializer):
    text = serializers.CharField(max_length=MAX_NOTE, allow_blank=True)


class ApproveDraftSerializer(StrictSerializer):
    seconds_spent = serializers.IntegerField(
        min_value=0, max_value=MAX_SECONDS, required=False, allow_null=True, default=None
    )


class EditDraftSerializer(ApproveDraftSerializer):
    text = serializers.CharField(trim_whitespace=False, allow_blank=True)


class RejectDraftSerializer(ApproveDraftSerializer):
    reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="not_relevant, wrong_tone, wrong_facts, too_salesy, already_answered or other, "
        "`code: words`, or words alone",
    )
    better_text = serializers.CharField(required=False, allow_blank=True, default="", max_length=5_000)


class StatsSerializer(serializers.Serializer[Any]):
    collected = serializers.IntegerField(help_text="all leads")
    normalized = serializers.IntegerField(help_text="leads that passed the filters")
    filtered = serializers.IntegerField()
    judged = serializers.IntegerField(help_text="leads with a label")
    relevant = serializers.IntegerField()
    maybe = serializers.IntegerField()
    irrelevant = serializers.IntegerField()
    scored = serializers.IntegerField()
    drafted = serializers.IntegerField(help_text="leads with a draft")
    pending = serializers.IntegerField()
    approved = serializers.IntegerField(help_text="as generated or with changes")
    edited = serializers.IntegerField()
    rejected = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="by API or by hand")
    failed = serializers.IntegerField(help_text="refused by the platform: nothing was posted")
    unknown = serializers.IntegerField(help_text="being looked for at the platform")


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    collected = serializers.IntegerField()
    relevant = serializers.IntegerField(help_text="collected that day, and relevant now")
    drafted = serializers.IntegerField()
    approved = serializers.IntegerField()
    rejected = serializers.IntegerField()


class TimelineSerializer(serializers.Serializer[Any]):
    results = DaySerializer(many=True)


class ProjectQuerySerializer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="the project's slug")


class TimelineQuerySerializer(ProjectQuerySerializer):
    days = serializers.IntegerField(min_value=1, max_value=366, default=30)
