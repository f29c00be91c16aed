"""Shapes of the do-not-contact list. A person's handle comes in, and never goes out."""

from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .identities import LONGEST, IdentityKind
from .models import Suppression
from .services.suppressions import LONGEST_REASON

LONGEST_FILE = 2_000_000
"""Characters of one import."""
NAMED = "the handle, the platform's id, the domain or the pattern"
SCOPE = "the project's slug; null: for all projects, which takes a superuser"


class SuppressionSerializer(serializers.ModelSerializer[Suppression]):
    project = serializers.SlugField(source="project.slug", read_only=True, allow_null=True, help_text="null: all")
    value = serializers.CharField(read_only=True, help_text="of a domain or a pattern; empty for a person")
    digest = serializers.CharField(read_only=True, help_text="keyed; stands for the name, which is not kept")
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True)
    is_expired = serializers.BooleanField(read_only=True)

    class Meta:
        model = Suppression
        fields = (
            "id",
            "project",
            "kind",
            "platform",
            "value",
            "digest",
            "reason",
            "source",
            "expires_at",
            "is_expired",
            "by",
            "created_at",
        )
        read_only_fields = fields


class NamedSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=IdentityKind.choices)
    platform = serializers.CharField(
        max_length=32, required=False, default="", allow_blank=True, help_text="needed for a handle and an account"
    )
    value = serializers.CharField(max_length=LONGEST + 100, help_text=NAMED)


class AddSuppressionSerializer(NamedSerializer):
    project = serializers.SlugField(allow_null=True, required=False, default=None, help_text=SCOPE)
    reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, default="", allow_blank=True, help_text="why; no names"
    )
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True, help_text="null: never")


class CheckSuppressionSerializer(StrictSerializer):
    """Names are asked for in a body: addresses are written into the logs of servers and proxies."""

    project = serializers.SlugField()
    platform = serializers.CharField(
        max_length=32, required=False, default="", allow_blank=True, help_text="empty: any"
    )
    value = serializers.CharField(max_length=LONGEST + 100, help_text="a handle, an id or a domain")


class FoundSuppressionsSerializer(serializers.Serializer[Any]):
    results = SuppressionSerializer(many=True)


class ImportSuppressionsSerializer(StrictSerializer):
    project = serializers.SlugField(allow_null=True, required=False, default=None, help_text=SCOPE)
    csv = serializers.CharField(
        max_length=LONGEST_FILE,
        trim_whitespace=False,
        help_text="with a first line of columns: platform,handle or as the export writes them",
    )


class RefusedLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    problem = serializers.CharField()


class ImportedSuppressionsSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    problems = RefusedLineSerializer(many=True, help_text="the first of the lines that were refused")
