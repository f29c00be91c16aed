"""Judges that ask a model, by a provider that stands on this machine. Rows are written, so a database is there."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from experiments.models import ModelType
from experiments.services import ModelFacts, register_model
from leads.judges.base import (
    Answer,
    Findings,
    Judge,
    JudgeContext,
    JudgeFailure,
    Label,
    PostView,
    StreamingJudge,
    Verdict,
    as_they_come,
)
from leads.judges.factory import build_judge
from leads.judges.llm import GIVEN_UP_AFTER, UNSTORED, LlmJudge, forget_unstored
from leads.judges.prompts import data_of, full_prompt, short_prompt
from signalops_site.core.budgets import Claim, reserve
from signalops_site.core.llm.requests import FailureKind
from signalops_site.core.llm.spending import scope_of
from signalops_site.core.models import BudgetUnit, LlmCall, Project
from tests.factories import document
from tests.llm_stand_in import Asked, Reply, StandIn, fails, in_turn, says

from .obeying import POST, data_in

pytestmark = pytest.mark.django_db

MODEL = "openai/gpt-4o-mini"
CONTEXT = JudgeContext.from_document(document())
YES = {"label": "relevant", "confidence": 0.8, "reasoning": "It asks for a tool."}
Script = Callable[[Asked], Reply]


def judge_of(project: Project | None = None, model: str = MODEL, **llm: Any) -> Judge:
    settings = {"max_judge_latency_ms": 30_000, **llm}
    return build_judge(model, document(llm=settings), project=project)


def ask(judge: Judge, *texts: str) -> list[Answer]:
    return judge.judge_batch([PostView(text=text, subject=f"lead:{n}") for n, text in enumerate(texts)])


def verdicts(answers: Sequence[Answer]) -> list[Verdict]:
    assert all(isinstance(answer, Verdict) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Verdict)]


def failure(answer: Answer) -> JudgeFailure:
    assert isinstance(answer, JudgeFailure)
    return answer


def by_model(**replies: Reply) -> Script:
    """Replies by the last letters of the model's name."""
    return lambda asked: next(reply for name, reply in replies.items() if asked.model.endswith(name))


# ---------------------------------------------------------------- asking and answering


def test_a_model_judges_by_the_full_prompt_and_its_answer_is_a_verdict(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES, tokens_in=1000, tokens_out=100)
    judge = judge_of()
    (verdict,) = verdicts(ask(judge, "Which tool for invoices?"))
    assert (verdict.label, verdict.confidence, verdict.reasoning) == (Label.RELEVANT, 0.8, "It asks for a tool.")
    assert (verdict.model, verdict.prompt_version) == (MODEL, judge.prompt_version)
    assert verdict.cost_usd > 0
    assert (verdict.tokens_in, verdict.tokens_out) == (1000, 100)
    system, user = provider.asked[0].messages
    assert system[1] == full_prompt(CONTEXT).instructions
    assert user[1] == f"<post>\n{data_of(PostView(text='Which tool for invoices?'))}\n</post>"


def test_answers_come_back_in_the_order_of_the_posts_however_they_arrive(provider: StandIn) -> None:
    def script(asked: Asked) -> Reply:
        number = int(re.findall(r"number (\d+)", asked.text)[0])
        return says({**YES, "confidence": number / 100}, seconds=0.2 if number % 2 else 0.0)

    provider.script = script
    answers = verdicts(ask(judge_of(), *(f"number {n}" for n in range(12))))
    assert [round(answer.confidence * 100) for answer in answers] == list(range(12))


def test_calls_wait_side_by_side_and_no_more_than_sixty_four(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES, seconds=0.5)
    began = time.monotonic()
    assert len(verdicts(ask(judge_of(), *(f"post {n}" for n in range(100))))) == 100
    assert 16 < provider.most_at_once <= 64
    assert time.monotonic() - began < 100 * 0.5 / 4


def test_answers_are_handed_out_while_others_wait(provider: StandIn) -> None:
    provider.script = lambda asked: says(YES, seconds=20 if "slow" in asked.text else 0)
    posts = [PostView(text="slow"), PostView(text="quick")]
    answers = as_they_come(judge_of(), posts)
    began = time.monotonic()
    assert next(answers)[0] == 1
    assert time.monotonic() - began < 15
    answers.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 15


def test_the_settings_of_calls_reach_the_provider(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES)
    ask(judge_of(temperature=0.15, max_tokens=77), "Hello")
    assert provider.asked[0].body["temperature"] == 0.15
    assert provider.asked[0].body.get("max_tokens", provider.asked[0].body.get("max_completion_tokens")) == 77


# ---------------------------------------------------------------- what is remembered


def test_the_same_question_is_paid_for_once(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES)
    first, second = verdicts(ask(judge_of(project), "Hello", "Hello"))
    (verdict,) = verdicts(ask(judge_of(project), "Hello"))
    assert provider.count == 1
    assert verdict.cost_usd == 0
    assert verdict.worth_usd == first.worth_usd == second.worth_usd > 0


def test_without_the_cache_a_question_is_asked_anew(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES)
    ask(judge_of(project, cache=False), "Hello")
    ask(judge_of(project, cache=False), "Hello")
    assert provider.count == 2


def test_another_prompt_is_another_question(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES)
    ask(judge_of(project), "Hello")
    ask(build_judge(MODEL, document(description="Something else."), project=project), "Hello")
    assert provider.count == 2


def test_what_is_said_of_posts_that_are_not_kept_is_forgotten(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES)
    judge = judge_of(project)
    judge.judge_batch([PostView(text="Nobody's"), PostView(text="A lead's", subject="lead:1")])
    forget_unstored()
    kept = dict(LlmCall.objects.values_list("subject", "answer"))
    assert kept[UNSTORED] == ""
    assert "tool" in kept["lead:1"]


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says("It is relevant, I think."), FailureKind.MALFORMED),
        (says({**YES, "label": "perhaps"}), FailureKind.MALFORMED),
        (fails(400), FailureKind.REFUSED),
    ],
)
def test_a_failure_is_a_failure_and_never_a_maybe(provider: StandIn, reply: Reply, kind: FailureKind) -> None:
    provider.script = lambda _asked: reply
    assert failure(ask(judge_of(), "Hello")[0]).kind is kind


def test_a_call_that_takes_too_long_is_cut_and_counted(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: says(YES, seconds=30 if "slow" in asked.text else 0)
    ask(judge_of(project), "warm up")
    began = time.monotonic()
    cut, answered = ask(judge_of(project, max_judge_latency_ms=1500), "slow", "quick")
    assert time.monotonic() - began < 15
    assert failure(cut).kind is FailureKind.TIMEOUT
    assert isinstance(answered, Verdict)
    assert LlmCall.objects.filter(project=project, status="timeout").count() == 1


def test_fallback_models_are_asked_in_order_and_named_in_the_verdict(provider: StandIn) -> None:
    provider.script = by_model(first=fails(400), second=says("no JSON"), third=says(YES))
    (verdict,) = verdicts(
        ask(judge_of(model="openai/first", fallback_models=["openai/second", "openai/third"]), "Hi")
    )
    assert verdict.model == "openai/third"
    assert provider.models() == ["first", "second", "third"]


def test_the_judge_of_last_resort_may_be_a_local_one(provider: StandIn) -> None:
    provider.script = lambda _asked: fails(400)
    judge = judge_of(fallback_models=["openai/second"], judge_fallback_model="local/keyword")
    (verdict,) = verdicts(ask(judge, "Hello"))
    assert verdict.model == "local/keyword"
    assert provider.count == 2


def test_the_judge_of_last_resort_may_be_another_model(provider: StandIn) -> None:
    provider.script = by_model(mini=fails(400), big=says(YES))
    (verdict,) = verdicts(ask(judge_of(judge_fallback_model="openai/big"), "Hello"))
    assert verdict.model == "openai/big"


def test_a_missing_key_is_one_problem_and_no_lead_is_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    judge = judge_of()
    answers = [failure(answer) for answer in ask(judge, *(f"post {n}" for n in range(40)))]
    assert not any(answer.is_of_the_post for answer in answers)
    assert len(problems_of(judge)) <= 2
    assert "OPENAI_API_KEY" in problems_of(judge)[0]


def problems_of(judge: Judge) -> list[str]:
    assert isinstance(judge, StreamingJudge)
    return judge.findings.problems


def test_whoever_judges_instead_is_told_with_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    judge = judge_of(judge_fallback_model="local/keyword")
    assert {verdict.model for verdict in verdicts(ask(judge, "one", "two"))} == {"local/keyword"}
    assert problems_of(judge)[0].endswith("local/keyword judges instead.")


def test_a_model_that_only_fails_is_left_alone_for_the_rest_of_the_run(provider: StandIn) -> None:
    provider.script = lambda _asked: fails(401)
    judge = judge_of()
    ask(judge, *(f"post {n}" for n in range(200)))
    asked = provider.count
    assert GIVEN_UP_AFTER <= asked < 200
    ask(judge, "one more")
    assert provider.count == asked
    assert any("not asked again" in problem for problem in problems_of(judge))


def test_failures_among_answers_do_not_make_a_model_be_left_alone(provider: StandIn) -> None:
    provider.script = lambda asked: fails(400) if "bad" in asked.text else says(YES)
    judge = judge_of()
    for _ in range(3):
        ask(judge, *(f"bad {n}" for n in range(GIVEN_UP_AFTER // 2)), "good")
        ask(judge, "good", "better")
    assert isinstance(ask(judge, "last")[0], Verdict)


def test_past_the_budget_the_local_judge_goes_on_and_says_so(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES, tokens_in=100_000, tokens_out=1000)
    judge = judge_of(project, monthly_budget_usd=0.01)
    paid = verdicts(ask(judge, "one"))
    rest = verdicts(ask(judge, "two", "three"))
    assert [verdict.model for verdict in (*paid, *rest)] == [MODEL, "local/default", "local/default"]
    assert provider.count == 1
    (problem,) = problems_of(judge)
    assert "budget" in problem
    assert problem.endswith("local/default judges instead.")


def test_what_others_hold_of_the_budget_is_waited_for(provider: StandIn, project: Project) -> None:
    limit = Decimal("0.01")
    claim = Claim(BudgetUnit.USD, limit, limit)
    reserve(scope_of(project), name="another worker", items=1, claims=[claim])
    judge = judge_of(
        project, monthly_budget_usd=0.01, judge_fallback_model="local/keyword", max_judge_latency_ms=500
    )
    told = [failure(answer) for answer in ask(judge, "one", "two")]
    assert {(each.kind, each.retryable, each.is_of_the_post) for each in told} == {
        (FailureKind.BUDGET, True, False)
    }
    (problem,) = problems_of(judge)
    assert problem.startswith("The rest of the budget of tidewater's models for")
    assert "instead" not in problem


def test_past_the_budget_the_local_judge_of_last_resort_is_preferred(provider: StandIn, project: Project) -> None:
    judge = judge_of(project, monthly_budget_usd=0, judge_fallback_model="local/keyword")
    assert verdicts(ask(judge, "one"))[0].model == "local/keyword"
    assert provider.count == 0


def test_a_model_that_no_budget_can_hold_is_a_problem(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(YES)
    judge = judge_of(project, model="openai/of-our-own", monthly_budget_usd=1)
    assert len(verdicts(ask(judge, "one", "two"))) == 2
    (problem,) = problems_of(judge)
    assert "No price is known for openai/of-our-own" in problem
    unbound = judge_of(project, model="openai/of-our-own")
    ask(unbound, "three")
    assert problems_of(unbound) == []


# ---------------------------------------------------------------- fine-tuned models


@pytest.mark.parametrize(
    "model", ["ft:gpt-4o-mini-2024-07-18:tidewater::1", "openai/ft:gpt-4o-mini-2024-07-18:t::2"]
)
def test_a_fine_tuned_model_is_asked_by_the_prompt_it_was_trained_on(provider: StandIn, model: str) -> None:
    provider.script = lambda _asked: says(YES)
    (verdict,) = verdicts(ask(judge_of(model=model), "Hello"))
    assert provider.asked[0].messages[0][1] == short_prompt(CONTEXT).instructions
    assert verdict.prompt_version == short_prompt(CONTEXT).version
    assert verdict.model == model


def test_a_base_model_in_the_registry_makes_a_model_a_fine_tuned_one(provider: StandIn) -> None:
    provider.script = lambda _asked: says(YES)
    facts = ModelFacts(base_model="a-small-one")
    register_model("openai/our-own", model_type=ModelType.JUDGE, by="test", facts=facts)
    ask(judge_of(model="openai/our-own"), "Hello")
    assert provider.asked[0].messages[0][1] == short_prompt(CONTEXT).instructions


def test_who_steps_in_for_a_fine_tuned_model_is_told_everything(provider: StandIn) -> None:
    provider.script = by_model(one=fails(404), mini=says(YES))
    judge = judge_of(model="openai/ft:tuned:one", fallback_models=[MODEL])
    (verdict,) = verdicts(ask(judge, "Hello"))
    assert provider.asked[-1].messages[0][1] == full_prompt(CONTEXT).instructions
    assert (verdict.model, verdict.prompt_version) == (MODEL, full_prompt(CONTEXT).version)
    assert "refused" in problems_of(judge)[0]


# ---------------------------------------------------------------- several posts in a call


def several(*, wrong: Callable[[list[dict[str, Any]]], object] = lambda said: said) -> Script:
    """Confidence is the post's number in hundredths; `wrong` may spoil the list of answers to several."""

    def script(asked: Asked) -> Reply:
        ids = [name for name, _data in POST.findall(asked.messages[-1][1])]
        said = [{**YES, "confidence": int(str(post["text"]).split()[-1]) / 100} for post in data_in(asked)]
        size = len(asked.text) // 4
        if not any(ids):
            return says(said[0], tokens_in=size, tokens_out=30)
        named = [{"id": name, **one} for name, one in zip(ids, said, strict=True)]
        return says({"answers": wrong(named)}, tokens_in=size, tokens_out=35 * len(said))

    return script


def numbered(count: int) -> list[str]:
    return [f"Looking for a tool, number {n}" for n in range(count)]


def confidences(answers: Sequence[Answer]) -> list[int]:
    return [round(verdict.confidence * 100) for verdict in verdicts(answers)]


def test_short_posts_share_calls_and_each_gets_its_own_answer(provider: StandIn) -> None:
    provider.script = several(wrong=lambda said: said[::-1])
    answers = ask(judge_of(posts_per_call=5), *numbered(12))
    assert confidences(answers) == list(range(12))
    assert sorted(len(data_in(asked)) for asked in provider.asked) == [2, 5, 5]


def test_sharing_calls_saves_most_of_the_tokens(provider: StandIn) -> None:
    provider.script = several()
    alone = verdicts(ask(judge_of(posts_per_call=1), *numbered(20)))
    shared = verdicts(ask(judge_of(posts_per_call=10), *numbered(20)))
    tokens = [sum(verdict.tokens_in for verdict in group) for group in (alone, shared)]
    assert tokens[1] < tokens[0] / 3
    assert sum(v.cost_usd for v in shared) < sum(v.cost_usd for v in alone) * Decimal("0.6")


def test_posts_that_share_a_call_share_its_time(provider: StandIn) -> None:
    script = several()
    provider.script = lambda asked: replace(script(asked), seconds=1.0)
    shared = verdicts(ask(judge_of(posts_per_call=10), *numbered(10)))
    assert 1000 <= sum(verdict.latency_ms for verdict in shared) < 9000
    assert len({verdict.latency_ms for verdict in shared}) == 1


@pytest.mark.parametrize(
    ("wrong", "alone"),
    [
        (lambda said: said[1:], 1),
        (lambda said: [*said, said[0]], 1),
        (lambda said: [{**said[0], "id": "9-deadbeef"}, *said[1:]], 4),
        (lambda said: [{**said[0], "id": said[1]["id"]}, *said[1:]], 2),
        (lambda _: "none at all", 4),
        (lambda _: [], 4),
    ],
    ids=["missing", "twice", "foreign", "of another", "no list", "none"],
)
def test_answers_that_cannot_be_told_apart_are_asked_for_alone(
    provider: StandIn, wrong: Callable[[list[dict[str, Any]]], object], alone: int
) -> None:
    provider.script = several(wrong=wrong)
    assert confidences(ask(judge_of(posts_per_call=4), *numbered(4))) == list(range(4))
    assert provider.count == 1 + alone


def test_a_run_that_goes_on_finds_the_answers_of_shared_calls_again(provider: StandIn, project: Project) -> None:
    """What was stored has left the list, a whole call at a time, so the others are the same calls as before."""
    provider.script = several()
    texts = numbered(14)
    ask(judge_of(project, posts_per_call=4), *texts)
    assert provider.count == 4
    rest = ask(judge_of(project, posts_per_call=4), *texts[:4], *texts[8:])
    assert confidences(rest) == [0, 1, 2, 3, 8, 9, 10, 11, 12, 13]
    assert provider.count == 4


def test_a_long_post_has_a_call_of_its_own(provider: StandIn) -> None:
    provider.script = several()
    answers = ask(judge_of(posts_per_call=4), "short 1", "long " + "x" * 900 + " 2", "short 3")
    assert confidences(answers) == [1, 2, 3]
    assert sorted(len(data_in(asked)) for asked in provider.asked) == [1, 2]


def test_a_call_about_several_may_be_as_long_and_slow_as_its_posts(provider: StandIn) -> None:
    provider.script = several()
    ask(judge_of(posts_per_call=3, max_tokens=200), *numbered(3))
    body = provider.asked[0].body
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 600


def test_a_fine_tuned_model_gets_its_posts_one_by_one(provider: StandIn) -> None:
    provider.script = several()
    ask(judge_of(model="ft:gpt-4o-mini-2024-07-18:t::1", posts_per_call=5), *numbered(3))
    assert provider.count == 3


def test_verdicts_of_shared_calls_are_known_by_their_own_prompt(provider: StandIn) -> None:
    provider.script = several()
    judge = judge_of(posts_per_call=5)
    assert isinstance(judge, LlmJudge)
    (one, *_) = verdicts(ask(judge, *numbered(2)))
    assert (one.model, one.prompt_version) in judge.known_as
    assert one.prompt_version != judge.prompt_version


def test_a_problem_is_told_once() -> None:
    findings = Findings()
    findings.tell("It is so.")
    findings.tell("It is so.")
    assert findings.problems == ["It is so."]


def test_a_slow_first_try_and_a_good_second_one_make_a_verdict(provider: StandIn) -> None:
    provider.script = in_turn(fails(500), says(YES))
    assert len(verdicts(ask(judge_of(), "Hello"))) == 1
    assert provider.count == 2
