import pytest

from leads.judges.base import JudgeContext, Label, PostView, Verdict
from leads.judges.keyword import EXCLUDE_MODEL_ID, KeywordJudge, exclude_verdict
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
