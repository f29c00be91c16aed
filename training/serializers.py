"""Shapes of preference pairs and exports in the API."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .cards import card_of
from .diffs import diff_words
from .exports import ExportWish
from .files import is_ours
from .models import Export, ExportFormat, ExportState, ExportType, Licence, PreferencePair
from .preferences import LONGEST

EARLIEST = date(1970, 1, 1)


class PreferencePairSerializer(serializers.ModelSerializer[PreferencePair]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    draft = serializers.IntegerField(source="draft_id", read_only=True)
    lead = serializers.IntegerField(source="draft.lead_id", read_only=True)
    licence = serializers.ChoiceField(
        choices=Licence.choices,
        read_only=True,
        help_text="what the platform's terms say of training models on its posts",
    )

    class Meta:
        model = PreferencePair
        fields: tuple[str, ...] = (
            "id",
            "project",
            "draft",
            "lead",
            "source",
            "platform",
            "licence",
            "chosen_text",
            "rejected_text",
            "created_at",
        )
        read_only_fields = fields


class DiffPartSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["same", "added", "removed"])
    text = serializers.CharField()


class PreferencePairDetailSerializer(PreferencePairSerializer):
    diff = serializers.SerializerMethodField(help_text="from the rejected text to the chosen one, word by word")

    class Meta(PreferencePairSerializer.Meta):
        fields = (*PreferencePairSerializer.Meta.fields, "prompt", "diff")
        read_only_fields = fields

    @extend_schema_field(DiffPartSerializer(many=True))
    def get_diff(self, pair: PreferencePair) -> Any:
        return DiffPartSerializer(diff_words(pair.rejected_text, pair.chosen_text), many=True).data


class AddPairSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    draft = serializers.IntegerField(min_value=1, help_text="whose prompt the texts answer; it is of that project")
    chosen_text = serializers.CharField(max_length=LONGEST, help_text="the better text")
    rejected_text = serializers.CharField(
        max_length=LONGEST,
        required=False,
        default="",
        allow_blank=True,
        help_text="left out: the draft as it was generated",
    )


class ExportFiltersSerializer(serializers.Serializer[Any]):
    since = serializers.DateField(allow_null=True)
    include_metadata = serializers.BooleanField()
    include_restricted = serializers.BooleanField()


class LeftOutSerializer(serializers.Serializer[Any]):
    restricted = serializers.IntegerField(help_text="of platforms whose terms forbid training")
    gone = serializers.IntegerField(help_text="whose posts are gone at their platform")
    do_not_contact = serializers.IntegerField(help_text="of authors on the do-not-contact list")
    without_prompt = serializers.IntegerField(help_text="of drafts for which no prompt is stored")


class ExportCountsSerializer(serializers.Serializer[Any]):
    sources = serializers.DictField(child=serializers.IntegerField())
    platforms = serializers.DictField(child=serializers.IntegerField())
    licences = serializers.DictField(child=serializers.IntegerField())
    left_out = LeftOutSerializer()
    restricted_platforms = serializers.DictField(
        child=serializers.IntegerField(), help_text="of what was left out as restricted"
    )


class ExportSerializer(serializers.ModelSerializer[Export]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    type = serializers.ChoiceField(choices=ExportType.choices, read_only=True)
    format = serializers.ChoiceField(choices=ExportFormat.choices, read_only=True)
    state = serializers.ChoiceField(choices=ExportState.choices, read_only=True)
    filters = ExportFiltersSerializer(read_only=True)
    counts = serializers.SerializerMethodField(help_text="null until it is done")
    requested_by = serializers.CharField(
        source="requested_by.username", read_only=True, allow_null=True, help_text="null: a command"
    )
    downloadable = serializers.SerializerMethodField(help_text="false for one that a command wrote elsewhere, too")

    class Meta:
        model = Export
        fields: tuple[str, ...] = (
            "id",
            "project",
            "type",
            "format",
            "filters",
            "state",
            "problem",
            "rows",
            "counts",
            "bytes",
            "sha256",
            "requested_by",
            "created_at",
            "finished_at",
            "removed_at",
            "downloadable",
        )
        read_only_fields = fields

    @extend_schema_field(ExportCountsSerializer(allow_null=True))
    def get_counts(self, export: Export) -> Any:
        return ExportCountsSerializer(export.counts).data if export.counts else None

    def get_downloadable(self, export: Export) -> bool:
        return export.state == ExportState.DONE and is_ours(Path(export.path))


class ExportDetailSerializer(ExportSerializer):
    card = serializers.SerializerMethodField(help_text="the dataset card, as Markdown; empty until it is done")

    class Meta(ExportSerializer.Meta):
        fields = (*ExportSerializer.Meta.fields, "card")
        read_only_fields = fields

    def get_card(self, export: Export) -> str:
        return card_of(export, filename=export.filename) if export.counts else ""


class StartExportSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    type = serializers.ChoiceField(choices=ExportType.choices, default=ExportType.DPO)
    format = serializers.ChoiceField(choices=ExportFormat.choices, default=ExportFormat.TRL)
    since = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="pairs of that day (UTC) or later"
    )
    include_metadata = serializers.BooleanField(default=False, help_text="say of each pair where it comes from")
    include_restricted = serializers.BooleanField(
        default=False, help_text="also pairs of platforms whose terms forbid training"
    )

    def validate_since(self, since: date | None) -> date | None:
        if since is not None and not EARLIEST <= since <= datetime.now(UTC).date():
            raise serializers.ValidationError("is a day from 1970 until today")
        return since

    def wish(self) -> ExportWish:
        given = self.validated_data
        return ExportWish(
            ExportType(given["type"]),
            ExportFormat(given["format"]),
            since=given["since"],
            include_metadata=given["include_metadata"],
            include_restricted=given["include_restricted"],
        )
