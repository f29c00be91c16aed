"""Shapes of the blind lane. What is not here is the point: no score, label, draft, judgment, query or reason."""

from typing import Any

from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .judges.base import Label
from .models import LabelTask
from .serializers import MAX_SECONDS, AuthorSerializer, PostSerializer


class LabelTaskSerializer(serializers.Serializer[LabelTask]):
    """Not even the lead's id: whoever asks for the lead sees what a model said of it."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project.slug")
    leased_until = serializers.DateTimeField(allow_null=True, help_text="nobody else is asked until then")
    post = PostSerializer(source="lead.post")
    author = AuthorSerializer(source="lead.post.author", allow_null=True)


class NextLabelSerializer(serializers.Serializer[Any]):
    task = LabelTaskSerializer(allow_null=True, help_text="null: nothing is left for you")
    waiting = serializers.IntegerField(help_text="how many posts wait for your answer, this one included")


class WaitingLabelsSerializer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="how many posts wait for your answer")


class AnswerLabelSerializer(StrictSerializer):
    seconds = serializers.IntegerField(
        min_value=0, max_value=MAX_SECONDS, required=False, allow_null=True, default=None, help_text="spent on it"
    )

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here, since as an attribute it would hide the serializer's own."""
        return {**super().get_fields(), "label": serializers.ChoiceField(choices=Label.choices)}


class UndoLabelSerializer(StrictSerializer):
    project = serializers.CharField(help_text="the project's slug")
