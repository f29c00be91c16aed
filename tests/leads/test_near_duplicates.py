"""Which texts are copies of each other, and that keys find them."""

import json
import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from connectors.platforms.sample import POSTS_FILE
from leads.near_duplicates import (
    HEAD_WORDS,
    MAX_WORDS_TO_COMPARE,
    SIMILAR,
    Keys,
    are_near_duplicates,
    exact_key,
    keys_of_all,
    similarity,
    words_of,
)
from leads.normalizing import clean_text

TEXT = (
    "We are three gardeners and our quotes still live in a spreadsheet. Is there a tool that turns a quote into "
    "an invoice, takes a deposit by card and does not want forty euros a month from each of us?"
)
CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "need_vs_offer.jsonl"


def keys_of(text: str) -> Keys:
    return keys_of_all([words_of(text)])[0]


def are_copies(one: str, other: str) -> bool:
    """As the pipeline finds them: by the exact key, or by a shared key and a comparison."""
    first, second = words_of(one), words_of(other)
    if exact_key(first):
        if exact_key(first) == exact_key(second):
            return True
        shared = any(
            key is not None and key == same for key, same in zip(keys_of(one), keys_of(other), strict=True)
        )
        return shared and are_near_duplicates(first, second)
    return False


@pytest.mark.parametrize(
    "vary",
    [
        str.upper,
        lambda text: f"RT @greta: {text}",
        lambda text: f"{text} https://x.example/a?b=c",
        lambda text: f"{text} #gardening #invoices",
        lambda text: f"@acme {text} 🙏🙏",
        lambda text: text.replace(".", " -- ").replace("?", "??"),
    ],
    ids=["case", "reposted", "a link", "hashtags", "a mention and emoji", "punctuation"],
)
def test_what_changes_no_word_changes_no_exact_key(vary: Callable[[str], str]) -> None:
    assert exact_key(words_of(vary(TEXT))) == exact_key(words_of(TEXT)) != ""


@pytest.mark.parametrize(
    "vary",
    [
        lambda text: text.replace("three", "four"),
        lambda text: text.replace("deposit", "payment"),
        lambda text: f"{text} Thanks a lot!",
        lambda text: f"{text[:120]}… https://short.example/1",
        lambda text: f"{text} " + "The longer story is on my page, with figures of each year since we began. " * 5,
        lambda text: f"RT @greta: {text[:110]}…",
    ],
    ids=["a word", "another word", "an ending", "cut at 120", "the beginning of a longer one", "reposted and cut"],
)
def test_a_text_that_is_changed_a_little_is_a_copy(vary: Callable[[str], str]) -> None:
    assert are_copies(TEXT, vary(TEXT))
    assert are_copies(vary(TEXT), TEXT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Any good CRM for bakers in Leeds?", "Any good CRM for bakers in York?"),
        ("thank you so much", "thank you so much"),
        (
            TEXT,
            "We are three gardeners and our quotes are printed by a neighbour, who also cuts our hair for free.",
        ),
        (
            "Looking for a bookkeeper in Lyon who knows restaurants and answers within a day, any ideas?",
            "Looking for a designer in Porto who knows bookshops and answers within a day, any ideas?",
        ),
    ],
    ids=["a short question", "too short", "the same beginning", "the same form"],
)
def test_different_posts_are_no_copies(one: str, other: str) -> None:
    assert not are_copies(one, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("每个月催客户付款真的很累,有没有好用的软件?", "每个月催客户付款真的很累 有没有好用的软件!!", True),
        ("每个月催客户付款真的很累,有没有好用的软件?", "想找一个预约管理工具,最好支持微信付款和提醒", False),
        ("谢谢你们啊", "谢谢你们啊", False),
    ],
)
def test_scripts_without_spaces_are_compared_sign_by_sign(one: str, other: str, same: bool) -> None:
    assert are_copies(one, other) is same


def test_short_and_endless_texts_have_no_keys_but_the_exact_one() -> None:
    assert keys_of("Any good CRM for bakers in Leeds?") == Keys()
    assert exact_key(words_of("Any good CRM for bakers in Leeds?"))
    endless = " ".join(f"word{number}" for number in range(MAX_WORDS_TO_COMPARE + 1))
    assert keys_of(endless) == Keys()
    assert exact_key(words_of(endless))


STORED = (3440068286, 1035490047404650451, 4875228954108816306, -3942690643015228033, -5847650937249184999)


def test_keys_are_the_same_in_every_process_and_batch() -> None:
    """They are stored: other numbers would make strangers of all earlier posts."""
    others = [words_of(f"{TEXT} {number}") for number in range(5)]
    alone = keys_of(TEXT)
    assert keys_of_all([*others, words_of(TEXT), ["short"]])[5] == alone
    assert alone == Keys(*STORED)


def test_the_bundled_near_duplicates_are_found_and_nothing_else_is() -> None:
    rows = [json.loads(line) for line in POSTS_FILE.read_text(encoding="utf-8").splitlines()]
    pairs = [pair for pair in combinations(rows, 2) if are_copies(*(clean_text(row["text"]) for row in pair))]
    assert {row["kind"] for pair in pairs for row in pair} == {"near_duplicate"}
    expected = {row["id"] for row in rows if row["kind"] == "near_duplicate"}
    assert {row["id"] for pair in pairs for row in pair} == expected


def test_nearly_all_pairs_that_are_similar_enough_share_a_key() -> None:
    chance, found, tried = random.Random(7), 0, 0  # noqa: S311 - the same texts in each run
    vocabulary = [f"word{number}" for number in range(2_000)]
    while tried < 500:
        one = chance.choices(vocabulary, k=chance.randint(20, 60))
        other = list(one)
        other[chance.randrange(len(one))] = "changed"
        if similarity(one, other) < SIMILAR:
            continue
        tried += 1
        first, second = keys_of_all([one, other])
        found += any(key == same for key, same in zip(first, second, strict=True))
    assert found >= 0.98 * tried


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora are not here")
def test_hardly_any_two_real_posts_are_taken_for_copies() -> None:
    """Of 2,307 posts an agency's adverts for different jobs are the nearest to being wrong."""
    texts = [words_of(json.loads(line)["text"]) for line in CORPUS.read_text(encoding="utf-8").split("\n") if line]
    by_head: dict[tuple[str, ...], list[list[str]]] = {}
    for words in texts:
        by_head.setdefault(tuple(words[:HEAD_WORDS]), []).append(words)
    same_head = [pair for group in by_head.values() for pair in combinations(group, 2)]
    wrong = [pair for pair in same_head if are_near_duplicates(*pair) and similarity(*pair) < SIMILAR]
    assert len(wrong) <= 5
