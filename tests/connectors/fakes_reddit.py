"""The stand-in of Reddit: sign-in of apps, search, and posts by their ids, as its documentation describes them."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from .standin import Asked, Reply, StandIn, reply

FIRST = 1_772_442_000
"""2026-03-02 09:00 UTC."""
FIRST_NUMBER = 2_000_000_000
SECRET = "reddit-app-secret"
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST = 1000


class RedditFake:
    platform = "reddit"
    handle = "ada"
    query = "invoice"
    searched = "/search"
    verified = "/api/v1/access_token"
    id_key = "name"
    secret = "client_secret"

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.posts: list[Any] = []
        self.token, self.password = "token-1", SECRET
        self.expires_in: Any = 86_400
        self.sign_ins = 0
        stand_in.routes |= {
            self.verified: self._sign_in,
            self.searched: lambda asked: self._guarded(asked, self._listed),
            "/r/": lambda asked: self._guarded(asked, self._listed),
            "/api/info": lambda asked: self._guarded(asked, self._known),
        }

    def credentials(self) -> dict[str, str]:
        return {"client_id": "app-id_1", "client_secret": SECRET, "username": "ada_harbour"}

    def fill(self, count: int) -> list[str]:
        self.posts += [post(len(self.posts) + number) for number in range(1, count + 1)]
        return [each["name"] for each in reversed(self.posts)]

    def bare(self) -> Any:
        return {"name": name(1), "title": "An invoice"}

    def page_of(self, posts: list[Any], *, more: str = "") -> Any:
        """`more` may be anything: a next page begins behind the last post."""
        last = posts[-1].get("name") if more else None
        return {
            "kind": "Listing",
            "data": {"after": last, "children": [{"kind": "t3", "data": each} for each in posts]},
        }

    def use(self, *posts: Any) -> None:
        self.posts = list(posts)

    def id_of_post(self, post: Any) -> str:
        """What SignalOps calls it."""
        return str(post[self.id_key])

    def with_changes(self, number: int, **changes: Any) -> Any:
        return {**post(number), **changes}

    def with_text(self, number: int, text: str) -> Any:
        return {**post(number), "title": text, "selftext": ""}

    def start(self, asked: Asked, newest: int) -> int:
        """How many posts lie before the page that is asked for, where `newest` is the first of them all."""
        after = asked.param("after")
        return newest - int(after[3:], 36) + FIRST_NUMBER + 1 if after else 0

    def remove(self, identity: str) -> None:
        """As Reddit shows what its author took away: the post is there, and nobody's."""
        left = {"author": "[deleted]", "selftext": "[deleted]", "selftext_html": None}
        self.posts = [{**each, **left} if each["name"] == identity else each for each in self.posts]

    def revoke(self) -> None:
        """As when an app's secret is changed at Reddit: its tokens end with it."""
        self.token, self.password = "token-2", "another"

    def _sign_in(self, asked: Asked) -> Reply:
        pair = base64.b64encode(f"app-id_1:{self.password}".encode()).decode()
        assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"]}
        if asked.headers["authorization"] != f"Basic {pair}":
            return reply({"message": "Unauthorized", "error": 401}, 401)
        self.sign_ins += 1
        granted = {"access_token": self.token, "token_type": "bearer", "expires_in": self.expires_in, "scope": "*"}
        return reply(granted)

    def _guarded(self, asked: Asked, answer: Callable[[Asked], Any]) -> Reply:
        if asked.bearer != self.token:
            return reply({"message": "Unauthorized", "error": 401}, 401)
        return reply(answer(asked), X_Ratelimit_Remaining="590.0", X_Ratelimit_Used="10", X_Ratelimit_Reset="300")

    def _listed(self, asked: Asked) -> Any:
        found = list(reversed(self.posts))[:MOST]
        names = [each["name"] for each in found]
        start = names.index(asked.param("after")) + 1 if asked.param("after") else 0
        page = found[start : start + int(asked.param("limit", "25"))]
        return self.page_of(page, more="more" if page and page[-1] is not found[-1] else "")

    def _known(self, asked: Asked) -> Any:
        wanted = asked.param("id").split(",")
        return self.page_of([each for each in self.posts if each["name"] in wanted])


def name(number: int) -> str:
    digits, left = "", FIRST_NUMBER + number
    while left:
        left, digit = divmod(left, 36)
        digits = LETTERS[digit] + digits
    return f"t3_{digits}"


def post(number: int) -> dict[str, Any]:
    return {
        "name": name(number),
        "title": f"An invoice is late again, number {number}.",
        "selftext": "Any tool & advice?",
        "selftext_html": "<p>Any tool &amp; advice?</p>",
        "is_self": True,
        "url": f"https://www.reddit.com/r/freelance/comments/{number}/an_invoice/",
        "permalink": f"/r/freelance/comments/{number}/an_invoice/",
        "author": "ada",
        "author_fullname": "t2_ada",
        "subreddit": "freelance",
        "created_utc": float(FIRST + 60 * number),
        "score": number,
        "hide_score": False,
        "num_comments": 1,
        "num_crossposts": 2,
        "removed_by_category": None,
        "over_18": False,
    }
