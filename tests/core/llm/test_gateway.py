"""The gateway against a provider that is a real server: LiteLLM speaks to it as to any other."""

import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from signalops_site.core.llm.gateway import Gateway, known_model
from signalops_site.core.llm.requests import FailureKind, LlmAnswer, Message
from signalops_site.core.models import LlmCall, Project
from tests.llm_stand_in import Reply, Script, StandIn, cut, fails, in_turn, says

from .asking import MODEL, POST, SCHEMA, VERDICT, answer, failure, request

MINI = Decimal("0.000036")
"""What the stand-in's 120 and 30 tokens cost with gpt-4o-mini, at $0.15 and $0.60 a million."""


def test_an_answer_by_the_schema_has_its_data_tokens_and_cost(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(VERDICT)
    told = answer(Gateway(project).ask(request(1)))
    assert (told.data, told.model, told.tokens_in, told.tokens_out) == (VERDICT, MODEL, 120, 30)
    assert (told.cost_usd, told.cached) == (MINI, False)
    call = LlmCall.objects.get()
    assert (call.pk, call.project, call.run, call.purpose) == (told.call_id, project, None, "judge")
    assert (call.model, call.prompt_version, call.subject) == (MODEL, "v1", "lead:1")
    assert (call.status, call.cost, call.tokens_in, call.tokens_out) == ("answered", MINI, 120, 30)
    assert (call.attempts, call.answer) == (1, told.text)


def test_what_is_sent_asks_for_json_by_the_schema_and_authorizes(provider: StandIn, project: Project) -> None:
    Gateway(project).ask(request(temperature=0.3))
    (asked,) = provider.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.bearer == "sk-test-key-of-nobody"
    assert asked.messages == [("system", "Judge this post."), ("user", f"{POST} (0)")]
    assert (asked.model, asked.body["temperature"], asked.body["max_tokens"]) == ("gpt-4o-mini", 0.3, 100)
    shape = asked.body["response_format"]["json_schema"]
    assert shape["strict"] is True
    assert shape["schema"]["properties"]["confidence"] == {"type": "number"}
    assert shape["schema"]["required"] == SCHEMA["required"]


def test_without_a_schema_the_answer_is_its_text(provider: StandIn, project: Project) -> None:
    told = answer(Gateway(project).ask(request(schema=None)))
    assert (told.text, told.data) == ("Hello.", None)
    assert "response_format" not in provider.asked[0].body


def test_a_provider_that_cannot_be_held_to_a_schema_is_told_it(
    provider: StandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTED_VLLM_BASE_URL", provider.url)
    provider.script = in_turn(says('```json\n{"label": "maybe", "confidence": 0.5}\n```'), says("maybe"))
    gateway = Gateway(project)
    assert answer(gateway.ask(request(model="hosted_vllm/our-own"))).data == {"label": "maybe", "confidence": 0.5}
    assert failure(gateway.ask(request(model="hosted_vllm/our-own"))).kind == FailureKind.MALFORMED
    roles = [role for role, _content in provider.asked[0].messages]
    assert roles == ["system", "system", "user"]
    assert '"irrelevant"' in provider.asked[0].messages[1][1]


def test_another_protocol_is_spoken_by_the_same_call(
    provider: StandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-of-nobody")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url.removesuffix("/v1"))
    provider.script = lambda _asked: says(VERDICT)
    told = answer(Gateway(project).ask(request(model="anthropic/claude-haiku-4-5")))
    assert told.data == VERDICT
    assert provider.asked[0].path == "/v1/messages"
    assert provider.asked[0].headers["x-api-key"] == "sk-ant-test-key-of-nobody"
    assert provider.asked[0].messages[-1] == ("user", f"{POST} (0)")


def test_a_fine_tuned_model_goes_to_its_provider_and_has_its_price(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(VERDICT)
    told = answer(Gateway(project).ask(request(model="ft:gpt-4o-mini-2024-07-18:acme::abc")))
    assert provider.models() == ["ft:gpt-4o-mini-2024-07-18:acme::abc"]
    assert told.cost_usd == 2 * MINI


def test_a_model_without_a_known_price_costs_nothing_and_says_so_once(
    provider: StandIn, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = Gateway(project)
    for number in range(2):
        assert answer(gateway.ask(request(number, model="openai/of-unknown-price", schema=None))).cost_usd == 0
    assert [record.message for record in caplog.records if "no price" in record.message] == [
        "no price is known for the model openai/of-unknown-price: its calls count as free"
    ]


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("script", "kind", "expected"),
    [
        (lambda _: says("I would say: relevant"), FailureKind.MALFORMED, (1, True)),
        (lambda _: says({"label": "certainly", "confidence": 1}), FailureKind.MALFORMED, (1, True)),
        (lambda _: says({"label": "relevant", "confidence": 1.5}), FailureKind.MALFORMED, (1, True)),
        (lambda _: says('{"label": "relevant", "confidence": NaN}'), FailureKind.MALFORMED, (1, True)),
        (lambda _: says(""), FailureKind.MALFORMED, (1, True)),
        (lambda _: Reply(raw=b'{"object": "chat.completion", "choices": []}'), FailureKind.MALFORMED, (1, True)),
        (lambda _: Reply('{"label": "rel', finish="length"), FailureKind.MALFORMED, (1, True)),
        (lambda _: Reply("", finish="content_filter"), FailureKind.REFUSED, (1, False)),
        (lambda _: fails(400), FailureKind.REFUSED, (1, False)),
        (lambda _: fails(401), FailureKind.REFUSED, (1, False)),
        (lambda _: fails(403), FailureKind.REFUSED, (1, False)),
        (lambda _: fails(404), FailureKind.REFUSED, (1, False)),
        (lambda _: fails(500), FailureKind.UNAVAILABLE, (3, True)),
        (lambda _: fails(503), FailureKind.UNAVAILABLE, (3, True)),
        (lambda _: cut(VERDICT), FailureKind.UNAVAILABLE, (3, True)),
        (lambda _: Reply(drops=True), FailureKind.UNAVAILABLE, (3, True)),
        (lambda _: Reply(raw=b"<html>busy</html>"), FailureKind.UNAVAILABLE, (3, True)),
        (lambda _: fails(429, retry_after=0), FailureKind.RATE_LIMITED, (3, True)),
        (lambda _: fails(429, retry_after=600), FailureKind.RATE_LIMITED, (1, True)),
    ],
)
def test_a_failure_has_its_kind_and_is_tried_again_only_where_that_may_help(
    provider: StandIn, project: Project, script: Script, kind: FailureKind, expected: tuple[int, bool]
) -> None:
    requests, retryable = expected
    provider.script = script
    told = failure(Gateway(project).ask(request()))
    assert (told.kind, told.retryable, told.model) == (kind, retryable, MODEL)
    assert provider.count == requests
    call = LlmCall.objects.get()
    assert (call.status, call.attempts, call.reason, call.answer) == (kind.value, requests, told.reason, "")


def test_counts_of_tokens_below_nothing_are_none(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(VERDICT, tokens_in=-5, tokens_out=30)
    told = answer(Gateway(project).ask(request()))
    assert (told.tokens_in, told.tokens_out) == (0, 30)
    assert told.cost_usd > 0


def test_a_malformed_answer_is_paid_for_all_the_same(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says("no JSON")
    assert failure(Gateway(project).ask(request())).cost_usd == MINI
    assert LlmCall.objects.get().cost == MINI


@pytest.mark.parametrize("first", [fails(500), cut(VERDICT), fails(429, retry_after=0.1)])
def test_trouble_that_passes_is_not_noticed(provider: StandIn, project: Project, first: Reply) -> None:
    provider.script = in_turn(first, says(VERDICT))
    assert answer(Gateway(project).ask(request())).data == VERDICT
    assert LlmCall.objects.get().attempts == 2


def test_a_provider_that_asks_to_wait_is_given_the_time(provider: StandIn, project: Project) -> None:
    provider.script = in_turn(fails(429, retry_after=1), says(VERDICT))
    began = time.monotonic()
    answer(Gateway(project).ask(request()))
    assert time.monotonic() - began >= 1


def test_a_slow_answer_is_cut_and_counts_as_a_timeout(provider: StandIn, project: Project) -> None:
    Gateway(project).ask(request())
    provider.script = lambda _asked: says(VERDICT, seconds=10)
    began = time.monotonic()
    told = failure(Gateway(project).ask(request(timeout_s=0.5)))
    assert (told.kind, told.retryable) == (FailureKind.TIMEOUT, True)
    assert 0.5 <= time.monotonic() - began < 4
    assert LlmCall.objects.latest("pk").status == "timeout"


def test_tries_share_the_time_of_the_request(provider: StandIn, project: Project) -> None:
    Gateway(project).ask(request())
    provider.script = lambda _asked: fails(500, seconds=0.4)
    began = time.monotonic()
    assert failure(Gateway(project).ask(request(timeout_s=0.7))).kind == FailureKind.UNAVAILABLE
    assert time.monotonic() - began < 3
    assert provider.count == 2


def test_fallbacks_are_asked_in_their_order_until_one_answers(provider: StandIn, project: Project) -> None:
    scripts: dict[str, Reply] = {"gpt-4o-mini": fails(400), "gpt-4.1-nano": says("?"), "gpt-4o": says(VERDICT)}
    provider.script = lambda asked: scripts[asked.model]
    fallbacks = ("openai/gpt-4.1-nano", "openai/gpt-4o", "openai/gpt-4.1")
    told = answer(Gateway(project).ask(request(fallbacks=fallbacks)))
    assert provider.models() == ["gpt-4o-mini", "gpt-4.1-nano", "gpt-4o"]
    assert told.model == "openai/gpt-4o"
    rows = LlmCall.objects.order_by("pk")
    assert [row.status for row in rows] == ["refused", "malformed", "answered"]
    assert told.cost_usd == sum(row.cost for row in rows)
    assert told.call_id == rows[2].pk


def test_when_all_fail_every_reason_is_told(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: fails(400 if asked.model == "gpt-4o" else 401)
    told = failure(Gateway(project).ask(request(fallbacks=("openai/gpt-4o",))))
    assert told.model == "openai/gpt-4o"
    assert told.reason == f"{MODEL} refused the request (401). openai/gpt-4o refused the request (400)."


# ---------------------------------------------------------------- keys, names, secrets


def test_without_a_key_nothing_is_sent_and_the_variable_is_named(
    provider: StandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    told = failure(Gateway(project).ask(request()))
    assert (told.kind, told.retryable) == (FailureKind.REFUSED, False)
    assert told.reason == f"{MODEL} needs OPENAI_API_KEY in the environment."
    assert provider.count == 0
    assert not LlmCall.objects.exists()


def test_an_address_that_is_none_is_named_and_not_repeated(
    provider: StandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "user:hunter2@nowhere")
    told = failure(Gateway(project).ask(request()))
    assert "OPENAI_BASE_URL is no address" in told.reason
    assert "hunter2" not in told.reason


@pytest.mark.parametrize("model", [MODEL, "ft:gpt-4o-mini-2024-07-18:acme::abc", "ollama/llama3.2", "groq/any"])
def test_a_model_that_can_be_reached_is_known(model: str) -> None:
    assert known_model(model) == ""


@pytest.mark.parametrize("model", ["gpt", "nosuch/model", "local/default", ""])
def test_a_name_that_leads_nowhere_is_told(model: str) -> None:
    assert "no provider is known by that name" in known_model(model)


SPILLS: list[Callable[[], Reply]] = [
    lambda: fails(400, f"Cannot read {POST!r} for key sk-test-key-of-nobody"),
    lambda: fails(401, "Incorrect API key provided: sk-test-key-of-nobody"),
    lambda: fails(500, f"Authorization: Bearer sk-test-key-of-nobody; {POST}"),
    lambda: says(f"{POST} sk-test-key-of-nobody"),
    lambda: Reply(raw=f"<html>{POST} sk-test-key-of-nobody</html>".encode()),
]


@pytest.mark.parametrize("spill", SPILLS)
def test_neither_key_nor_post_is_in_a_reason_the_ledger_or_the_log(
    provider: StandIn,
    project: Project,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    spill: Callable[[], Reply],
) -> None:
    caplog.set_level("INFO")
    provider.script = lambda _asked: spill()
    told = failure(Gateway(project).ask(request(question="q1")))
    printed = capfd.readouterr()
    rows = str(list(LlmCall.objects.values()))
    for text in (told.reason, rows, caplog.text, printed.out, printed.err):
        assert "sk-test-key" not in text
        assert "Rotterdam" not in text


# ---------------------------------------------------------------- many at once


def test_many_are_asked_side_by_side_and_come_as_they_end(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: says(VERDICT, seconds=0.6 if "(0)" in asked.text else 0.2)
    Gateway(project).ask(request(99))
    came = list(Gateway(project).ask_many([request(number) for number in range(12)], concurrency=6))
    assert sorted(index for index, _ in came) == list(range(12))
    assert came[0][0] != 0
    assert provider.most_at_once == 6
    assert all(isinstance(outcome, LlmAnswer) for _, outcome in came)


def test_the_row_is_there_when_the_answer_comes(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says(VERDICT)
    for _, outcome in Gateway(project).ask_many([request(number) for number in range(8)], concurrency=4):
        assert LlmCall.objects.get(pk=answer(outcome).call_id).answer == answer(outcome).text


def test_one_that_fails_does_not_disturb_the_others(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: fails(400) if "(3)" in asked.text else says(VERDICT)
    came = dict(Gateway(project).ask_many([request(number) for number in range(6)]))
    assert failure(came[3]).kind == FailureKind.REFUSED
    assert [answer(came[number]).data for number in (0, 1, 2, 4, 5)] == [VERDICT] * 5


def test_nothing_to_ask_asks_nothing(provider: StandIn, project: Project) -> None:
    assert list(Gateway(project).ask_many([])) == []
    assert provider.count == 0


def test_who_stops_listening_cuts_what_is_under_way(provider: StandIn, project: Project) -> None:
    provider.script = lambda asked: says(VERDICT, seconds=0 if "(0)" in asked.text else 30)
    outcomes = Gateway(project, budget_usd=Decimal(1)).ask_many([request(number) for number in range(4)])
    assert next(outcomes)[0] == 0
    began = time.monotonic()
    outcomes.close()
    assert time.monotonic() - began < 5
    assert [row.subject for row in LlmCall.objects.all()] == ["lead:0"]


def test_a_model_that_speaks_strangely_is_stored_all_the_same(provider: StandIn, project: Project) -> None:
    provider.script = lambda _asked: says("NUL \0 and half \ud83d a face")
    told = answer(Gateway(project).ask(request(schema=None, messages=(Message("user", "Hi."),))))
    assert told.text == LlmCall.objects.get().answer == "NUL  and half ? a face"
