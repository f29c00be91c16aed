"""The engine: totals, clamping, failures, and that no lead can break it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given

from scoring.base import Facts, PluginParams, Points, ScoringPlugin
from scoring.engine import Profile, ScoreResult, build_profile, round_for_lists, score_batch, score_facts
from scoring.section import ActivePlugin
from signalops_site.core.errors import ConfigError
from tests.scoring.builders import any_facts, scoring_document, whole_case

SEARCH = "text contains 'alternative to'"


def rule(boost: float, *, condition: str = SEARCH, name: str = "") -> dict[str, object]:
    return {"name": name or f"by {boost}", "condition": condition, "boost": boost}


def total(facts: Facts, *rules: dict[str, object]) -> float:
    return score_facts(facts, profile=build_profile(scoring_document(custom_rules=list(rules)))).total


class Canned(ScoringPlugin[PluginParams]):
    """Answers what it is given, or raises it."""

    name = "canned"
    version = "1.0"
    default_weight = 0.5
    Params = PluginParams

    def __init__(self, answer: float | Exception) -> None:
        self.answer = answer

    def score(self, _facts: Facts, _params: PluginParams) -> Points:
        if isinstance(self.answer, Exception):
            raise self.answer
        return Points(self.answer, "As told.", details={"told": True})


def with_canned(answer: float | Exception) -> ScoreResult:
    basic = build_profile(scoring_document())
    canned = ActivePlugin(Canned(answer), PluginParams(), 0.5)
    return score_facts(whole_case(), profile=replace(basic, plugins=(*basic.plugins, canned)))


def test_the_whole_case_is_74_10() -> None:
    result = score_facts(whole_case(), profile=build_profile(scoring_document()))
    assert result.total == pytest.approx(74.10, abs=0.005)
    assert round_for_lists(result.total) == 74.1
    assert result.total == pytest.approx(sum(part.contribution for part in result.components), abs=1e-9)
    assert {part.plugin: round(part.score, 2) for part in result.components} == {
        "relevance_judgment": 90,
        "author_authority": 70,
        "engagement_signals": 52,
        "recency": 48.68,
        "intent_strength": 100,
    }


def test_rules_add_and_take_away() -> None:
    assert total(whole_case(), rule(10), rule(-5)) == pytest.approx(79.10, abs=0.005)


def test_a_total_never_passes_100() -> None:
    assert total(whole_case(), rule(50)) == 100


def test_a_total_never_falls_below_0() -> None:
    assert total(Facts(text="an alternative to it", hours_ago=100), rule(-50)) == 0


def test_only_the_rules_that_hold_are_listed() -> None:
    rules = [rule(10, name="search"), rule(7, condition="likes > 100", name="loud")]
    result = score_facts(whole_case(), profile=build_profile(scoring_document(custom_rules=rules)))
    assert [(hit.name, hit.boost) for hit in result.rules] == [("search", 10)]


def test_a_plugin_that_knows_nothing_has_no_weight() -> None:
    result = score_facts(
        whole_case(hours_ago=None), profile=build_profile(scoring_document(plugins=["account_age"]))
    )
    parts = {part.plugin: part for part in result.components}
    assert (parts["recency"].score, parts["recency"].weight) == (0, 0)
    assert (parts["account_age"].score, parts["account_age"].weight) == (50, 0)
    assert parts["account_age"].contribution == 0


def test_weights_are_used_as_written() -> None:
    profile = build_profile(scoring_document(relevance_judgment=1.0, author_authority=0))
    parts = {part.plugin: part for part in score_facts(whole_case(), profile=profile).components}
    assert parts["relevance_judgment"].contribution == 90
    assert parts["author_authority"].contribution == 0


def test_a_plugin_that_raises_is_left_out_and_recorded() -> None:
    result = with_canned(ZeroDivisionError("no divisor"))
    assert result.total == pytest.approx(74.10, abs=0.005)
    assert [(part.plugin, part.weight) for part in result.errors] == [("canned", 0)]
    failed = result.errors[0]
    assert failed.error == "ZeroDivisionError: no divisor"
    assert (failed.version, failed.score, failed.reason) == ("1.0", 0, "This plugin failed and was left out.")


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.01, 100.01])
def test_a_score_off_the_scale_is_a_failure(score: float) -> None:
    result = with_canned(score)
    assert result.total == pytest.approx(74.10, abs=0.005)
    assert "0 to 100" in str(result.errors[0].error)


@pytest.mark.parametrize("score", [0.0, 0.5, 100.0])
def test_the_ends_of_the_scale_belong_to_it(score: float) -> None:
    result = with_canned(score)
    assert result.errors == ()
    assert result.components[-1].contribution == pytest.approx(score / 2)


def test_what_a_plugin_said_stands_beside_its_points() -> None:
    part = with_canned(20).components[-1]
    assert (part.plugin, part.version, part.score, part.weight) == ("canned", "1.0", 20, 0.5)
    assert (part.contribution, part.reason, part.error) == (10, "As told.", None)


@pytest.mark.parametrize(("total", "listed"), [(74.149, 74.1), (74.16, 74.2), (0.04, 0.0), (100.0, 100.0)])
def test_lists_have_one_decimal_place(total: float, listed: float) -> None:
    assert round_for_lists(total) == listed


def test_a_score_within_the_scale_is_no_failure() -> None:
    result = with_canned(20)
    assert result.errors == ()
    assert result.total == pytest.approx(84.10, abs=0.005)
    assert result.components[-1].details == {"told": True}


def test_a_section_with_errors_makes_no_profile() -> None:
    with pytest.raises(ConfigError) as caught:
        build_profile(scoring_document(plugins=["acount_age"], custom_rules=[rule(1, condition="likes")]))
    assert [problem.path for problem in caught.value.problems] == [
        "scoring.plugins.0",
        "scoring.custom_rules.0.condition",
    ]


def test_a_batch_is_scored_in_order_and_one_at_a_time() -> None:
    profile = build_profile(scoring_document())
    taken: list[int] = []

    def leads() -> Iterator[Facts]:
        for likes in (0, 5, 10):
            taken.append(likes)
            yield whole_case(likes=likes)

    batch = score_batch(leads(), profile=profile)
    first = next(batch)
    assert taken == [0]
    assert first.total < next(batch).total < next(batch).total


@given(facts=any_facts)
def test_no_lead_breaks_the_engine(facts: Facts) -> None:
    result = score_facts(facts, profile=EVERYTHING)
    assert 0 <= result.total <= 100
    assert len(result.components) == 7
    assert all(0 <= part.score <= 100 for part in result.components)
    assert score_facts(facts, profile=EVERYTHING) == result


EVERYTHING: Profile = build_profile(
    scoring_document(
        icp={"prefer_bios_containing": ["founder"]},
        plugins=["signalops.scoring.account_age"],
        keyword_boost={"keywords": ["tool"]},
        custom_rules=[
            rule(100, condition="text matches '(a+)+$' or hashtags contains '#a'", name="up"),
            rule(-100, condition="not (likes > replies) or query in ['a', 'b']", name="down"),
        ],
    )
)
