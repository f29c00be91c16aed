import pytest

from leads.drafting.base import DraftFacts
from leads.drafting.objections import Bounds, objections_to

BOUNDS = Bounds(limit=200, links=("https://ledgerlark.example/",), handles=("ledgerlark",))
GOOD = "I work on Ledgerlark, so take this with a grain of salt: it sends reminders by itself."


def facts(language: str = "en") -> DraftFacts:
    return DraftFacts("Any tool?", "sample", "asks", "", "", "ada", language=language)


def told(text: str, *, language: str = "en") -> list[tuple[str, bool]]:
    found = objections_to(text, facts=facts(language), bounds=BOUNDS)
    return [(objection.text.split(".")[0], objection.is_fatal) for objection in found]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"{GOOD} https://ledgerlark.example",
        f"@ada {GOOD} More at @LedgerLark.",
        f"{GOOD} Write to hello@ledgerlark.example.",
        "Numbers [1] and <3 are fine, and so is {this}.",
    ],
)
def test_nothing_speaks_against_a_good_reply(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_reply_is_none(text: str) -> None:
    assert told(text) == [("The reply is empty", True)]


@pytest.mark.parametrize(
    "blank", ["[Name]", "[Your Name]", "{{ author_name }}", "<product>", "[insert link here]", "[the company]"]
)
def test_a_blank_that_nobody_filled_in_is_fatal(blank: str) -> None:
    assert told(f"Hi {blank}, {GOOD}") == [("The reply has a blank that was not filled in", True)]


@pytest.mark.parametrize(
    "link", ["https://evil.example", "http://ledgerlark.example.evil.example/", "https://ledgerlark.example/free"]
)
def test_a_link_that_is_not_ours_is_fatal(link: str) -> None:
    assert told(f"{GOOD} {link}") == [("The reply has a link that is not the product's", True)]


@pytest.mark.parametrize("handle", ["@somebody", "@ada@elsewhere.example", "@ledgerlark.support"])
def test_a_handle_that_was_not_given_is_fatal(handle: str) -> None:
    assert told(f"{GOOD} {handle}") == [("The reply mentions somebody's handle that it was not given", True)]


def test_too_long_is_not_fatal() -> None:
    text = "It sends reminders by itself. " * 10
    assert told(text) == [(f"The reply has {len(text)} characters; at most 200 are allowed", False)]


def test_another_language_is_not_fatal() -> None:
    assert told(GOOD, language="de") == [("The reply is not in the language of the post (ISO 639-1: de)", False)]
    assert told("Ich arbeite an Ledgerlark: es mahnt von selbst.", language="de") == []
    assert told(GOOD, language="") == []
