"""What `checkproject` says of the `scoring` section, at which path."""

from typing import Any

import pytest

from scoring.section import check_scoring, read_section
from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.errors import ConfigProblem
from tests.scoring.builders import scoring_document


def problems(**scoring: Any) -> list[ConfigProblem]:
    return list(check_scoring(scoring_document(**scoring)))


def only_problem(**scoring: Any) -> ConfigProblem:
    found = problems(**scoring)
    assert len(found) == 1
    return found[0]


def weights(**scoring: Any) -> dict[str, float]:
    return {active.plugin.name: active.weight for active in read_section(scoring_document(**scoring)).plugins}


def test_an_empty_section_has_no_problems_and_five_plugins() -> None:
    assert problems() == []
    assert weights() == {
        "relevance_judgment": 0.35,
        "author_authority": 0.25,
        "engagement_signals": 0.15,
        "recency": 0.15,
        "intent_strength": 0.10,
    }


@pytest.mark.parametrize("name", ["account_age", "signalops.scoring.account_age"])
def test_a_listed_plugin_is_on_with_its_default_weight(name: str) -> None:
    assert problems(plugins=[name]) == []
    assert weights(plugins=[name])["account_age"] == 0.05


def test_a_section_switches_its_plugin_on() -> None:
    scoring: dict[str, Any] = {"keyword_boost": {"keywords": ["crm"]}, "account_age": {"weight": 0.02}}
    assert problems(**scoring) == []
    assert (weights(**scoring)["keyword_boost"], weights(**scoring)["account_age"]) == (0.05, 0.02)


def test_a_number_is_short_for_a_weight_and_an_empty_section_for_the_default() -> None:
    assert weights(account_age=0.01)["account_age"] == 0.01
    assert weights(account_age=None)["account_age"] == 0.05


def test_a_plugin_named_in_two_ways_counts_once() -> None:
    names = ["keyword_boost", "signalops.scoring.keyword_boost", "recency"]
    assert list(weights(plugins=names, keyword_boost={"keywords": ["a"]})) == [*weights(), "keyword_boost"]


def test_an_unknown_plugin_is_an_error_that_names_the_nearest() -> None:
    problem = only_problem(plugins=["account_age", "signalops.scoring.keyword_bost"])
    assert problem.path == "scoring.plugins.1"
    assert "'signalops.scoring.keyword_bost'; did you mean 'keyword_boost'?" in problem.message


def test_a_plugin_like_no_other_is_an_error_that_lists_what_there_is() -> None:
    assert "the plugins are account_age, author_authority" in only_problem(plugins=["zzz"]).message


def test_an_unknown_key_is_an_error_that_names_the_nearest() -> None:
    problem = only_problem(recencyy=0.2)
    assert problem.path == "scoring.recencyy"
    assert "did you mean 'recency'?" in problem.message


@pytest.mark.parametrize(
    ("section", "path", "message"),
    [
        ({"keywords": "crm"}, "scoring.keyword_boost.keywords", "tuple"),
        ({"keywords": ["crm", ""]}, "scoring.keyword_boost.keywords.1", "at least 1 character"),
        ({"keyword": ["crm"]}, "scoring.keyword_boost.keyword", "did you mean 'keywords'?"),
        ({"weight": 2}, "scoring.keyword_boost.weight", "less than or equal to 1"),
        ({"weight": "much"}, "scoring.keyword_boost.weight", "number"),
        (["crm"], "scoring.keyword_boost", "dictionary"),
        (True, "scoring.keyword_boost", "dictionary"),
    ],
)
def test_wrong_parameters_are_errors_at_their_path(section: object, path: str, message: str) -> None:
    problem = only_problem(keyword_boost=section)
    assert problem.path == path
    assert message in problem.message


def test_every_wrong_rule_is_an_error_at_its_place() -> None:
    rules = [
        {"name": "good", "condition": "likes > 1", "boost": 1},
        {"name": "unquoted", "condition": "text contains looking for", "boost": 1},
        {"name": "mistyped", "condition": "likes == 'many'", "boost": 1},
    ]
    found = problems(custom_rules=rules)
    assert [problem.path for problem in found] == [
        "scoring.custom_rules.1.condition",
        "scoring.custom_rules.2.condition",
    ]
    assert found[0].message == "line 1, column 15: text must stand in quotes; expected 'looking for'"
    assert "expected a number" in found[1].message


def test_a_rules_name_given_twice_is_an_error() -> None:
    rules = [{"name": "same", "condition": f"likes > {n}", "boost": 1} for n in range(2)]
    problem = only_problem(custom_rules=rules)
    assert (problem.path, problem.severity) == ("scoring.custom_rules.1.name", "error")
    assert problem.message == "another rule is already called 'same'; give each its own name"


def test_the_wrong_parameters_of_every_plugin_are_told() -> None:
    found = problems(keyword_boost={"weight": 2}, account_age={"weight": 3})
    assert {problem.path for problem in found} == {"scoring.keyword_boost.weight", "scoring.account_age.weight"}


@pytest.mark.parametrize(
    "scoring",
    [
        {"relevance_judgment": 0.5},
        {"recency": 0.1},
        {"account_age": {"weight": 0.3}, "recency": 0.2},
    ],
)
def test_weights_that_do_not_sum_to_about_one_are_a_warning(scoring: dict[str, Any]) -> None:
    problem = only_problem(**scoring)
    assert (problem.path, problem.severity) == ("scoring", "warning")
    assert "sum to" in problem.message


@pytest.mark.parametrize(
    "scoring",
    [
        {"recency": 0.16},
        {"recency": 0.10, "account_age": {"weight": 0.05}},
        {"plugins": ["account_age", "keyword_boost"], "keyword_boost": {"keywords": ["a"]}},
    ],
)
def test_added_plugins_may_be_counted_in_or_come_on_top(scoring: dict[str, Any]) -> None:
    assert problems(**scoring) == []


def test_core_reports_this_section_at_its_line() -> None:
    values = scoring_document().model_dump(mode="json", exclude_defaults=True)
    values["scoring"] = {"custom_rules": [{"name": "a", "condition": "text contains hello", "boost": 5}]}
    source = dump_yaml(values)
    reading = read_project(source)
    problem = next(item for item in reading.errors if item.path == "scoring.custom_rules.0.condition")
    assert problem.line is not None
    assert "text contains hello" in source.splitlines()[problem.line - 1]
