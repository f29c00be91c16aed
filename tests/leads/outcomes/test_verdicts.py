"""What an answer says to us, by words alone."""

import re

import pytest

from leads.outcomes.verdicts import Verdict, rules, verdict_on

PLAIN_WISHES = [
    "STOP \U0001f6d1",
    "Stop, thanks",
    "stop pls",
    "STOP STOP",
    "ＳＴＯＰ",
    "please go away",
    "Please remove me",
    "stop sending me messages",
    "stop emailing me",
    "Could you please stop messaging me?",
    "don't @ me",
    "Kontaktieren Sie mich nicht mehr",
    "Schreiben Sie mir bitte nicht mehr",
    "Bitte nicht mehr schreiben",
    "Arrêtez de m'écrire",
    "Deja de escribirme",
    "Pare de me mandar mensagens",
    "Smettila di scrivermi",
    "Przestań pisać",
    "Bana yazmayın",
    "Не пиши мне",
    "Оставь меня в покое",
    "やめて下さい",
    "不要联系我",
    "请停止",
    "그만하세요",
    "re: invoices\n\nSTOP",
]


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
        *[(text, "stop") for text in PLAIN_WISHES],
        ("This is spam.", "hostile"),
        ("You suck!", "hostile"),
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
        "they don't reply to me, that's why I need reminders",
        "They never contact me when an invoice is paid",
        "don't reply to me, reply to Anna",
        "I want clients to stop writing to me for invoices",
        "Meine Kunden schreiben mir nicht mehr",
        "This is spam-free",
        "Why do you suck the fees out",
        "This is a bot I wrote",
        "Thanks!",
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
