"""Pages of X's lists of posts: what is asked, what an answer must be, and what has become too old to ask for."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from .base import FetchedPost
from .errors import BadAnswer, BadQuery
from .http import Answer
from .paging import RawPage
from .reading import as_count, as_object, as_text
from .x_payloads import POST_ID, Found, error_codes, found_in, id_of, items_in

log = logging.getLogger(__name__)

FIELDS: Mapping[str, str] = {
    "post.fields": "conversation_id,created_at,entities,id,lang,note_post,public_metrics,text,withheld",
    "user.fields": "created_at,description,entities,id,name,public_metrics,username,verified",
    "expansions": "author_id,referenced_posts",
}
"""By the names of the API's own description. Who wrote a post, and what it answers, come by their expansions."""
SMALLEST_PAGE = 10
BEHIND = "until:"
"""What our own page tokens begin with: go on below the post of that id."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One of X's lists. `goes_on_by` names the parameter of its tokens; `pause` is in seconds between requests."""

    path: str
    largest_page: int
    params: Mapping[str, str] = field(default_factory=dict)
    window: str = ""
    goes_on_by: str = "next_token"
    pause: float = 0.0


class Pages:
    """The pages of one walk. `ask(path, window=..., **params)` is the request."""

    def __init__(self, ask: Callable[..., Answer], listing: Listing, *, since_id: str) -> None:
        self.ask, self.listing = ask, listing
        self.since_id = since_id if POST_ID.fullmatch(since_id) else ""
        self.newest_id = ""
        self._places: dict[str, str] = {}
        self._asked_at = float("-inf")

    def page(self, token: str | None, wanted: int) -> RawPage:
        body = self._current(token, max(min(wanted, self.listing.largest_page), SMALLEST_PAGE))
        found = readable(body)
        newer = [each for each in found if int(each.id) > int(self.since_id or 0)]
        self.newest_id = self.newest_id or (newer[0].id if newer else "")
        whole = [(each.id, each.post) for each in newer if each.post is not None]
        self._places |= {post.id: place for place, post in whole}
        following = as_text(as_object(body.get("meta")).get("next_token"))[:1000]
        return RawPage(
            [post for _, post in whole],
            following or None,
            is_end=len(newer) < len(found),
            newest_id=self.newest_id,
            entries=[id_of(as_object(item)) for item in items_in(body)],
        )

    def token_behind(self, post: FetchedPost) -> str:
        """Below the entry that brought a post: a repost's own place, not that of what it reposts."""
        return BEHIND + self._places[post.id]

    def _current(self, token: str | None, size: int) -> Mapping[str, Any]:
        """What has left the window is no mistake of the query: the walk goes on with what the window has.

        A `since_id` from before it is left out; a token that has run out begins again at the newest post; and
        below a post that has left the window there is nothing.
        """
        try:
            return listed(self._get(token, size))
        except BadQuery as error:
            behind = bool(token) and str(token).startswith(BEHIND)
            if behind and "until_id" in error.detail:
                return {"meta": {}}
            if self.since_id and "since_id" in error.detail:
                log.info("X has forgotten up to where the query was read: what it still has is read.")
                self.since_id = ""
            elif token and not behind and self.listing.goes_on_by in error.detail:
                token = None
            else:
                raise
        return listed(self._get(token, size))

    def _get(self, token: str | None, size: int) -> Answer:
        if self.listing.pause:
            sleep(max(self._asked_at + self.listing.pause - monotonic(), 0.0))
            self._asked_at = monotonic()
        behind = token.removeprefix(BEHIND) if token and token.startswith(BEHIND) else ""
        place = {"until_id": behind} if behind else {self.listing.goes_on_by: token}
        return self.ask(
            self.listing.path,
            window=self.listing.window,
            max_results=size,
            since_id=self.since_id,
            **self.listing.params,
            **place,
            **FIELDS,
        )


def checked(answer: Answer) -> Mapping[str, Any]:
    """The body of an answer with posts; BadAnswer for another. What X leaves out it tells in `errors`."""
    body = as_object(answer.body)
    told = [isinstance(body.get("data"), list), isinstance(body.get("errors"), list)]
    if not any(told) and (not isinstance(body.get("meta"), dict) or "data" in body):
        raise BadAnswer("X answered with something else than a list of posts.")
    if codes := error_codes(body):
        log.info("X left something out of an answer: %s", ", ".join(codes))
    return body


def listed(answer: Answer) -> Mapping[str, Any]:
    """The body of an answer that is a page of a list; BadAnswer for one that tells errors in place of its posts.

    Only X's own count of none makes a page without posts an empty one: a walk would end there, with all that is
    older taken for read.
    """
    body = checked(answer)
    count = as_count(as_object(body.get("meta")).get("result_count"))
    if not items_in(body) and count != 0 and (count or body.get("errors")):
        told = ", ".join(error_codes(body)) or f"{count} of them announced"
        raise BadAnswer(f"X answered without the posts of a page ({told}).")
    return body


def readable(body: Mapping[str, Any]) -> list[Found]:
    found = found_in(body)
    if items_in(body) and not found:
        raise BadAnswer("X answered with posts that have no id.")
    return found
