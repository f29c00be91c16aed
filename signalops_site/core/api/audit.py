"""Reading the audit log."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from ..authentication import signed_in
from ..filters import STORABLE, StrictFilterSet
from ..models import AuditEntry, Role
from ..permissions import visible_project
from ..problems import problem_responses
from .base import required_project

PARAMETER = OpenApiParameter(
    "project", str, description="the project's slug; superusers may leave it out, for every entry there is"
)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    project = serializers.SlugField(source="project.slug", read_only=True, allow_null=True)
    actor = serializers.CharField(
        source="actor_name", read_only=True, help_text="a user, or job:NAME or command:NAME"
    )
    fields_changed = serializers.DictField(
        source="fields", child=serializers.JSONField(), read_only=True, help_text="names, ids and counts; no texts"
    )
    at = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "project",
            "sequence",
            "actor",
            "actor_id",
            "action",
            "target_type",
            "target_id",
            "fields_changed",
            "request_id",
            "at",
            "digest",
        )
        read_only_fields = fields


class AuditFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug")
    action = django_filters.CharFilter(label="such as draft.approve")
    actor = django_filters.CharFilter(field_name="actor_name", label="a user's name, or job:NAME or command:NAME")
    target = django_filters.CharFilter(
        method="about", label="a kind of row, such as leads.draft, or one: leads.draft:7"
    )
    after = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="gte", validators=STORABLE, label="written then or later"
    )
    before = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="lt", validators=STORABLE, label="written before then"
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def in_project(self, entries: QuerySet[AuditEntry], _name: str, slug: str) -> QuerySet[AuditEntry]:
        asker = signed_in(cast("Request", self.request))
        return entries.filter(project=visible_project(asker, slug, role=Role.OPERATOR))

    def about(self, entries: QuerySet[AuditEntry], _name: str, target: str) -> QuerySet[AuditEntry]:
        kind, separator, pk = target.partition(":")
        found = entries.filter(target_type=kind.lower())
        return found.filter(target_id=pk) if separator else found


@extend_schema(tags=["Audit"])
class AuditView(ListAPIView[AuditEntry]):
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[AuditEntry]:
        """One project's entries take an operator; those of no project, and all together, a superuser."""
        entries = AuditEntry.objects.select_related("project")
        if "project" in self.request.query_params or not signed_in(self.request).is_superuser:
            return entries.filter(project=required_project(self.request, role=Role.OPERATOR))
        return entries

    @extend_schema(
        operation_id="list_audit_entries",
        parameters=[PARAMETER],
        responses={200: AuditEntrySerializer(many=True), **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who did what, the newest first."""
        return super().get(request, *args, **kwargs)
