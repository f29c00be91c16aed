"""`manage.py check` finds a pipeline stage that does not load or has no place."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from signalops_site.core.registry import RegistryError

from .pipeline.base import ordered_stages


@register()
def stages_load(**_: Any) -> list[CheckMessage]:
    try:
        ordered_stages()
    except RegistryError as error:
        return [Error(str(error), id="signalops.E301")]
    return []
