"""What an answer says to us, by words alone."""

import re

import pytest

from leads.outcomes.verdicts import Verdict, rules, verdict_on


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("STOP", "stop"),
        ("@we Please stop. https://harbour.example", "stop"),
        ("Don\u2019t message me again", "stop"),
        ("Fuck off and leave me alone", "stop"),
        ("Lassen Sie mich bitte in Ruhe!", "stop"),
        ("No me escriban más", "stop"),
        ("Ne m'écrivez plus", "stop"),
        ("やめてください", "stop"),
        ("This is spam.", "hostile"),
        ("Blocked and reported", "hostile"),
        ("Halt die Klappe", "hostile"),
        ("No thanks!", "not_interested"),
        ("Nein danke", "not_interested"),
        ("Não, obrigada", "not_interested"),
        ("нет, спасибо", "not_interested"),
    ],
)
def test_a_no_is_known_in_many_languages(text: str, verdict: str) -> None:
    assert verdict_on(text) == Verdict(verdict)


@pytest.mark.parametrize(
    "text",
    [
        "I can't stop using it, thank you!",
        "Thanks, that is not spam for once",
        "Is this spam?",
        "Shut up and take my money",
        "No thanks to my old tool I lost a client",
        "> please stop\nHappy to hear more",
        "My build is blocked.",
        "We don't need it yet but tell me the price",
        "I am interested",
        "",
    ],
)
def test_most_answers_are_no_no(text: str) -> None:
    assert verdict_on(text) is None


def test_every_language_has_all_three_and_each_expression_is_one() -> None:
    languages = [set(rules().of(verdict)) for verdict in Verdict]
    assert languages[0] == languages[1] == languages[2]
    assert len(languages[0]) >= 14
    for verdict in Verdict:
        for expressions in rules().of(verdict).values():
            assert all(re.compile(each).search("") is None for each in expressions)


def test_a_hostile_text_takes_no_time() -> None:
    assert verdict_on("you " * 100_000) is None
