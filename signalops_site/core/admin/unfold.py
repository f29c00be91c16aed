"""Unfold's classes, under the types of the Django classes that they derive from (it ships none of its own)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as _ModelAdmin
    from django.core.paginator import Paginator as _Paginator

    ModelAdmin = _ModelAdmin[Any]
    Paginator = _Paginator[Any]

    INPUT_CLASSES: list[str]
    SELECT_CLASSES: list[str]
    TEXTAREA_CLASSES: list[str]
else:
    from unfold.admin import ModelAdmin
    from unfold.paginator import InfinitePaginator as Paginator
    from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

__all__ = ["INPUT_CLASSES", "SELECT_CLASSES", "TEXTAREA_CLASSES", "ModelAdmin", "Paginator"]
