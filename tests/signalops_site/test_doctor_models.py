"""The doctor's checks of language models and their traces."""

import pytest
from pytest_django import Settings

from signalops_site.core.models import Project
from signalops_site.doctor import models

from .test_doctor import levels, told


def test_the_hosted_models_of_a_configuration_are_found() -> None:
    section = {
        "judge_model": "cascade:local/default>openai/gpt-4o-mini",
        "draft_model": "anthropic/claude-haiku-4-5",
        "fallback_models": ["openai/gpt-4o-mini", "groq/any"],
        "judge_fallback_model": "local/default",
    }
    assert models.hosted_models(section) == {"openai/gpt-4o-mini", "anthropic/claude-haiku-4-5", "groq/any"}
    assert models.hosted_models({"judge_model": None}) == set()


def test_a_project_without_a_hosted_model_needs_nothing(project: Project) -> None:
    assert levels(models.examine_language_models()) == {"ok"}


def test_a_hosted_model_without_its_key_is_found(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    config = project.active_config
    assert config is not None
    changed = config.document | {"llm": {"judge_model": "openai/gpt-4o"}}
    type(config).objects.filter(pk=config.pk).update(document=changed)
    assert told(models.examine_language_models()) == (
        "openai/gpt-4o needs OPENAI_API_KEY in the environment. (tidewater)"
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-nobody")
    assert levels(models.examine_language_models()) == {"ok"}


@pytest.mark.parametrize(
    ("public", "secret", "said"),
    [
        ("", "", ""),
        ("pk-lf", "sk-lf", ""),
        ("pk-lf", "", "LANGFUSE_SECRET_KEY is not set"),
        ("", "sk-lf", "LANGFUSE_PUBLIC_KEY is not set"),
    ],
)
def test_half_of_langfuse_s_keys_are_not_enough(settings: Settings, public: str, secret: str, said: str) -> None:
    settings.LANGFUSE_PUBLIC_KEY, settings.LANGFUSE_SECRET_KEY = public, secret
    found = told(models.examine_tracing())
    assert said in found
    assert bool(said) == bool(found)
