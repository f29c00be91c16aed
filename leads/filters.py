"""What lists can be narrowed to. A value that cannot be read is refused by name, never ignored."""

from datetime import UTC, datetime
from typing import Any, cast

import django_filters
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from signalops_site.core.authentication import signed_in
from signalops_site.core.config.reading import nearest
from signalops_site.core.permissions import visible_project

from .judges.base import Label
from .models import Draft, DraftStatus, Lead, LeadStage

ALL = "all"
_STORABLE = [
    MinValueValidator(datetime(1970, 1, 1, tzinfo=UTC)),
    MaxValueValidator(datetime(9000, 1, 1, tzinfo=UTC)),
]


PAGING = {"cursor", "page_size", "ordering", "count", "format"}


class StrictFilterSet(django_filters.FilterSet):
    """A mistyped filter narrows nothing and would look as if it had: it is refused, as one that comes twice is."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        given = cast("Request", self.request).query_params
        for name in given:
            if name not in self.filters and name not in PAGING:
                raise ValidationError({name: [f"There is no such filter{nearest(name, self.filters)}"]})
            if len(given.getlist(name)) > 1:
                raise ValidationError({name: ["This filter is given more than once."]})
        narrowed: QuerySet[Any] = super().filter_queryset(queryset)
        return narrowed


class LeadFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug; left out: all of yours")
    label = django_filters.ChoiceFilter(choices=Label.choices)
    stage = django_filters.ChoiceFilter(choices=LeadStage.choices)
    min_score = django_filters.NumberFilter(field_name="score", lookup_expr="gte")
    max_score = django_filters.NumberFilter(field_name="score", lookup_expr="lte")
    platform = django_filters.CharFilter(field_name="post__platform")
    query = django_filters.CharFilter(field_name="queries__label", label="label of a query that found the post")
    author = django_filters.CharFilter(method="by_author", label="handle, in any case, with or without @")
    assignee = django_filters.CharFilter(method="assigned_to", label="a user name, or `me`")
    language = django_filters.CharFilter(field_name="post__language")
    created_after = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="gte", validators=_STORABLE, label="collected then or later"
    )
    created_before = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="lt", validators=_STORABLE, label="collected before then"
    )
    q = django_filters.CharFilter(method="containing", label="part of the text, or of the author's handle or name")

    class Meta:
        model = Lead
        fields: list[str] = []

    def in_project(self, leads: QuerySet[Lead], _name: str, slug: str) -> QuerySet[Lead]:
        return leads.filter(project=visible_project(_asker(self), slug))

    def by_author(self, leads: QuerySet[Lead], _name: str, handle: str) -> QuerySet[Lead]:
        return leads.filter(post__author__handle__iexact=handle.removeprefix("@"))

    def assigned_to(self, leads: QuerySet[Lead], _name: str, username: str) -> QuerySet[Lead]:
        name = _asker(self).get_username() if username == "me" else username
        return leads.filter(assignee__username=name)

    def containing(self, leads: QuerySet[Lead], _name: str, words: str) -> QuerySet[Lead]:
        return leads.filter(
            Q(post__text__icontains=words)
            | Q(post__clean_text__icontains=words)
            | Q(post__author__handle__icontains=words)
            | Q(post__author__name__icontains=words)
        )


class QueueFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug; left out: all of yours")
    status = django_filters.ChoiceFilter(
        choices=[*DraftStatus.choices, (ALL, "All")], method="with_status", label="`pending` when left out"
    )

    class Meta:
        model = Draft
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A filter that was left out is not called; this one means `pending` then."""
        chosen = super().filter_queryset(queryset)
        return chosen if self.form.cleaned_data.get("status") else chosen.filter(status=DraftStatus.PENDING)

    def in_project(self, drafts: QuerySet[Draft], _name: str, slug: str) -> QuerySet[Draft]:
        return drafts.filter(lead__project=visible_project(_asker(self), slug))

    def with_status(self, drafts: QuerySet[Draft], _name: str, status: str) -> QuerySet[Draft]:
        return drafts if status == ALL else drafts.filter(status=status)


def _asker(filters: django_filters.FilterSet) -> User:
    return signed_in(cast("Request", filters.request))
