"""Walking through pages that come newest first, from platforms that may not keep their own rules.

A walk ends at the last page, at `since_id`, when enough posts were taken, or when the platform goes round in a
circle: a token that comes a second time, or pages that bring nothing new. Each post is given once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .base import FetchedPage, FetchedPost, SearchQuery

PAGES_WITHOUT_NEWS = 3


@dataclass(frozen=True, slots=True)
class RawPage:
    """What one answer held: readable posts, and the token of the next page; `is_end`: what follows is known.

    `newest_id`: see FetchedPage.
    """

    posts: Sequence[FetchedPost]
    next_token: str | None
    is_end: bool = False
    newest_id: str = ""


def walk(
    query: SearchQuery,
    fetch: Callable[[str | None, int], RawPage],
    *,
    token_behind: Callable[[FetchedPost], str] | None = None,
) -> Iterator[FetchedPage]:
    """Pages of a query. `fetch(token, how_many)` asks the platform; no page without posts is given but the last.

    `token_behind(post)` makes a token that goes on behind any post, for platforms that can: only there may a page
    be cut at `max_results` without losing what follows.
    """
    seen: set[str] = set()
    tokens: set[str | None] = {query.page_token}
    token, idle, read = query.page_token, 0, 0
    while len(seen) < query.max_results and idle < PAGES_WITHOUT_NEWS:
        left = query.max_results - len(seen)
        page = fetch(token, left)
        read += len(page.posts)
        fresh = _fresh(page.posts, seen)[:left]
        seen.update(post.id for post in fresh)
        idle = 0 if fresh else idle + 1
        token = _next_token(page, fresh, cut=len(fresh) == left, token_behind=token_behind)
        if token in tokens:
            token = None
        tokens.add(token)
        is_last = token is None or idle == PAGES_WITHOUT_NEWS
        if fresh or is_last:
            yield FetchedPage(tuple(fresh), None if is_last else token, page.newest_id, read=read)
            read = 0
        if is_last:
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
