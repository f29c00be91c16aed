"""Presenting what one serializer holds by another, once for each row of a page.

Making a serializer copies all of its fields, which takes longer than presenting a value by it: one of each kind
serves them all. It is only for kinds that read nothing from a context.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from rest_framework.serializers import Serializer


def presented(kind: type[Serializer[Any]], value: object) -> dict[str, Any]:
    """What `kind(value).data` holds."""
    shown: dict[str, Any] = _one_of(kind).to_representation(value)
    return shown


def all_presented(kind: type[Serializer[Any]], values: Iterable[object]) -> list[dict[str, Any]]:
    return [presented(kind, value) for value in values]


@cache
def _one_of(kind: type[Serializer[Any]]) -> Serializer[Any]:
    return kind()
