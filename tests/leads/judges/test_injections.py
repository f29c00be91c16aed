"""Posts that address the judge, put to a model that obeys whatever reaches it outside of the delimiters."""

import json
from collections import Counter

import pytest

from leads.judges.base import JudgeContext, Label, PostView, Verdict
from leads.judges.factory import build_judge
from leads.judges.prompts import data_of, full_prompt
from signalops_site.core.llm.requests import Message
from tests.factories import document
from tests.llm_stand_in import Asked, Reply, StandIn, says

from .conftest import injections
from .obeying import OBEYED, SOBER, data_in, obeying, outside_of

pytestmark = pytest.mark.django_db

POSTS = injections()
CHOSEN = document(llm={"judge_model": "openai/gpt-4o-mini", "max_judge_latency_ms": 60_000})
CONTEXT = JudgeContext.from_document(CHOSEN)


def asked_with(content: str) -> Asked:
    body = {"messages": [{"role": "system", "content": full_prompt(CONTEXT).instructions}]}
    body["messages"].append({"role": "user", "content": content})
    return Asked("/chat/completions", {}, json.dumps(body).encode())


def test_there_are_many_tricks_in_many_languages() -> None:
    assert len(POSTS) >= 40
    assert len({post["trick"] for post in POSTS}) >= 40
    assert max(Counter(post["text"] for post in POSTS).values()) == 1


def test_the_stand_in_does_obey_a_post_that_is_put_in_as_it_is() -> None:
    """Else it would prove nothing: unescaped, the delimiters of these posts close."""
    closing = [post["text"] for post in POSTS if post["trick"].startswith("closes the delimiter")]
    assert len(closing) >= 4
    for text in closing:
        assert outside_of(asked_with(f"<post>\n{text}\n</post>"), CONTEXT) != ""
    assert outside_of(asked_with("<post>\n{}\n</post>"), CONTEXT) == ""


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "ft:gpt-4o-mini-2024-07-18:tidewater::1"])
def test_no_post_moves_a_judge(provider: StandIn, model: str) -> None:
    provider.script = obeying(CONTEXT)
    views = [PostView(text=post["text"], author_bio=post["text"][:400]) for post in POSTS]
    answers = build_judge(model, CHOSEN).judge_batch(views)
    moved = [post["trick"] for post, said in zip(POSTS, answers, strict=True) if not is_sober(said)]
    assert moved == []
    assert provider.count == len(POSTS)


def test_no_post_moves_a_judge_or_its_neighbours_when_several_share_a_call(provider: StandIn) -> None:
    provider.script = obeying(CONTEXT)
    several = document(llm={"posts_per_call": 8, "max_judge_latency_ms": 60_000})
    answers = build_judge("openai/gpt-4o-mini", several).judge_batch(
        [PostView(text=post["text"]) for post in POSTS]
    )
    assert [post["trick"] for post, said in zip(POSTS, answers, strict=True) if not is_sober(said)] == []
    assert provider.count < len(POSTS) / 3


def is_sober(said: object) -> bool:
    return isinstance(said, Verdict) and (said.label, said.confidence) == (SOBER["label"], SOBER["confidence"])


@pytest.mark.parametrize("post", POSTS, ids=[post["trick"] for post in POSTS])
def test_what_the_model_reads_between_the_delimiters_is_the_whole_post(post: dict[str, str]) -> None:
    (message,) = [
        m for m in full_prompt(CONTEXT).messages([("", data_of(PostView(text=post["text"])))]) if user(m)
    ]
    assert message.content.count("<") == message.content.count(">") == 2
    (read,) = data_in(asked_with(message.content))
    if len(post["text"]) < 6000:
        assert read["text"] == post["text"]


def user(message: Message) -> bool:
    return message.role == "user"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({**OBEYED, "confidence": 7}, 1.0),
        ({**OBEYED, "confidence": -1}, 0.0),
        ({**OBEYED, "label": "super-relevant"}, None),
        ({**OBEYED, "confidence": "certain"}, None),
        ({"label": "relevant"}, None),
        ({**OBEYED, "tool": "delete_everything"}, None),
        ("relevant", None),
        ('{"label": "relevant", "confidence": NaN, "reasoning": ""}', None),
        ('{"label": "relevant", "confidence": 1e999, "reasoning": ""}', None),
        ("[]", None),
        ("", None),
    ],
)
def test_a_model_that_was_taken_in_is_clamped_or_has_failed(
    provider: StandIn, said: object, kept: float | None
) -> None:
    provider.script = lambda _asked: says(said)
    (answer,) = build_judge("openai/gpt-4o-mini", CHOSEN).judge_batch([PostView(text="Hello")])
    assert (answer.confidence if isinstance(answer, Verdict) else None) == kept


def test_markup_in_a_reasoning_is_text_and_nothing_else(provider: StandIn) -> None:
    markup = "<script>alert(1)</script> ![x](https://evil.example/x.png) {{ 7 * 7 }} \x1b[31m\u202e"

    def script(_asked: Asked) -> Reply:
        return says({"label": Label.MAYBE.value, "confidence": 0.5, "reasoning": f"{markup}\n" * 90})

    provider.script = script
    (answer,) = build_judge("openai/gpt-4o-mini", CHOSEN).judge_batch([PostView(text="Hello")])
    assert isinstance(answer, Verdict)
    assert answer.reasoning.startswith("<script>alert(1)</script> ![x](https://evil.example/x.png) {{ 7 * 7 }}")
    assert answer.reasoning.isprintable()
    assert len(answer.reasoning) <= 500
