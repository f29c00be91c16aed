import pytest

from leads.drafting.base import DraftFacts
from leads.drafting.objections import Bounds, addresses_in, names_in, objections_to

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
        f"{GOOD} More on ledgerlark.example, or www.ledgerlark.example/.",
        "With Node.js/Express, e.g. in v2.0 or ASP.NET, it is ready at 9 a.m./p.m. We are #1 in C#.",
        "It sends reminders by itself.So you can rest.It is done...And read notes.md, or and/or.",
    ],
)
def test_nothing_speaks_against_a_good_reply(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_reply_is_none(text: str) -> None:
    assert told(text) == [("The reply is empty", True)]


@pytest.mark.parametrize(
    "blank",
    [
        "[Name]",
        "[Your Name]",
        "{{ author_name }}",
        "<product>",
        "[insert link here]",
        "[the company]",
        "{name}",
        "{author_name}",
    ],
)
def test_a_blank_that_nobody_filled_in_is_fatal(blank: str) -> None:
    assert told(f"Hi {blank}, {GOOD}") == [("The reply has a blank that was not filled in", True)]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "http://ledgerlark.example.evil.example/",
        "https://ledgerlark.example/free",
        "www.evil.example/deal",
        "www.evil.so",
        "bit.ly/x",
        "evil-shop.com/x",
        "Evil-Shop.com.",
        "(evil-shop.com)",
        "pay.me/now",
        "ledgerlark.example.evil.com",
        "ledgerlark.example/free",
        "evil\uff0ecom",
        "bit\u200b.ly/x",
    ],
)
def test_a_link_that_is_not_ours_is_fatal(link: str) -> None:
    assert told(f"{GOOD} {link}") == [("The reply has a link that is not the product's", True)]


@pytest.mark.parametrize("address", ["mara@evil.example", "pay.me+now@ledgerlark.example.evil.com"])
def test_an_e_mail_address_that_is_not_ours_is_fatal(address: str) -> None:
    assert told(f"{GOOD} Write to {address}.") == [
        ("The reply has an e-mail address that is not the product's", True)
    ]


def test_a_link_in_markdown_is_fatal() -> None:
    text = f"{GOOD} See [our page](https://ledgerlark.example)"
    assert told(text) == [("The reply has a link in Markdown, which the platform shows as it stands", True)]


def test_a_hashtag_is_fatal() -> None:
    assert told(f"{GOOD} #invoicing") == [("The reply has a hashtag", True)]


@pytest.mark.parametrize("handle", ["@somebody", "\uff20bob", "@ada@elsewhere.example", "@ledgerlark.support"])
def test_a_handle_that_was_not_given_is_fatal(handle: str) -> None:
    assert told(f"{GOOD} {handle}") == [("The reply mentions somebody's handle that it was not given", True)]


def test_too_long_is_not_fatal() -> None:
    text = "It sends reminders by itself. " * 10
    assert told(text) == [(f"The reply has {len(text)} characters; at most 200 are allowed", False)]


def test_another_language_is_not_fatal() -> None:
    assert told(GOOD, language="de") == [("The reply is not in the language of the post (ISO 639-1: de)", False)]
    assert told("Ich arbeite an Ledgerlark: es mahnt von selbst.", language="de") == []
    assert told(GOOD, language="") == []


def test_what_a_project_says_of_itself_is_its_own() -> None:
    ours = "Write to hi@tide.example, see tide-water.app/start, or ask @tide with #TideHelp."
    bounds = Bounds(limit=200, links=addresses_in(ours), handles=names_in(ours))
    assert objections_to(f"I work on it. {ours}", facts=facts(), bounds=bounds) == []
