from dataclasses import replace

import pytest

from connectors.base import FetchedPost
from connectors.entities import MOST, links_in, with_entities


def post(text: str) -> FetchedPost:
    return FetchedPost(platform="file", id="1", text=text)


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("Any tool for #invoicing and #Rechnungen2026?", ("invoicing", "Rechnungen2026")),
        ("#請求書 と #счета", ("請求書", "счета")),
        ("Number #1, it&#39;s issue #42", ()),
        ("See https://a.example/page#part", ()),
        ("twice #a1 and #a1", ("a1",)),
        ("#2026goals", ("2026goals",)),
    ],
)
def test_hashtags_are_taken_out_of_the_text(text: str, hashtags: tuple[str, ...]) -> None:
    assert with_entities(post(text)).hashtags == hashtags


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@ada, do you know one?", ("ada",)),
        ("Ask @ada.b-c.", ("ada.b-c",)),
        ("cc @ada@social.example!", ("ada@social.example",)),
        ("write to ada@mail.example", ()),
        ("https://social.example/@ada", ()),
    ],
)
def test_mentions_are_taken_out_of_the_text(text: str, mentions: tuple[str, ...]) -> None:
    assert with_entities(post(text)).mentions == mentions


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://a.example/b.", ("https://a.example/b",)),
        ("(https://a.example/b_(c)).", ("https://a.example/b_(c)",)),
        ("<https://a.example/?q=1&r=2>, HTTPS://B.example!", ("https://a.example/?q=1&r=2", "HTTPS://B.example")),
        ("https://a.example https://a.example", ("https://a.example",)),
        ("ftp://a.example and a.example", ()),
    ],
)
def test_links_end_where_the_sentence_goes_on(text: str, links: tuple[str, ...]) -> None:
    assert links_in(text) == links


def test_what_the_platform_told_counts_instead() -> None:
    told = replace(post("#one @two https://three.example"), hashtags=("1st",), mentions=("2nd",), urls=("3rd",))

    assert with_entities(told) is told


def test_a_text_of_nothing_but_hashtags_is_bounded() -> None:
    assert len(with_entities(post(" ".join(f"#a{n}" for n in range(20_000)))).hashtags) == MOST


def test_a_long_run_of_signs_takes_no_time() -> None:
    """Each expression has to stay linear: 100,000 signs that nearly match."""
    for sign in ("#", "@", "https://", "(", "@a.", "#1"):
        with_entities(post(sign * 50_000))
