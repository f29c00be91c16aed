"""System checks of scoring: `manage.py check` says when a plugin cannot be loaded, before a run needs it."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from signalops_site.core.registry import RegistryError

from .base import plugins


@register()
def check_plugins(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    try:
        plugins.load()
    except RegistryError as error:
        return [Error(str(error), hint="Mend or remove that scoring plugin.", id="signalops.E101")]
    return []
