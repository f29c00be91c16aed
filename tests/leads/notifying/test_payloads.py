"""What a post's text may do in a channel: be read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leads.models import NotificationKind, NotificationTarget
from leads.notifying.escaping import BREAK, for_discord, for_slack, one_line, safe_link
from leads.notifying.messages import LeadLine, Message
from leads.notifying.payloads import LONGEST_DESCRIPTION, WRITERS

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def line(text: str = "Which tool?", **changes: Any) -> LeadLine:
    values = {"id": 7, "score": 88.0, "label": "relevant", "platform": "x", "author": "ada", "text": text}
    more = {"url": "https://x.com/ada/status/1", "posted_at": NOW, "page": ""}
    return LeadLine(**{**values, **more, **changes})


def message(*leads: LeadLine, total: int | None = None, kind: str = "leads", **changes: Any) -> Message:
    count = len(leads) if total is None else total
    return Message("id-1", NotificationKind(kind), NOW, "tidewater", "Tidewater", leads, count, **changes)


def slack_text(written: dict[str, Any]) -> str:
    return "\n".join([written["text"], *(block["text"]["text"] for block in written["blocks"])])


def written(target: str, content: Message) -> dict[str, Any]:
    return WRITERS[NotificationTarget(target)](content)


def test_a_post_calls_nobody_and_links_nowhere_in_slack() -> None:
    hostile = "<!everyone> <!channel|x> <@U1> <https://evil.test|our bank> @here see evil.test & *bold* https://evil.test"
    shown = slack_text(written("slack", message(line(hostile, author="x<!here>"))))
    assert "<!" not in shown
    assert "<@" not in shown
    assert "evil.test" not in shown
    assert "https://evil" not in shown
    assert "@here" not in shown
    assert "*bold*" not in shown
    assert "&lt;!everyone&gt;" in shown
    assert "<https://x.com/ada/status/1|Post at x.com>" in shown


def test_slack_makes_nothing_of_plain_text_and_unfurls_nothing() -> None:
    content = written("slack", message(line()))
    assert all(block["text"]["verbatim"] is True for block in content["blocks"])
    assert content["unfurl_links"] is content["unfurl_media"] is False


def test_a_post_calls_nobody_and_links_nowhere_in_discord() -> None:
    hostile = "@everyone <@1> <#2> [our bank](https://evil.test) discord.gg/abc || spoiler || `code` # Heading \\"
    content = written("discord", message(line(hostile)))
    shown = content["embeds"][0]["description"]
    assert content["allowed_mentions"] == {"parse": []}
    assert "content" not in content
    assert "@everyone" not in shown
    assert "](https://evil" not in shown
    assert "discord.gg" not in shown
    assert "\\<\\@" in shown
    assert "\\|\\|" in shown
    assert "\\# Heading" in shown
    assert shown.endswith("\\\\")
    assert "(https://x.com/ada/status/1)" in shown


@pytest.mark.parametrize("mark", ["*", "_", "~", "`"])
def test_marks_of_slack_are_kept_apart_from_words(mark: str) -> None:
    assert f"{mark}word" not in for_slack(f"{mark}word{mark}")
    assert for_slack(f"{mark}word{mark}").replace(BREAK, "") == f"{mark}word{mark}"


def test_text_that_runs_backwards_or_breaks_is_one_plain_line() -> None:
    assert one_line("safe\u202e txe.\u2066 one\n\ntwo\x07\u2028three", longest=100) == "safe txe. one two three"
    assert one_line("family 👩\u200d💻", longest=100) == "family 👩\u200d💻"
    assert one_line("one two three", longest=10) == "one two…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://x.com@evil.test/",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "//x.com/a",
        "https://x.com:8443/",
        "not an address",
        "https://[",
        f"https://x.com/{'a' * 400}",
    ],
)
def test_what_is_no_plain_web_address_is_no_link(url: str) -> None:
    assert safe_link(url) is None


def test_an_address_ends_no_link_and_shows_its_true_host() -> None:
    found = safe_link("https://x.com/a|b>c)d<e f?q=1|2")
    assert found == ("https://x.com/a%7Cb%3Ec%29d%3Ce%20f?q=1%7C2", "x.com")
    homograph = safe_link("https://\u0445.com/")
    assert homograph is not None
    assert homograph[1].startswith("xn--")


@pytest.mark.parametrize("text", ["&" * 2000, "*" * 2000, "@a." * 700])
def test_the_longest_texts_keep_within_what_chats_take(text: str) -> None:
    several = [line(text, id=number, author=text) for number in range(12)]
    alone, many = message(line(text, author=text)), message(*several, total=40, kind="digest")
    for content in (alone, many):
        assert all(len(block["text"]["text"]) <= 3000 for block in written("slack", content)["blocks"])
        assert len(written("discord", content)["embeds"][0]["description"]) <= LONGEST_DESCRIPTION


def test_of_many_the_best_are_listed_and_the_rest_counted() -> None:
    content = message(*(line(id=number) for number in range(12)), total=40)
    assert "and 30 more" in slack_text(written("slack", content))
    assert "and 30 more" in written("discord", content)["embeds"][0]["description"]
    assert len(written("webhook", content)["leads"]) == 12


def test_a_program_gets_the_text_as_it_is() -> None:
    event = written("webhook", message(line("<b> & @everyone")))
    assert (event["id"], event["type"], event["total"]) == ("id-1", "leads", 1)
    assert event["leads"][0]["text"] == "<b> & @everyone"
    assert for_discord("a-b") == "a\\-b"
