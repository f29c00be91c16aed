"""What the filters of every list share. A value that cannot be read is refused by name, never ignored."""

from datetime import UTC, datetime
from typing import Any, cast

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from .config.reading import nearest

PAGING = {"cursor", "page_size", "ordering", "count", "format"}
STORABLE = [
    MinValueValidator(datetime(1970, 1, 1, tzinfo=UTC)),
    MaxValueValidator(datetime(9000, 1, 1, tzinfo=UTC)),
]
"""Moments that every database can compare with, in any time zone."""


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
