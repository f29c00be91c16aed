"""Shapes of what passes by itself: holds, and the time until which a lead is put off."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from .models import Draft, DraftStatus, Hold


class HoldSerializer(serializers.Serializer[Hold]):
    user = serializers.CharField(source="user.username", help_text="who has the draft before them")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="over then, unless it is renewed before")


class PutOffField(serializers.DateTimeField):
    """A moment that counts while it is to come: null afterwards."""

    def to_representation(self, value: Any) -> Any:
        is_over = isinstance(value, datetime) and value <= timezone.now()
        return None if is_over else super().to_representation(value)


def hold_shown(draft: Draft) -> Hold | None:
    """The draft's hold, if it is not over and the draft still waits."""
    hold: Hold | None = getattr(draft, "hold", None)
    is_on = hold is not None and hold.until > timezone.now() and draft.status == DraftStatus.PENDING
    return hold if is_on else None
