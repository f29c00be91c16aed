"""What holds for every registered scoring plugin, including those that packages add."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.base import AnyPlugin, Facts, PluginParams, Points, plugins
from scoring.section import always_on
from signalops_site.core.config.schema import Scoring
from tests.scoring.builders import scoring_document, whole_case

every_plugin = pytest.mark.parametrize("kind", plugins.items().values(), ids=plugins.items())

sane_facts = st.builds(
    Facts,
    text=st.none() | st.text(max_size=80),
    label=st.sampled_from([None, "relevant", "maybe", "irrelevant", "other"]),
    confidence=st.none() | st.floats(0, 1),
    author_bio=st.none() | st.text(max_size=80),
    author_followers=st.none() | st.integers(0, 2**63),
    author_verified=st.none() | st.booleans(),
    author_age_days=st.none() | st.floats(-1, 10_000),
    likes=st.none() | st.integers(-(2**63), 2**63),
    replies=st.none() | st.integers(0, 2**63),
    reposts=st.none() | st.integers(0, 2**63),
    views=st.none() | st.integers(0, 2**63),
    hours_ago=st.none() | st.floats(-1000, 100_000),
)


def ask(kind: type[AnyPlugin], facts: Facts) -> Points:
    """With a document in which every plugin has something to do."""
    listed = [name for name in plugins if name not in always_on()]
    section: dict[str, Any] = {"plugins": listed, "keyword_boost": {"keywords": ["tool", "a"]}}
    made = scoring_document(icp={"prefer_bios_containing": ["founder", "a"]}, **section)
    return kind().score(facts, kind.params_from(made))


def test_the_seven_built_in_plugins_are_there() -> None:
    assert {
        "relevance_judgment",
        "author_authority",
        "engagement_signals",
        "recency",
        "intent_strength",
        "keyword_boost",
        "account_age",
    } <= set(plugins)


@every_plugin
def test_it_states_its_name_version_and_weight(kind: type[AnyPlugin]) -> None:
    assert plugins.get(kind.name) is kind
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name)
    assert re.fullmatch(r"\d+\.\d+", kind.version)
    assert 0 < kind.default_weight <= 1
    assert kind.__doc__


@every_plugin
def test_its_parameters_have_defaults_and_refuse_unknown_keys(kind: type[AnyPlugin]) -> None:
    assert isinstance(kind.Params(), PluginParams)
    with pytest.raises(ValueError, match="surely_unknown"):
        kind.Params.model_validate({"surely_unknown": 1})


@every_plugin
def test_it_knows_nothing_of_an_unknown_lead(kind: type[AnyPlugin]) -> None:
    answer = ask(kind, Facts())
    assert not answer.known
    assert answer.reason


@every_plugin
def test_it_knows_something_of_a_known_lead(kind: type[AnyPlugin]) -> None:
    assert ask(kind, whole_case(author_age_days=400.0)).known


@every_plugin
@given(facts=sane_facts)
def test_it_answers_any_lead_within_range_and_twice_alike(kind: type[AnyPlugin], facts: Facts) -> None:
    answer = ask(kind, facts)
    assert 0 <= answer.score <= 100
    assert answer.reason.endswith(".")
    assert ask(kind, facts) == answer


def test_the_weights_of_the_schema_are_the_plugins_own() -> None:
    assert {name: plugins.get(name).default_weight for name in always_on()} == {
        name: Scoring.model_fields[name].default for name in always_on()
    }
    assert len(always_on()) == 5
