import json

import pytest

from connectors.base import Capability, SearchQuery, connector_for, connectors
from connectors.errors import ConnectorError
from connectors.platforms.sample import POSTS_FILE, matches

ROWS = [json.loads(line) for line in POSTS_FILE.read_text(encoding="utf-8").splitlines()]
EVERYTHING = SearchQuery("*", max_results=1000)


def fetched(query: SearchQuery) -> list[str]:
    return [post.id for page in connector_for("sample").search(query) for post in page.posts]


def test_it_has_about_three_hundred_posts_of_every_kind() -> None:
    kinds = {row["kind"] for row in ROWS}
    assert 290 <= len(ROWS) <= 320
    assert {
        "ask",
        "complaint",
        "chatter",
        "spam",
        "job_ad",
        "other_language",
        "near_duplicate",
        "injection",
    } <= kinds
    assert {"emoji", "rtl"} <= kinds


def test_everything_is_found_once_and_newest_first() -> None:
    ids = fetched(EVERYTHING)
    assert len(ids) == len(set(ids)) == len(ROWS)
    dates = [post.created_at for page in connector_for("sample").search(EVERYTHING) for post in page.posts]
    assert dates == sorted(dates, key=lambda date: date.timestamp() if date else 0, reverse=True)


def test_nothing_is_newer_than_the_newest() -> None:
    newest = fetched(EVERYTHING)[0]
    assert fetched(SearchQuery("*", since_id=newest, max_results=1000)) == []


def test_pages_go_on_where_the_last_one_ended() -> None:
    pages = list(connector_for("sample").search(EVERYTHING))
    rest = fetched(SearchQuery("*", page_token=pages[1].next_token, max_results=1000))
    assert [post.id for page in pages[2:] for post in page.posts] == rest
    assert pages[-1].next_token is None


def test_no_more_than_asked_for() -> None:
    assert len(fetched(SearchQuery("*", max_results=7))) == 7


def test_the_kind_is_not_part_of_what_a_platform_would_say() -> None:
    raw = [post.raw for page in connector_for("sample").search(EVERYTHING) for post in page.posts]
    assert not [payload for payload in raw if "kind" in payload]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("*", "anything", True),
        ("invoice tool", "A TOOL to invoice with", True),
        ("invoice tool", "an invoice", False),
        ("invoice OR quote", "my Quote", True),
        ("invoice OR quote", "my bill", False),
        (" OR ", "anything", False),
        ("", "anything", False),
    ],
)
def test_words_and_alternatives(query: str, text: str, found: bool) -> None:
    assert matches(query, text) is found


@pytest.mark.parametrize("name", list(connectors.items()))
def test_every_connector_keeps_the_contract(name: str) -> None:
    connector = connector_for(name)
    assert connector.platform == name
    assert connector.capabilities
    if Capability.SEARCH not in connector.capabilities:
        with pytest.raises(ConnectorError):
            list(connector.search(SearchQuery("anything")))


def test_an_unknown_platform_names_the_known_ones() -> None:
    there = "bluesky, file, hackernews, linkedin, mastodon, reddit, sample"
    with pytest.raises(KeyError, match=f"There are: {there}"):
        connector_for("nowhere")
