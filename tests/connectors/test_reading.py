import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.headers import allowance_in, retry_after_in
from connectors.reading import (
    as_count,
    as_epoch,
    as_id,
    as_language,
    as_moment,
    as_text,
    bounded,
    links_in_html,
    links_spelled_out,
    text_of_html,
    web_url,
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two<br>Three<br/>Four</p>", "One\n\nTwo\nThree\nFour"),
        ("a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27; &eacute;", "a & b <c> \"d\" 'e' é"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ('<a href="https://x.example"><span class="invisible">https://</span>x.example</a>', "https://x.example"),
        ("no markup at all", "no markup at all"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("<P>LARGE</P\n><BR CLASS='x'>letters", "LARGE\n\nletters"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_person_reads_it(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


@pytest.mark.parametrize(
    "part",
    ["<", "<a", "<!--", "<![", "&", "&amp", " ", "\n ", "<p", "<a class='", '<a href="', "</", "<p>", "\t<"],
)
def test_markup_that_was_made_to_be_slow_is_not(part: str) -> None:
    began = time.perf_counter()
    text_of_html(part * 200_000)
    links_in_html(part * 200_000)
    text_of_html(links_spelled_out(part * 200_000))
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            '<a href="https:&#x2F;&#x2F;a.example&#x2F;long" rel="nofollow">https:&#x2F;&#x2F;a.ex...</a>',
            "https://a.example/long",
        ),
        ('before <a href="https://a.example?b&amp;c">x</a> after', "before https://a.example?b&c after"),
        ('<a href="javascript:x">words</a>', "words"),
        ("<a name='x'>words</a>", "words"),
    ],
)
def test_a_shortened_link_is_spelled_out(markup: str, text: str) -> None:
    assert text_of_html(links_spelled_out(markup)) == text


@pytest.mark.parametrize("value", [None, True, -1, -0.5, 10**30, 1e300, "1700000000", [], 99_999_999_999])
def test_seconds_that_can_be_no_time_are_unknown(value: Any) -> None:
    assert as_epoch(value) is None


def test_seconds_are_read_in_utc() -> None:
    assert as_epoch(1_700_000_000) == as_epoch(1_700_000_000.0) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(("used", "limit"), [("2.0", 600), ("lots", None), (None, None)])
def test_a_limit_is_what_is_used_and_what_is_left(used: str | None, limit: int | None) -> None:
    headers = {"x-ratelimit-remaining": "598.0", "x-ratelimit-reset": "323"}
    allowance = allowance_in(headers if used is None else {**headers, "x-ratelimit-used": used})
    assert allowance is not None
    assert (allowance.limit, allowance.remaining) == (limit, 598)
    assert 320 < allowance.seconds_left() <= 323


def test_links_are_given_once_and_only_those_of_the_web() -> None:
    markup = "".join(
        f"<a href='{url}'>x</a>" for url in ("https://a.example", "https://a.example", "data:x", "/b")
    )
    assert links_in_html(markup) == ("https://a.example",)


@pytest.mark.parametrize("value", [None, 7, "", "javascript:alert(1)", "https://x\n", "https://" + "x" * 1000, {}])
def test_what_is_no_web_address_becomes_no_link(value: Any) -> None:
    assert web_url(value) == ""


@pytest.mark.parametrize(
    ("value", "count"),
    [(0, 0), (7, 7), (-1, None), (True, None), (1.0, None), ("7", None), (2**63, None), (2**63 - 1, 2**63 - 1)],
)
def test_a_count_is_a_whole_number_that_is_not_negative(value: Any, count: int | None) -> None:
    assert as_count(value) == count


@pytest.mark.parametrize(
    ("value", "language"),
    [("en", "en"), ("pt-BR", "pt"), ("ZH_hant", "zh"), ("gsw", "gsw"), ("english", None), (7, None)],
)
def test_a_language_is_two_or_three_letters(value: Any, language: str | None) -> None:
    assert as_language(value) == language


def test_a_time_without_a_zone_is_utc_and_one_with_is_turned() -> None:
    assert as_moment("2026-03-02T09:30:00") == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    turned = as_moment("2026-03-02T09:30:00.123456789+02:00")
    assert turned is not None
    assert (turned.hour, turned.tzinfo) == (7, UTC)


def test_a_clock_may_be_a_little_ahead_and_not_far() -> None:
    assert as_moment((timezone.now() + timedelta(minutes=5)).isoformat()) is not None
    assert as_moment((timezone.now() + timedelta(days=2)).isoformat()) is None


@pytest.mark.parametrize("value", ["", "a\0", "a\nb", "\ud800", "x" * 201, 5, None, ["a"]])
def test_an_id_is_a_short_visible_text(value: Any) -> None:
    assert as_id(value) == ""


def test_texts_are_bounded_and_nesting_is_cut() -> None:
    assert len(as_text("x" * 200_000)) == 100_000
    deep: Any = "end"
    for _ in range(900):
        deep = [deep]
    kept: Any = bounded({"deep": deep, "k" * 5000: "x" * 200_000})
    assert [len(key) for key in kept] == [4, 1000]
    assert "end" not in str(kept["deep"])


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining": "93.0", "x-ratelimit-reset": "120", "x-ratelimit-used": "3"},
        {"ratelimit-remaining": "93", "ratelimit-reset": "120", "ratelimit-limit": "100"},
    ],
)
def test_a_reset_may_be_counted_from_now(headers: dict[str, str]) -> None:
    allowance = allowance_in(headers)
    assert allowance is not None
    assert (allowance.remaining, round(allowance.seconds_left())) == (93, 120)


def test_half_of_a_limit_is_none() -> None:
    assert allowance_in({"x-rate-limit-remaining": "3"}) is None
    assert allowance_in({"x-rate-limit-reset": "120"}) is None
    assert allowance_in({}) is None


def test_nobody_is_made_to_wait_for_more_than_a_day() -> None:
    assert retry_after_in({"retry-after": "99999999"}) == 86_400
    far = {"ratelimit-remaining": "99999999999999", "ratelimit-reset": "99999999"}
    allowance = allowance_in(far)
    assert allowance is not None
    assert allowance.remaining == 2**31 - 1
