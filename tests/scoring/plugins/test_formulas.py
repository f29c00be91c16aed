"""Every plugin's formula, by its exact cases."""

from typing import Any

import pytest

from scoring.base import Facts, PluginParams, plugins
from scoring.plugins.authority import AuthorAuthority, AuthorityParams
from scoring.plugins.keyword_boost import KeywordBoost, KeywordParams
from tests.scoring.builders import scoring_document

NO_PARAMS = PluginParams()


def points(name: str, **facts: Any) -> float:
    plugin = plugins.get(name)
    return plugin().score(Facts(**facts), plugin.Params()).score


@pytest.mark.parametrize(
    ("label", "confidence", "expected"),
    [("relevant", 0.95, 95), ("maybe", 0.5, 15), ("irrelevant", 1.0, 0), ("irrelevant", None, 0)],
)
def test_relevance_is_confidence_times_the_labels_share(
    label: str, confidence: float | None, expected: float
) -> None:
    assert points("relevance_judgment", label=label, confidence=confidence) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("followers", "verified", "expected"),
    [(0, False, 10), (1, False, 10), (1000, False, 40), (10_000, True, 70), (1_000_000, False, 70)],
)
def test_authority_grows_with_the_logarithm_of_followers(followers: int, verified: bool, expected: float) -> None:
    facts = {"author_followers": followers, "author_verified": verified}
    assert points("author_authority", **facts) == pytest.approx(expected)


def test_more_than_a_million_followers_add_nothing() -> None:
    assert points("author_authority", author_followers=90_000_000) == pytest.approx(70)


@pytest.mark.parametrize(
    ("bio", "expected"),
    [("Founder of a bakery", 50), ("CO-FOUNDER", 50), ("Unfounded claims", 40), ("", 40), (None, 40)],
)
def test_a_preferred_word_in_the_bio_gains_ten(bio: str | None, expected: float) -> None:
    params = AuthorityParams(preferred_bios=("founder", "head of growth"))
    facts = Facts(author_followers=1000, author_bio=bio)
    assert AuthorAuthority().score(facts, params).score == pytest.approx(expected)


def test_two_preferred_words_gain_ten_once() -> None:
    params = AuthorityParams(preferred_bios=("founder", "baker"))
    facts = Facts(author_followers=1000, author_bio="founder and baker")
    assert AuthorAuthority().score(facts, params).score == pytest.approx(50)


def test_unknown_followers_are_left_out_and_named() -> None:
    answer = AuthorAuthority().score(Facts(author_verified=True), AuthorityParams())
    assert (answer.score, answer.known) == (30, True)
    assert "followers unknown" in answer.reason


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 0, 0), 0),
        ((5, 4, 3, 2500), 52),
        ((10, 6, 5, 10_000), 100),
        ((9999, 9999, 9999, 99_999_999), 100),
        ((None, 4, None, None), 20),
        ((-40, 1, 0, 0), 5),
    ],
)
def test_engagement_counts_each_reaction_up_to_its_most(counts: tuple[int | None, ...], expected: float) -> None:
    facts = dict(zip(("likes", "replies", "reposts", "views"), counts, strict=True))
    assert points("engagement_signals", **facts) == pytest.approx(expected)


def test_unknown_reactions_are_named() -> None:
    reason = plugins.get("engagement_signals")().score(Facts(likes=3), NO_PARAMS).reason
    assert "3 likes" in reason
    assert "views unknown" in reason


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(-5, 100), (0, 100), (24, 48.68), (72, 11.53), (167.99, 0.65), (168, 0), (5000, 0), (None, 0)],
)
def test_recency_decays_and_ends_after_a_week(hours: float | None, expected: float) -> None:
    assert points("recency", hours_ago=hours) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We had a good day.", 0),
        ("What is this?", 40),
        ("Looking for an invoicing tool. I hate this one. Right?", 90),
        ("Evaluating an alternative to it: so painful, no?", 100),
        ("looking for, looking for, suggestions for", 30),
        ("Whatever, the hated tests are over", 0),
        ("It takes \n\t forever", 20),
        ("I'm TRYING OUT a few", 10),
        ("see https://example.com/a?b=c", 0),
        ("have you seen https://example.com/a?", 40),
        ("\u3053\u308c\u306f\u4f55\u3067\u3059\u304b\uff1f", 40),
    ],
)
def test_intent_adds_a_question_a_search_a_pain_and_an_evaluation(text: str, expected: float) -> None:
    assert points("intent_strength", text=text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("our CRM is slow", 20),
        ("crm crm crm", 20),
        ("A crm that sends invoices, what\u2019s  due", 60),
        ("crms", 0),
        ("c++ or crm", 40),
    ],
)
def test_each_keyword_that_stands_in_the_text_gains_twenty(text: str, expected: float) -> None:
    params = KeywordParams(keywords=("crm", "invoices", "what's due", "c++"))
    assert KeywordBoost().score(Facts(text=text), params).score == expected


def test_keywords_gain_a_hundred_at_most() -> None:
    params = KeywordParams(keywords=tuple("abcdefgh"))
    assert KeywordBoost().score(Facts(text="a b c d e f g h"), params).score == 100


def test_without_keywords_the_boost_has_no_weight() -> None:
    answer = KeywordBoost().score(Facts(text="anything"), KeywordParams())
    assert (answer.score, answer.known) == (0, False)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, 0), (5, 5), (29.5, 29.5), (30, 30), (197.5, 55), (365, 80), (682.5, 90), (1000, 100), (9000, 100)],
)
def test_an_old_account_gains_more(days: float, expected: float) -> None:
    assert points("account_age", author_age_days=days) == pytest.approx(expected)


def test_an_unknown_account_age_is_fifty_without_weight() -> None:
    answer = plugins.get("account_age")().score(Facts(), NO_PARAMS)
    assert (answer.score, answer.known) == (50, False)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1000.5, 100), (999.9, 99.99685), (365.5, 80.01575), (364.9, 79.98507), (30.5, 30.07463), (29.9, 29.9)],
)
def test_between_whole_days_the_age_counts_on(days: float, expected: float) -> None:
    assert points("account_age", author_age_days=days) == pytest.approx(expected, abs=1e-4)


def test_half_an_hour_ago_is_not_just_now() -> None:
    assert points("recency", hours_ago=0.5) == pytest.approx(98.511, abs=1e-3)
    assert points("recency", hours_ago=0) == 100


@pytest.mark.parametrize("name", sorted(set(plugins.items()) - {"account_age"}))
def test_a_plugin_that_knows_nothing_gives_nothing(name: str) -> None:
    plugin = plugins.get(name)
    answer = plugin().score(Facts(), plugin.Params())
    assert (answer.score, answer.known) == (0.0, False)
    assert answer.known is False
    assert answer.reason


def test_a_judgment_of_unknown_confidence_is_worth_nothing_and_weighs_nothing() -> None:
    plugin = plugins.get("relevance_judgment")
    answer = plugin().score(Facts(label="relevant"), plugin.Params())
    assert (answer.score, answer.known) == (0.0, False)


def test_keywords_in_a_text_that_is_unknown_weigh_nothing() -> None:
    answer = KeywordBoost().score(Facts(), KeywordParams(keywords=("crm",)))
    assert (answer.score, answer.known, answer.reason) == (0.0, False, "The text is unknown.")


def test_the_preferred_words_are_those_of_the_projects_profile() -> None:
    params = AuthorAuthority.params_from(scoring_document(icp={"prefer_bios_containing": ["founder"]}))
    assert AuthorAuthority().score(Facts(author_bio="A founder"), params).score == pytest.approx(20)


def test_a_bio_alone_is_known_only_where_words_are_looked_for_in_it() -> None:
    facts = Facts(author_bio="Founder of a bakery")
    assert AuthorAuthority().score(facts, AuthorityParams()).known is False
    assert AuthorAuthority().score(facts, AuthorityParams(preferred_bios=("founder",))).known is True


@pytest.mark.parametrize(
    ("name", "facts", "reason"),
    [
        ("author_authority", {"author_followers": 1}, "The author: 1 follower, verification unknown."),
        ("author_authority", {"author_followers": 2000}, "The author: 2,000 followers, verification unknown."),
        ("intent_strength", {"text": "I hate it"}, "Found: pain ('hate')."),
        ("intent_strength", {"text": "Good morning"}, "No sign of intent found."),
        ("recency", {"hours_ago": 0.0}, "Posted just now."),
    ],
)
def test_a_reason_tells_what_was_found(name: str, facts: dict[str, Any], reason: str) -> None:
    plugin = plugins.get(name)
    assert plugin().score(Facts(**facts), plugin.Params()).reason == reason


def test_keywords_that_were_found_are_told() -> None:
    answer = KeywordBoost().score(Facts(text="A CRM and an app"), KeywordParams(keywords=("app", "crm")))
    assert answer.reason == "Keywords found: app, crm."
