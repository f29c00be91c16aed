"""`manage.py check` finds a connector that does not load."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from signalops_site.core.registry import RegistryError

from .base import connectors


@register()
def connectors_load(**_: Any) -> list[CheckMessage]:
    try:
        connectors.load()
    except RegistryError as error:
        return [Error(str(error), id="signalops.E201")]
    return []
