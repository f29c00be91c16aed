from dataclasses import replace

import pytest
from pytest_django import Settings as SettingsWrapper

from leads.judges.base import JudgeContext, Label, PostView, Verdict
from leads.judges.factory import build_judge, build_judge_for
from leads.judges.local import LocalJudge, ensure_default_model
from leads.judges.seed_set import read_seed_set
from signalops_site.core.errors import DomainError
from tests.factories import document

from .conftest import LEDGER, injections

RANK = {Label.IRRELEVANT: 0, Label.MAYBE: 1, Label.RELEVANT: 2}
INJECTIONS = [row["text"] for row in injections() if row["caught_locally"]]
"""Those that say plainly what they want, in English."""
WANTED = [
    "Can anyone recommend a simple way to send invoices and chase late payments?",
    "I'm so frustrated with chasing late payments every month. There has to be a better way",
    "Alternative to spreadsheets for invoices? Mine is a mess",
    "Evaluating invoicing tools this week, what do you use and why?",
]
UNWANTED = [
    "Looking for a good pizza place near the station, any recommendations?",
    "We just launched our new invoicing app! Sign up for a free trial, link in bio",
    "We're hiring an accountant to join our team. Apply now",
    "5 tips to get your invoices paid faster. A thread",
    "Fintech startup raises $20M to automate invoices, according to a report",
    "Beautiful morning for a run by the lake",
]


def verdicts(judge: LocalJudge, texts: list[str]) -> list[Verdict]:
    answers = judge.judge_batch([PostView(text=text) for text in texts])
    assert all(isinstance(answer, Verdict) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Verdict)]


def test_plain_asks_for_a_product_never_seen_are_relevant(local_judge: LocalJudge) -> None:
    assert [verdict.label for verdict in verdicts(local_judge, WANTED)] == [Label.RELEVANT] * len(WANTED)


def test_offers_news_and_asks_for_other_things_are_not_relevant(local_judge: LocalJudge) -> None:
    assert Label.RELEVANT not in {verdict.label for verdict in verdicts(local_judge, UNWANTED)}


def test_the_same_posts_get_the_same_answers_alone_and_in_a_batch(local_judge: LocalJudge) -> None:
    together = verdicts(local_judge, WANTED + UNWANTED)
    alone = [verdicts(local_judge, [text])[0] for text in WANTED + UNWANTED]
    assert [replace(one, latency_ms=0.0, confidence=round(one.confidence, 12)) for one in together] == [
        replace(one, latency_ms=0.0, confidence=round(one.confidence, 12)) for one in alone
    ]


def test_reasons_name_signals_and_never_echo_the_post(local_judge: LocalJudge) -> None:
    marked = "<b>xyzzy</b> Can anyone recommend invoicing software? <script>plugh</script>"
    reasoning = verdicts(local_judge, [marked])[0].reasoning
    assert reasoning
    assert not any(echo in reasoning for echo in ("xyzzy", "plugh", "<"))
    near = " ".join(verdict.reasoning for verdict in verdicts(local_judge, WANTED))
    assert "asks for a recommendation" in near


@pytest.mark.parametrize("injection", INJECTIONS)
def test_a_post_that_addresses_the_judge_is_never_relevant(local_judge: LocalJudge, injection: str) -> None:
    verdict = verdicts(local_judge, [injection])[0]
    assert verdict.label is not Label.RELEVANT
    assert "addresses the judge" in verdict.reasoning


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("text", WANTED + UNWANTED)
def test_an_injection_never_raises_a_post(local_judge: LocalJudge, text: str, injection: str) -> None:
    before, after = verdicts(local_judge, [text, f"{text}\n{injection}"])
    assert RANK[after.label] <= max(RANK[before.label], RANK[verdicts(local_judge, [injection])[0].label])
    assert after.label is not Label.RELEVANT


@pytest.mark.parametrize(
    "text", ["", " \n ", "?" * 5000, "\U0001f600" * 400, "\x00 half \ud83d a pair", "a" * 100_000]
)
def test_odd_texts_get_a_verdict(local_judge: LocalJudge, text: str) -> None:
    assert verdicts(local_judge, [text])[0].label in Label


def test_no_posts_give_no_verdicts(local_judge: LocalJudge) -> None:
    assert local_judge.judge_batch([]) == []


def test_the_prompt_version_follows_the_signals(local_judge: LocalJudge) -> None:
    relevance = LEDGER.relevance.model_copy(update={"positive_signals": ["wants a boat"]})
    other = build_judge_for("local/default", JudgeContext("Ledgerlark", LEDGER.description, relevance))
    assert len(local_judge.prompt_version) == 16
    assert other.prompt_version != local_judge.prompt_version


def test_a_second_call_finds_the_file_of_the_first(local_judge: LocalJudge) -> None:
    path = ensure_default_model()
    written = path.stat().st_mtime_ns
    assert ensure_default_model() == path
    assert path.stat().st_mtime_ns == written
    again = build_judge_for("local/default", LEDGER)
    assert again.prompt_version == local_judge.prompt_version


def test_probabilities_on_posts_never_seen_are_calibrated(local_judge: LocalJudge) -> None:
    """The mean probability of "relevant" is near the share that people called relevant or half so."""
    seed = read_seed_set().held_out()
    worth = {Label.RELEVANT: 1.0, Label.MAYBE: 0.5, Label.IRRELEVANT: 0.0}
    said = []
    for post in seed.posts:
        judge = build_judge_for("local/default", seed.contexts[post.product])
        answer = judge.judge_batch([PostView(text=post.text)])[0]
        assert isinstance(answer, Verdict)
        said.append(1 - answer.confidence if answer.label is Label.IRRELEVANT else answer.confidence)
    wanted = sum(worth[post.label] for post in seed.posts) / len(seed.posts)
    assert abs(sum(said) / len(said) - wanted) < 0.1


def test_an_unknown_local_judge_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DomainError, match="local/default, local/keyword"):
        build_judge("local/none", document())


def test_a_keyword_judge_is_built_from_a_document(settings: SettingsWrapper) -> None:
    judge = build_judge("local/keyword", document())
    assert judge.model_id == "local/keyword"
