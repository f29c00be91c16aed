"""Walks through pages that a test scripts: what ends one, what only stops it, and how much was read."""

from collections.abc import Sequence

from connectors.base import FetchedPage, FetchedPost, SearchQuery
from connectors.paging import PAGES_WITHOUT_NEWS, RawPage, walk

NOTHING: list[str] = []


class Scripted:
    """Pages of entries; one that begins with a letter makes no post. The tokens of the pages count them."""

    def __init__(self, *pages: Sequence[str], without_end: bool = False) -> None:
        self.pages, self.without_end = pages, without_end
        self.asked: list[str | None] = []

    def fetch(self, token: str | None, _wanted: int) -> RawPage:
        self.asked.append(token)
        number = int(token or 0)
        entries = self.pages[min(number, len(self.pages) - 1)]
        posts = [FetchedPost("harbour", entry, "words") for entry in entries if entry.isdecimal()]
        is_last = number == len(self.pages) - 1 and not self.without_end
        return RawPage(posts, None if is_last else str(number + 1), entries=entries)

    def walked(self, *, most: int = 100, token: str | None = None) -> list[FetchedPage]:
        return list(walk(SearchQuery("invoice", page_token=token, max_results=most), self.fetch))


def ids(pages: list[FetchedPage]) -> list[str]:
    return [post.id for page in pages for post in page.posts]


def test_pages_without_words_are_walked_through() -> None:
    pages = Scripted(["9"], *([f"a{number}"] for number in range(20)), ["8"]).walked()
    assert ids(pages) == ["9", "8"]
    assert pages[-1].next_token is None


def test_more_of_them_than_posts_are_wanted_stop_a_walk_with_its_token() -> None:
    scripted = Scripted(["9"], *([f"a{number}", f"b{number}"] for number in range(20)), ["8"])
    pages = scripted.walked(most=4)
    assert (ids(pages), pages[-1].next_token, len(scripted.asked)) == (["9"], "3", 3)
    rest = scripted.walked(most=100, token=pages[-1].next_token)
    assert ids(rest) == ["8"]


def test_pages_that_have_nothing_and_never_end_are_an_end() -> None:
    scripted = Scripted(["9"], NOTHING, without_end=True)
    pages = scripted.walked()
    assert (ids(pages), pages[-1].next_token) == (["9"], None)
    assert len(scripted.asked) == 1 + PAGES_WITHOUT_NEWS


def test_pages_that_repeat_what_was_there_are_an_end_also_where_it_has_no_words() -> None:
    scripted = Scripted(["9", "a", "b"], ["a", "b", "9"], without_end=True)
    pages = scripted.walked()
    assert (ids(pages), pages[-1].next_token) == (["9"], None)
    assert len(scripted.asked) == 1 + PAGES_WITHOUT_NEWS


def test_all_that_an_answer_listed_was_read() -> None:
    pages = Scripted(["9", "a", ""], ["b"], ["9", "8"]).walked()
    assert [page.posts_read for page in pages] == [3, 1, 2]
