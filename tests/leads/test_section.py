"""What leads say of the judges that a project.yaml names."""

from typing import Any

import pytest

from experiments.models import ModelType, ModelVersion
from leads.judges.factory import build_judge, objection_to
from leads.section import check_leads_sections
from signalops_site.core.errors import DomainError
from tests.factories import document


def problems(**llm: Any) -> dict[str, str]:
    found = check_leads_sections(document(llm=llm))
    return {problem.path: problem.message for problem in found if problem.severity == "error"}


@pytest.mark.parametrize(
    "model",
    [
        "local/default",
        "local/keyword",
        "openai/gpt-4o-mini",
        "anthropic/claude-3-5-haiku-latest",
        "ollama/llama3.2",
        "ft:gpt-4o-mini-2024-07-18:tidewater::1",
        "cascade:local/default>openai/gpt-4o-mini",
    ],
)
def test_whatever_can_be_run_may_be_named(model: str) -> None:
    assert problems(judge_model=model) == {}
    assert objection_to(ModelVersion(model_id=model, model_type=ModelType.JUDGE)) == ""


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("local/defualt", "did you mean 'local/default'"),
        ("nobody-s/model", "no provider is known"),
        ("cascade:local/default>nobody-s/model", "no provider is known"),
        ("cascade:openai/a>openai/b", "begins with a local judge"),
        ("cascade:local/none>openai/gpt-4o-mini", "no local judge"),
        ("cascade:local/default", "is written as"),
    ],
)
def test_what_nothing_can_run_is_refused_with_a_sentence(model: str, why: str) -> None:
    assert why in problems(judge_model=model)["llm.judge_model"]
    assert objection_to(ModelVersion(model_id=model, model_type=ModelType.JUDGE)) != ""


def test_those_that_step_in_are_looked_at_too() -> None:
    found = problems(
        fallback_models=["openai/gpt-4o-mini", "nobody-s/model"],
        judge_fallback_model="cascade:local/default>openai/gpt-4o-mini",
    )
    assert set(found) == {"llm.fallback_models.1", "llm.judge_fallback_model"}
    assert "steps in for nobody" in found["llm.judge_fallback_model"]


def test_no_cascade_is_built_out_of_something_else() -> None:
    with pytest.raises(DomainError, match="no local judge 'local/none'"):
        build_judge("cascade:local/none>openai/gpt-4o-mini", document())


def test_posts_per_call_have_a_range() -> None:
    assert document(llm={"posts_per_call": 20}).llm.posts_per_call == 20
    for wrong in (0, 21):
        with pytest.raises(ValueError, match="posts_per_call"):
            document(llm={"posts_per_call": wrong})
