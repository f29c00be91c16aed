"""Trying a query before it is saved: parse, call one function, present."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from signalops_site.core.api.base import project_in_body
from signalops_site.core.bodies import StrictSerializer
from signalops_site.core.models import Role
from signalops_site.core.problems import problem_responses

from ..judges.base import Label
from ..services.previews import preview_query


class PreviewQuerySerializer(StrictSerializer):
    project = serializers.SlugField(max_length=63)
    platform = serializers.CharField(max_length=32)
    text = serializers.CharField(max_length=4096, help_text="the query, in the platform's own search language")


class PreviewedPostSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="post.id", help_text="the platform's own")
    text = serializers.CharField(help_text="as judges read it: text, whatever it holds")
    author = serializers.CharField(source="post.author.handle", default="", help_text="handle; may be empty")
    created_at = serializers.DateTimeField(source="post.created_at", allow_null=True)
    url = serializers.CharField(source="post.url", help_text="may be empty")

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here: as an attribute it would hide the serializer's own."""
        judged = {
            "label": serializers.ChoiceField(
                source="verdict.label", choices=Label.choices, allow_null=True, default=None
            ),
            "confidence": serializers.FloatField(source="verdict.confidence", allow_null=True, default=None),
            "reasoning": serializers.CharField(source="verdict.reasoning", default=""),
        }
        return super().get_fields() | judged


class PreviewCostSerializer(serializers.Serializer[Any]):
    posts_per_month = serializers.IntegerField(allow_null=True, help_text="null: it cannot be told")
    usd_per_month = serializers.DecimalField(
        max_digits=18, decimal_places=2, allow_null=True, help_text="null: it cannot be told, or no price is known"
    )
    sentence = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Any]):
    posts = PreviewedPostSerializer(many=True, help_text="at most ten, newest first")
    per_day = serializers.FloatField(allow_null=True, help_text="null: it cannot be told")
    per_day_from = serializers.CharField(help_text="how that was found, or why not")
    cost = PreviewCostSerializer()
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="what the platform or the judge refused"
    )


class QueryPreviewView(APIView):
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "preview"

    @extend_schema(
        operation_id="preview_query",
        tags=["Connectors"],
        request=PreviewQuerySerializer,
        responses={200: PreviewSerializer, **problem_responses(400, 401, 403, 404, 429)},
    )
    def post(self, request: Request) -> Response:
        """Try a query before it is saved: ten posts, what the judge says of them, how many a day, what they cost.

        The platform is asked once, for at most 15 seconds. The posts count in the account's budget; nothing else
        is kept.
        """
        project = project_in_body(request, role=Role.OPERATOR)
        given = PreviewQuerySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        preview = preview_query(project, platform=asked["platform"], text=asked["text"])
        return Response(PreviewSerializer(preview).data)
