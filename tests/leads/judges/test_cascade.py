from collections.abc import Sequence
from decimal import Decimal

import pytest

from leads.judges.base import Answer, JudgeFailure, Label, PostView, Verdict
from leads.judges.cascade import SURE, CascadeJudge, NoCascade, agreement, is_sure, parts_of
from leads.judges.factory import build_judge, why_no_judge
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project
from tests.factories import document
from tests.llm_stand_in import StandIn, fails, says

MODEL = "cascade:local/default>openai/gpt-4o-mini"
SURE_OF = "We are hiring! Apply now. #jobs #hiring"
UNSURE_OF = "Invoices again, hm."


def said(label: Label, confidence: float) -> Verdict:
    return Verdict(label, confidence, "", "local/default", "v", 0.0)


@pytest.mark.parametrize(
    ("answer", "sure"),
    [
        (said(Label.RELEVANT, SURE), True),
        (said(Label.IRRELEVANT, 0.99), True),
        (said(Label.IRRELEVANT, SURE - 0.01), False),
        (said(Label.MAYBE, 0.99), False),
        (JudgeFailure("local/default", "broken"), False),
    ],
)
def test_a_judge_is_sure_of_clear_and_confident_verdicts_alone(answer: Answer, sure: bool) -> None:
    assert is_sure(answer) == sure


def test_agreement_is_the_share_of_equal_labels() -> None:
    assert agreement([(Label.MAYBE, Label.MAYBE), (Label.MAYBE, Label.RELEVANT)]) == (0.5, 2)
    assert agreement([]) == (None, 0)


def test_a_cascade_is_read_from_its_id() -> None:
    assert parts_of(MODEL) == ("local/default", "openai/gpt-4o-mini")


@pytest.mark.parametrize(
    "model", ["cascade:", "cascade:local/default", "cascade:>a", "cascade:a>", "cascade:a>b>c"]
)
def test_an_id_that_names_no_two_judges_is_refused(model: str) -> None:
    with pytest.raises(NoCascade, match="is written as"):
        parts_of(model)
    assert "is written as" in why_no_judge(model)
    with pytest.raises(DomainError, match="is written as"):
        build_judge(model, document())


@pytest.mark.parametrize(
    "model", ["cascade:openai/a>openai/b", "cascade:local/default>local/keyword", "cascade:local/none>openai/b"]
)
def test_a_cascade_goes_from_a_local_judge_to_a_model(model: str) -> None:
    assert "local judge" in why_no_judge(model)


@pytest.mark.django_db
def test_the_model_is_asked_only_where_the_local_judge_is_not_sure(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says({"label": "relevant", "confidence": 0.7, "reasoning": "It asks."})
    judge = build_judge(MODEL, document(llm={"max_judge_latency_ms": 30_000}), project=project)
    assert isinstance(judge, CascadeJudge)
    answers = judge.judge_batch([PostView(text=text) for text in (UNSURE_OF, SURE_OF, UNSURE_OF + " Any tool?")])
    assert [verdict.model for verdict in verdicts(answers)] == [
        "openai/gpt-4o-mini",
        "local/default",
        "openai/gpt-4o-mini",
    ]
    assert [verdict.prompt_version for verdict in verdicts(answers)] == [
        judge.second.prompt_version,
        judge.first.prompt_version,
        judge.second.prompt_version,
    ]
    assert provider.count == 2
    assert [judge.decided_locally(verdict) for verdict in verdicts(answers)] == [False, True, False]
    assert sum((verdict.cost_usd for verdict in verdicts(answers)), Decimal(0)) > 0


def verdicts(answers: Sequence[Answer]) -> list[Verdict]:
    assert all(isinstance(answer, Verdict) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Verdict)]


@pytest.mark.django_db
def test_where_the_model_fails_the_local_judge_answers_if_it_is_named_for_that(provider: StandIn) -> None:
    provider.script = lambda _asked: fails(400)
    chosen = document(llm={"judge_fallback_model": "local/default", "max_judge_latency_ms": 30_000})
    judge = build_judge(MODEL, chosen)
    (verdict,) = verdicts(judge.judge_batch([PostView(text=UNSURE_OF)]))
    assert verdict.model == "local/default"
    assert isinstance(judge, CascadeJudge)
    assert not judge.decided_locally(verdict)
    alone = build_judge(MODEL, document(llm={"max_judge_latency_ms": 30_000}))
    assert isinstance(alone.judge_batch([PostView(text=UNSURE_OF)])[0], JudgeFailure)


@pytest.mark.django_db
def test_the_version_of_a_cascade_follows_its_parts() -> None:
    one = build_judge(MODEL, document())
    assert one.prompt_version == build_judge(MODEL, document()).prompt_version
    assert one.prompt_version != build_judge(MODEL, document(description="Other.")).prompt_version
