"""What core's endpoints read and answer. The socket sends `RunEventSerializer` too: one format, one place."""

from typing import Any

from django.utils.dateparse import parse_date
from rest_framework import serializers

from .bodies import StrictSerializer
from .models import Project, Role, Run, RunEvent, RunStatus

STAGE_NAME = r"^[a-z][a-z0-9_]{0,31}$"


class CsrfTokenSerializer(serializers.Serializer[Any]):
    csrf_token = serializers.CharField(help_text="to be sent as X-CSRFToken with every write")


class SignInSerializer(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})


class MyProjectSerializer(serializers.Serializer[Project]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices, help_text="what you may do there")


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(help_text="the full name, or the user name when none is known")
    is_superuser = serializers.BooleanField()
    projects = MyProjectSerializer(many=True)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """Expects rows of `api.projects_of`, which add the reader's role."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="what you may do there")
    config_number = serializers.IntegerField(
        source="active_config.number",
        read_only=True,
        allow_null=True,
        help_text="null: no configuration is active",
    )

    class Meta:
        model = Project
        fields = (
            "slug",
            "name",
            "description",
            "product_url",
            "is_active",
            "role",
            "config_number",
            "created_at",
        )
        read_only_fields = fields


class RunScopeSerializer(serializers.Serializer[Any]):
    """How much a run does, and how fast; what was not asked for is absent."""

    stages = serializers.ListField(
        child=serializers.RegexField(STAGE_NAME, error_messages={"invalid": "is not the name of a stage"}),
        required=False,
        min_length=1,
        max_length=20,
        help_text="stages to run, in the pipeline's order whatever the order here; all when absent",
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=1_000_000, help_text="at most so many leads per stage"
    )
    batch = serializers.BooleanField(required=False, help_text="collect several queries at once")
    concurrency = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=64,
        help_text="so many at once (means `batch`); absent: as the project says",
    )


class RunOptionsSerializer(RunScopeSerializer):
    """How a run was asked for; what was not asked for is absent."""

    refresh = serializers.ChoiceField(
        choices=[("judge", "judge"), ("score", "score")],
        required=False,
        help_text="redo this stage's work; needs `since`",
    )
    since = serializers.DateField(required=False, help_text="with `refresh`: for leads collected since this day")


class RunStartSerializer(StrictSerializer, RunOptionsSerializer):
    project = serializers.SlugField(max_length=63)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for given, missing in (("since", "refresh"), ("refresh", "since")):
            if given in attrs and missing not in attrs:
                message = f"goes together with `{given}`: what to redo, and for leads since which day"
                raise serializers.ValidationError({missing: [message]})
        return attrs


class QueryProgressSerializer(serializers.Serializer[Any]):
    """How far a query is in this run."""

    platform = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(
        choices=[(state, state) for state in ("reading", "waiting", "done", "deferred", "failed")],
        read_only=True,
        help_text="waiting: for the platform, or to be tried again; deferred: left to the next run",
    )
    posts = serializers.IntegerField(read_only=True, help_text="taken in this run, known ones too")
    pages = serializers.IntegerField(read_only=True)
    detail = serializers.CharField(read_only=True, help_text="why it waits or failed")
    until = serializers.DateTimeField(read_only=True, allow_null=True, help_text="when it is asked again")


class StageCountsSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField(read_only=True, default=0)
    failed = serializers.IntegerField(read_only=True, default=0)
    skipped = serializers.IntegerField(read_only=True, default=0)
    seconds = serializers.FloatField(read_only=True, default=0.0)
    problems = serializers.ListField(
        child=serializers.CharField(), read_only=True, default=list, help_text="what went wrong, up to 20 of them"
    )
    queries = serializers.DictField(
        child=QueryProgressSerializer(),
        read_only=True,
        default=dict,
        help_text="of `collect`, by the query's label",
    )
    reasons = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        default=dict,
        help_text="how many leads went no further, by kind: `language`, `followers`, `verified`, `bio` and `copy` "
        "(of `normalize`), `excluded_keyword` (of `judge`, where it is a judgment)",
    )
    figures = serializers.DictField(
        child=serializers.FloatField(),
        read_only=True,
        default=dict,
        help_text="what else was counted, by name; of a cascade: `decided_locally`, `asked_a_model`, and what of "
        "that was paid (`paid_verdicts`, `paid_usd`)",
    )
    notes = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        default=list,
        help_text="how it went, in sentences, where it was no problem",
    )


class RunSerializer(serializers.ModelSerializer[Run]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    status = serializers.ChoiceField(choices=RunStatus.choices, read_only=True)
    options = RunOptionsSerializer(read_only=True)
    stages = serializers.DictField(child=StageCountsSerializer(), read_only=True, help_text="by the stage's name")
    requested_by = serializers.CharField(
        source="requested_by.username", read_only=True, allow_null=True, help_text="null: no user started it"
    )
    config_number = serializers.IntegerField(source="config_version.number", read_only=True)

    class Meta:
        model = Run
        fields = (
            "id",
            "project",
            "kind",
            "trigger",
            "status",
            "options",
            "stages",
            "error",
            "requested_by",
            "config_number",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """Options are stored as JSON, so a date among them is text by now."""
        since = instance.options.get("since")
        if isinstance(since, str):
            instance.options = instance.options | {"since": parse_date(since)}
        return super().to_representation(instance)


class RunEventSerializer(serializers.ModelSerializer[RunEvent]):
    type = serializers.ChoiceField(
        choices=[
            (name, name)
            for name in ("pipeline_progress", "queue_update", "new_lead", "run_finished", "account_update")
        ],
        read_only=True,
    )
    run = serializers.IntegerField(source="run_id", read_only=True, allow_null=True)
    progress = serializers.SerializerMethodField(help_text="0-1; null when the total is not known")
    detail = serializers.DictField(child=serializers.JSONField(), read_only=True)
    at = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = RunEvent
        fields = ("type", "seq", "run", "stage", "done", "total", "progress", "detail", "at")
        read_only_fields = fields

    def get_progress(self, event: RunEvent) -> float | None:
        return min(1.0, event.done / event.total) if event.total else None


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
