"""Traces, against a host on this machine's loopback that takes what the SDK really sends."""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from langfuse import Langfuse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pytest_django import Settings as SettingsWrapper

from signalops_site.core.llm import tracing
from signalops_site.core.llm.gateway import Gateway
from signalops_site.core.models import Project
from tests.connectors.standin import Asked, Reply, StandIn, reply, running
from tests.llm_stand_in import StandIn as Provider
from tests.llm_stand_in import fails, says

from .asking import MODEL, POST, VERDICT, answer, request

A_WHILE = 2500.0
"""Seconds of a task after which a flush waits long enough for a busy machine."""
TRACES, SCORES = "/api/public/otel/v1/traces", "/api/public/scores"


@dataclass(frozen=True)
class Generation:
    """A span as it arrived."""

    trace_id: str
    name: str
    told: dict[str, str]
    tags: list[str]
    seconds: float


@pytest.fixture
def host(settings: SettingsWrapper) -> Iterator[StandIn]:
    """Langfuse, as it takes spans and scores; each test has a project of its own there."""
    with running() as stand_in:
        stand_in.routes = {"/": lambda _asked: reply({"accepted": 1}, 202)}
        settings.LANGFUSE_HOST = stand_in.url
        settings.LANGFUSE_PUBLIC_KEY = f"pk-lf-{stand_in.url.rpartition(':')[2]}"
        settings.LANGFUSE_SECRET_KEY = "sk-lf-secret-of-nobody"
        yield stand_in
        stand_in.routes = {"/": lambda _asked: reply({"accepted": 1}, 202)}
        while not tracing.flush(after=A_WHILE):
            time.sleep(0.05)


def content(asked: Asked) -> bytes:
    return gzip.decompress(asked.body) if asked.headers.get("content-encoding") == "gzip" else asked.body


def generations(host: StandIn) -> list[Generation]:
    found = []
    for asked in host.asked:
        if asked.path == TRACES:
            batch = ExportTraceServiceRequest.FromString(content(asked))
            found += [
                span for resource in batch.resource_spans for scope in resource.scope_spans for span in scope.spans
            ]
    return [_generation(span) for span in found]


def _generation(span: Span) -> Generation:
    told = {each.key: each.value for each in span.attributes}
    tags = [value.string_value for value in told.pop("langfuse.trace.tags").array_value.values]
    seconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
    texts = {name: value.string_value for name, value in told.items()}
    return Generation(span.trace_id.hex(), span.name, texts, tags, seconds)


def test_each_call_is_one_generation_with_model_tokens_cost_and_tags(
    host: StandIn, provider: Provider, project: Project
) -> None:
    provider.script = lambda _asked: says(VERDICT, tokens_in=100, tokens_out=20)
    asked = [request(number, tags=("experiment:7", "variant:canary")) for number in range(5)]
    assert len(list(Gateway(project).ask_many(asked))) == 5
    assert tracing.flush(after=A_WHILE)
    sent = generations(host)
    assert len(sent) == 5
    assert {each.trace_id for each in sent} == {tracing.trace_id_for(f"lead:{number}") for number in range(5)}
    first = sent[0]
    assert first.name == "judge"
    assert first.tags == ["project:tidewater", "purpose:judge", "experiment:7", "variant:canary"]
    assert first.told["langfuse.observation.type"] == "generation"
    assert first.told["langfuse.observation.model.name"] == MODEL
    assert json.loads(first.told["langfuse.observation.usage_details"]) == {"input": 100, "output": 20}
    assert json.loads(first.told["langfuse.observation.cost_details"]) == {"total": pytest.approx(2.7e-05)}
    assert 0 <= first.seconds < 20


def test_a_trace_has_the_id_that_the_sdk_makes_of_its_subject() -> None:
    assert tracing.trace_id_for("lead:12") == Langfuse.create_trace_id(seed="lead:12")


def test_posts_stay_here_unless_they_are_to_be_sent_along(
    host: StandIn, provider: Provider, project: Project, settings: SettingsWrapper
) -> None:
    provider.script = lambda _asked: says(VERDICT)
    Gateway(project).ask(request(1))
    assert tracing.flush(after=A_WHILE)
    assert not any(POST.encode() in content(asked) for asked in host.asked)
    settings.LANGFUSE_CONTENT = True
    Gateway(project).ask(request(2))
    assert tracing.flush(after=A_WHILE)
    assert POST in generations(host)[-1].told["langfuse.observation.input"]
    assert json.loads(generations(host)[-1].told["langfuse.observation.output"]) == VERDICT


def test_a_failure_is_a_generation_that_says_so(host: StandIn, provider: Provider, project: Project) -> None:
    provider.script = lambda _asked: fails(400)
    Gateway(project).ask(request())
    assert tracing.flush(after=A_WHILE)
    (sent,) = generations(host)
    assert sent.told["langfuse.observation.level"] == "ERROR"
    assert sent.told["langfuse.observation.status_message"].startswith("refused: ")


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_a_score_of_the_trace_and_a_later_one_takes_its_place(host: StandIn) -> None:
    tracing.record_score("lead:12", "human", "relevant")
    tracing.record_score("lead:12", "human", 0.5, comment="on second thoughts")
    assert tracing.flush(after=A_WHILE)
    scores = [each for asked in host.asked if asked.path == SCORES for each in json.loads(content(asked))]
    assert [(each["value"], each["dataType"]) for each in scores] == [
        ("relevant", "CATEGORICAL"),
        (0.5, "NUMERIC"),
    ]
    assert {each["traceId"] for each in scores} == {tracing.trace_id_for("lead:12")}
    assert len({each["id"] for each in scores}) == 1
    tracing.record_score("lead:12", "human", None)
    assert tracing.flush(after=A_WHILE)
    assert host.asked[-1].method == "DELETE"
    assert host.asked[-1].path == f"{SCORES}/{scores[0]['id']}"


@pytest.mark.django_db(transaction=True)
def test_traces_of_a_person_can_be_removed(host: StandIn) -> None:
    tracing.forget_traces(["lead:1", "lead:2"])
    assert tracing.flush(after=A_WHILE)
    assert json.loads(host.asked[-1].body) == {"traceIds": [tracing.trace_id_for(f"lead:{n}") for n in (1, 2)]}


def test_a_host_that_never_answers_holds_nobody_up(host: StandIn, provider: Provider, project: Project) -> None:
    def silent(_asked: Asked) -> Reply:
        time.sleep(3)
        return reply({}, 503)

    host.routes = {"/": silent}
    provider.script = lambda _asked: says(VERDICT)
    began = time.monotonic()
    outcomes = [answer(outcome) for _, outcome in Gateway(project).ask_many([request(n) for n in range(20)])]
    asked_for = time.monotonic() - began
    assert [outcome.data for outcome in outcomes] == [VERDICT] * 20
    began = time.monotonic()
    assert not tracing.flush(after=asked_for)
    assert not tracing.flush(after=asked_for)
    assert time.monotonic() - began < 1


OFF = """
import django; django.setup()
import sys
from signalops_site.core.llm import gateway, tracing
tracing.record_score("lead:1", "human", "relevant")
tracing.forget_traces(["lead:1"])
assert tracing.flush()
print(sorted(name for name in ("langfuse", "opentelemetry", "litellm", "jsonschema") if name in sys.modules))
"""


def test_where_it_is_not_configured_nothing_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
