"""Checks of language models and their traces: can each configured model be asked, has Langfuse both its keys?"""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from signalops_site.core.llm.gateway import missing_key
from signalops_site.core.models import Project

from .findings import Seen, doubtful, fine, wrong

NAMES = ("judge_model", "draft_model", "judge_fallback_model")
LOCAL = "local/"


def examine_language_models() -> Iterator[Seen]:
    """LiteLLM is only loaded, which takes seconds, where a project has a hosted model."""
    used: dict[str, list[str]] = {}
    for project in Project.objects.filter(is_active=True).select_related("active_config"):
        section = project.active_config.document.get("llm", {}) if project.active_config else {}
        for model in sorted(hosted_models(section)):
            used.setdefault(model, []).append(project.slug)
    for model, slugs in sorted(used.items()):
        yield _examine_model(model, ", ".join(slugs))
    if not used:
        yield fine("No project has a hosted language model.")


def hosted_models(section: dict[str, Any]) -> set[str]:
    """The models of a configuration's `llm` that LiteLLM is to reach; a cascade names two."""
    named = [section.get(name) for name in NAMES] + list(section.get("fallback_models", []))
    parts = {part for name in named if name for part in re.split(r"^cascade:|>", name)}
    return {part for part in parts if part and not part.startswith(LOCAL)}


def _examine_model(model: str, slugs: str) -> Seen:
    problem = missing_key(model)
    if not problem:
        return fine(f"{model} can be asked, for {slugs}.")
    mend = "Set the variable in the environment or in .env, or name another model in the project's llm section."
    return wrong(f"{problem} ({slugs})", mend=mend)


def examine_tracing() -> Iterator[Seen]:
    keys = {name: getattr(settings, name) for name in ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY")}
    missing = [name for name, value in keys.items() if not value]
    if len(missing) == 1:
        yield doubtful(
            f"Nothing is traced: {missing[0]} is not set.", mend="Set both of Langfuse's keys, or neither."
        )
    elif missing:
        yield fine("Calls to language models are not traced; Langfuse is not configured.")
    else:
        yield fine(f"Calls to language models are traced at {settings.LANGFUSE_HOST}.")
