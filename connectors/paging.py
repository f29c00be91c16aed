"""Walking through pages that come newest first, from platforms that may not keep their own rules.

A walk ends at the last page, at `since_id`, when enough posts were taken, or when the platform goes round in a
circle: a token that comes a second time, or pages that repeat what was there. Each post is given once.

Pages of entries that make no post (pictures without words, say) are no end: posts may lie below them. A walk that
meets as many of these in a row as it may take posts only stops, with the token of the next page.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .base import FetchedPage, FetchedPost, SearchQuery

PAGES_WITHOUT_NEWS = 3
"""Pages in a row that have no entry, or none that was not there before: what follows brings nothing, either."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """What one answer held: readable posts, and the token of the next page; `is_end`: what follows is known.

    `newest_id`: see FetchedPage. `entries` are the ids of all that the answer listed, where that is more than the
    posts: what was left out was read, and may have been paid for. One without an id is "".
    """

    posts: Sequence[FetchedPost]
    next_token: str | None
    is_end: bool = False
    newest_id: str = ""
    entries: Sequence[str] = ()

    @property
    def listed(self) -> Sequence[str]:
        return self.entries or [post.id for post in self.posts]


def walk(
    query: SearchQuery,
    fetch: Callable[[str | None, int], RawPage],
    *,
    token_behind: Callable[[FetchedPost], str] | None = None,
) -> Iterator[FetchedPage]:
    """Pages of a query; some may have no posts. `fetch(token, how_many)` asks the platform.

    `token_behind(post)` makes a token that goes on behind any post, for platforms that can: only there may a page
    be cut at `max_results` without losing what follows.
    """
    given: set[str] = set()
    met: set[str] = {""}
    tokens: set[str | None] = {query.page_token}
    token, idle, barren = query.page_token, 0, 0
    while len(given) < query.max_results and barren < query.max_results:
        left = query.max_results - len(given)
        page = fetch(token, left)
        fresh = _fresh(page.posts, given)[:left]
        given.update(post.id for post in fresh)
        barren = 0 if fresh else barren + len(page.listed)
        idle = 0 if fresh or not met.issuperset(page.listed) else idle + 1
        met.update(page.listed)
        token = _next_token(page, fresh, cut=len(fresh) == left, token_behind=token_behind)
        if token in tokens or idle == PAGES_WITHOUT_NEWS:
            token = None
        tokens.add(token)
        yield FetchedPage(tuple(fresh), token, page.newest_id, read=len(page.listed))
        if token is None:
            return


def _fresh(posts: Sequence[FetchedPost], seen: set[str]) -> list[FetchedPost]:
    """The posts that were not given before, each once, in their order."""
    unique = {post.id: post for post in reversed(posts) if post.id not in seen}
    return list(reversed(unique.values()))


def _next_token(
    page: RawPage,
    fresh: Sequence[FetchedPost],
    *,
    cut: bool,
    token_behind: Callable[[FetchedPost], str] | None,
) -> str | None:
    was_cut = cut and token_behind is not None and fresh and fresh[-1].id != page.posts[-1].id
    if was_cut and token_behind is not None:
        return token_behind(fresh[-1])
    return None if page.is_end else page.next_token
