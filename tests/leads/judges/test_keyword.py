from types import SimpleNamespace

import pytest

from leads.judges import keyword
from leads.judges.base import JudgeContext, Label, PostView, Verdict
from leads.judges.keyword import (
    EXCLUDE_MODEL_ID,
    KeywordJudge,
    exclude_prompt_version,
    exclude_verdict,
    find_keyword,
)
from signalops_site.core.config.schema import Relevance


def relevance(*, required: list[str] | None = None, excluded: list[str] | None = None) -> Relevance:
    return Relevance(
        system_prompt="?",
        positive_signals=["wants"],
        negative_signals=["sells"],
        keywords_required=required or [],
        keywords_excluded=excluded or [],
    )


def judge(text: str, **keywords: list[str]) -> Verdict:
    context = JudgeContext("Tidewater", "", relevance(**keywords))
    answer = KeywordJudge(context).judge_batch([PostView(text=text)])[0]
    assert isinstance(answer, Verdict)
    return answer


@pytest.mark.parametrize(
    ("text", "label", "confidence"),
    [
        ("Our invoice bot is hiring", Label.IRRELEVANT, 0.9),
        ("We are hiring", Label.IRRELEVANT, 0.9),
        ("Nice weather", Label.IRRELEVANT, 0.7),
        ("Where do I send an invoice?", Label.MAYBE, 0.4),
    ],
)
def test_the_keyword_table_holds(text: str, label: Label, confidence: float) -> None:
    verdict = judge(text, required=["invoice", "billing"], excluded=["hiring"])
    assert (verdict.label, verdict.confidence, verdict.model) == (label, confidence, "local/keyword")


def test_without_required_keywords_a_post_is_a_weak_maybe() -> None:
    verdict = judge("Nice weather", excluded=["hiring"])
    assert (verdict.label, verdict.confidence) == (Label.MAYBE, 0.3)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("late payment", "LATE\n  payment again"),
        ("don't", "I don\u2019t know"),
        ("c++", "Is C++ dead?"),
        ("\uff22ill", "a bill came"),
        ("stra\u00dfe", "die STRASSE"),
        ("invoice", "in\u200bvoice me"),
    ],
)
def test_a_keyword_matches_whatever_its_case_spacing_and_quotes(keyword: str, text: str) -> None:
    assert judge(text, required=[keyword]).label is Label.MAYBE


@pytest.mark.parametrize(("keyword", "text"), [("bill", "billing day"), ("ill", "a bill"), (".*", "anything")])
def test_a_keyword_matches_whole_words_only_and_is_no_expression(keyword: str, text: str) -> None:
    assert judge(text, required=[keyword]).label is Label.IRRELEVANT


def test_an_excluded_keyword_decides_before_any_model() -> None:
    verdict = exclude_verdict(PostView(text="Now HIRING!"), relevance(excluded=["giveaway", "hiring"]))
    assert verdict is not None
    assert (verdict.label, verdict.confidence, verdict.model) == (Label.IRRELEVANT, 0.95, EXCLUDE_MODEL_ID)
    assert "'hiring'" in verdict.reasoning


def test_a_post_without_an_excluded_keyword_goes_on_to_the_judge() -> None:
    assert exclude_verdict(PostView(text="higher ring"), relevance(excluded=["hiring"])) is None
    assert exclude_verdict(PostView(text="hiring"), relevance()) is None


@pytest.mark.parametrize(
    ("text", "keywords", "reasoning"),
    [
        ("We are hiring", {"excluded": ["hiring"]}, "holds the excluded keyword 'hiring'"),
        ("Nice weather", {}, "no required keywords are configured, so keywords cannot tell"),
        ("Nice weather", {"required": ["invoice"]}, "holds none of the required keywords"),
        ("An Invoice", {"required": ["bill", "Invoice"]}, "holds the required keyword 'Invoice'"),
    ],
)
def test_a_verdict_says_which_keyword_decided(text: str, keywords: dict[str, list[str]], reasoning: str) -> None:
    assert judge(text, **keywords).reasoning == reasoning


def test_a_verdict_says_what_the_judge_was_told() -> None:
    context = JudgeContext("Tidewater", "", relevance(required=["invoice"]))
    blunt = KeywordJudge(context)
    answers = blunt.judge_batch([PostView(text="invoice"), PostView(text="weather")])
    verdicts = [answer for answer in answers if isinstance(answer, Verdict)]
    assert [verdict.label for verdict in verdicts] == [Label.MAYBE, Label.IRRELEVANT]
    assert {verdict.prompt_version for verdict in verdicts} == {context.digest("local/keyword")}
    assert blunt.prompt_version == context.digest("local/keyword")


def test_an_excluded_post_says_what_was_excluded_then() -> None:
    told = relevance(excluded=["giveaway", "hiring"])
    verdict = exclude_verdict(PostView(text="Now HIRING!"), told)
    assert verdict is not None
    assert verdict.reasoning == "holds the excluded keyword 'hiring'"
    assert verdict.prompt_version == exclude_prompt_version(told)


def test_the_version_of_excluded_keywords_follows_them_and_nothing_else() -> None:
    one, two = relevance(excluded=["giveaway", "hiring"]), relevance(excluded=["giveawayhiring"])
    version = exclude_prompt_version(one)
    assert len(version) == 16
    assert int(version, 16)
    assert version != exclude_prompt_version(two)
    assert version == exclude_prompt_version(relevance(excluded=["giveaway", "hiring"], required=["invoice"]))


def test_a_keyword_of_white_space_alone_is_found_nowhere() -> None:
    assert find_keyword("anything at all", ["\u200b", "  "]) is None


def test_a_verdict_says_how_many_milliseconds_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([7.0, 7.002, 9.0, 9.005])
    monkeypatch.setattr(keyword, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    assert judge("Nice weather").latency_ms == pytest.approx(2.0)
    verdict = exclude_verdict(PostView(text="hiring"), relevance(excluded=["hiring"]))
    assert verdict is not None
    assert verdict.latency_ms == pytest.approx(5.0)
