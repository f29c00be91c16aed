"""Shapes of notifications in the API. No address and no secret is in any of them."""

from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .models import Notification, NotificationTarget


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    project = serializers.SlugField(source="project.slug", read_only=True)
    leads = serializers.IntegerField(
        source="lead_count", read_only=True, help_text="of how many leads it tells, those that are still here"
    )

    class Meta:
        model = Notification
        fields = (
            "id",
            "project",
            "target",
            "kind",
            "event_id",
            "subject",
            "sentence",
            "leads",
            "status",
            "tries",
            "next_try_at",
            "error",
            "created_at",
            "sent_at",
        )
        read_only_fields = fields


class TargetStateSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=NotificationTarget.choices)
    configured = serializers.BooleanField(help_text="project.yaml names it")
    problem = serializers.CharField(help_text="why no message can leave now; empty when nothing is seen")
    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    last_sent_at = serializers.DateTimeField(allow_null=True)


class NotificationStateSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    min_score_to_notify = serializers.FloatField()
    digest = serializers.CharField(help_text="as project.yaml says it; empty: none")
    next_digest_at = serializers.DateTimeField(allow_null=True)
    targets = TargetStateSerializer(many=True)


class TestNotificationSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    target = serializers.ChoiceField(choices=NotificationTarget.choices)


class ReplayNotificationsSerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="messages that are tried anew")
