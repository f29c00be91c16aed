"""What X's stand-in says: pages of invented posts, by the API's own description (openapi 2.167).

Faithful in what connectors lean on: pages are bounded, tokens are opaque and belong to a query, `since_id` and
`until_id` exclude, authors come beside the posts and only where they are asked for, an empty page has no `data`,
unknown parameters and ids from before the window are a 400 with X's own problem, and what costs nothing is apart.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.access import ForgetfulSession
from connectors.oauth import Tokens

from .standin import Asked, Reply, StandIn, reply

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEARER = "AAAA%2Fa-good-bearer-token"
PERSON = "the-token-of-a-person"
PERSONS_ONLY = ("/2/users/me", "/2/users/77/mentions")
APPS_ONLY = ("/2/tweets/search/all", "/2/tweets/search/stream", "/2/usage/tweets")
BASE = 2_030_000_000_000_000_000
"""Ids are as long as X's own."""
PROBLEMS = "https://api.x.com/2/problems/"
PARAMETERS = {
    "query",
    "max_results",
    "sort_order",
    "since_id",
    "until_id",
    "next_token",
    "post.fields",
    "user.fields",
    "expansions",
}


def connected() -> ForgetfulSession:
    """The session of an account that a person has connected."""
    return ForgetfulSession(Tokens(access=PERSON).as_session())


class XFake:
    platform = "x"
    handle = "project 1700"
    query = "invoice"
    searched = "/2/tweets/search/recent"
    verified = "/2/usage/tweets"
    id_key = "id"
    secret = "bearer_token"

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.posts: list[Any] = []
        self.users: list[Any] = [user()]
        self.included: list[Any] = []
        self.errors: list[Any] = []
        self.token = BEARER
        self.is_person: Callable[[str], bool] = lambda token: token == PERSON
        self.largest_page = 500
        """X may give fewer posts on a page than were asked for."""
        self.oldest_since = 0
        """Ids below this have left the window."""
        stand_in.routes |= {
            "/2/tweets/search/recent": lambda asked: self._guarded(asked, self._searched, most=100),
            "/2/tweets/search/all": lambda asked: self._guarded(asked, self._searched, most=500),
            "/2/tweets": lambda asked: self._guarded(asked, self._known),
            "/2/usage/tweets": lambda asked: self._guarded(asked, lambda _: {"data": {"project_id": "1700"}}),
            "/2/users/me": lambda asked: self._guarded(
                asked, lambda _: {"data": {"id": "77", "name": "We", "username": "we_invoice"}}
            ),
            "/2/users/77/mentions": lambda asked: self._guarded(asked, self._searched, most=100),
        }

    def credentials(self) -> dict[str, str]:
        return {"bearer_token": BEARER}

    def fill(self, count: int) -> list[str]:
        self.posts += [post(len(self.posts) + number) for number in range(1, count + 1)]
        return [each["id"] for each in reversed(self.posts)]

    def bare(self) -> Any:
        return {"id": str(BASE + 1), "text": "An invoice"}

    def page_of(self, posts: list[Any], *, more: str = "") -> Any:
        meta = {"result_count": len(posts), **({"next_token": more} if more else {})}
        return {"data": posts, "includes": {"users": self.users}, "meta": meta}

    def use(self, *posts: Any) -> None:
        self.posts = list(posts)

    def id_of_post(self, post: Any) -> str:
        """What SignalOps calls it."""
        return str(post[self.id_key])

    def with_changes(self, number: int, **changes: Any) -> Any:
        return {**post(number), **changes}

    def with_text(self, number: int, text: str) -> Any:
        return {**self.bare(), "id": str(BASE + number), "text": text}

    def start(self, asked: Asked, newest: int) -> int:
        """How many posts lie before the page that is asked for, where `newest` is the first of them all."""
        return int(asked.param("next_token", "0"))

    def remove(self, identity: str) -> None:
        self.posts = [each for each in self.posts if each["id"] != identity]

    def revoke(self) -> None:
        self.token = "another-token"

    def _guarded(self, asked: Asked, answer: Any, **options: Any) -> Reply:
        is_person = self.is_person(asked.bearer)
        if asked.bearer != self.token and not is_person:
            return problem(401, "Unauthorized", "Unauthorized", kind="about:blank")
        if asked.path.startswith(APPS_ONLY if is_person else PERSONS_ONLY):
            told = "Authenticating with this kind of token is forbidden for this endpoint."
            kind = f"{PROBLEMS}unsupported-authentication"
            return problem(403, "Unsupported Authentication", told, kind=kind)
        body = answer(asked, **options)
        if isinstance(body, Reply):
            return body
        reset = str(int((datetime.now(tz=UTC) + timedelta(minutes=15)).timestamp()))
        return reply(body, X_Rate_Limit_Limit="450", X_Rate_Limit_Remaining="440", X_Rate_Limit_Reset=reset)

    def _searched(self, asked: Asked, *, most: int) -> Any:
        size = int(asked.param("max_results", "10"))
        least = 5 if "mentions" in asked.path else 10
        unknown = set(asked.params) - PARAMETERS - {"pagination_token"}
        if unknown:
            return invalid(unknown.pop(), "is not one of the query parameters")
        if not least <= size <= most:
            return invalid("max_results", f"`max_results` [{size}] is not between {least} and {most}")
        for name in ("since_id", "until_id"):
            if 0 < int(asked.param(name, "0")) < self.oldest_since:
                return too_old(name, asked.param(name), oldest=self.oldest_since)
        return self._page(asked, size)

    def _page(self, asked: Asked, size: int) -> Any:
        token = asked.param("next_token") or asked.param("pagination_token")
        if token and not token.startswith(f"7140{len(asked.param('query'))}x"):
            return invalid("next_token", f"'{token}' is not a valid 'next_token'")
        size, start = min(size, self.largest_page), int(token.rpartition("x")[2] or 0)
        since, until = int(asked.param("since_id", "0")), int(asked.param("until_id", str(10**19)))
        found = [each for each in reversed(self.posts) if since < int(each["id"]) < until]
        page = found[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if start + size < len(found):
            meta["next_token"] = f"7140{len(asked.param('query'))}x{start + size}"
        return {**self._answered(asked, page), "meta": meta}

    def _answered(self, asked: Asked, posts: list[Any]) -> dict[str, Any]:
        """The posts, with what was asked for beside them; an empty list is left out, as X does."""
        expansions = asked.param("expansions").split(",")
        includes = {}
        if "author_id" in expansions and posts:
            includes["users"] = self.users
        if "referenced_posts" in expansions and self.included:
            includes["posts"] = self.included
        parts = {"data": posts, "includes": includes, "errors": self.errors}
        return {name: part for name, part in parts.items() if part}

    def _known(self, asked: Asked) -> Any:
        ids = asked.param("ids").split(",")
        if not 1 <= len(ids) <= 100 or not all(each.isdecimal() for each in ids):
            return invalid("ids", "The `ids` query parameter value does not match ^[0-9]{1,19}$")
        known = [each for each in self.posts if each["id"] in ids]
        told = {each["id"] for each in known} | {each.get("resource_id") for each in self.errors}
        answer = self._answered(asked, known)
        missing = [not_found(identity) for identity in ids if identity not in told]
        return {**answer, "errors": [*answer.get("errors", []), *missing]} if missing else answer


class XStreamFake(XFake):
    """The filtered stream. Each connection is one of `connections`: an answer, or what it sends, piece by piece;
    when all are used, the last one serves for ever. A piece that is a number is silence, in seconds.
    """

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(stand_in)
        self.rules: list[dict[str, str]] = []
        self.connections: list[Reply | list[bytes | float]] = []
        stand_in.routes |= {
            "/2/tweets/search/stream": lambda asked: self._guarded(asked, self._connect),
            "/2/tweets/search/stream/rules": lambda asked: self._guarded(asked, self._answer_rules),
        }

    @property
    def connected(self) -> list[Asked]:
        return [asked for asked in self.stand_in.asked if asked.path == "/2/tweets/search/stream"]

    def sends(self, *numbers: int, rule: str = "1") -> bytes:
        """Posts as the stream has them, a line each. The stream speaks the older words."""
        return b"".join(json.dumps(self.message(post(number), rule=rule)).encode() + b"\r\n" for number in numbers)

    def message(self, told: Any, *, rule: str = "1") -> dict[str, Any]:
        return {"data": told, "includes": {"users": [user()]}, "matching_rules": [{"id": rule, "tag": "..."}]}

    def _connect(self, asked: Asked) -> Reply:
        if set(asked.params) - {"tweet.fields", "user.fields", "expansions", "backfill_minutes"}:
            return invalid("...", "is not one of the query parameters")
        script = self.connections.pop(0) if len(self.connections) > 1 else self.connections[0]
        return script if isinstance(script, Reply) else Reply(content=_said(script))

    def _answer_rules(self, asked: Asked) -> Any:
        if asked.method == "GET":
            return {"data": self.rules, "meta": {"result_count": len(self.rules)}} if self.rules else {"meta": {}}
        wanted = json.loads(asked.body)
        gone = wanted.get("delete", {}).get("ids", [])
        self.rules = [rule for rule in self.rules if rule["id"] not in gone]
        added = [{**rule, "id": str(number)} for number, rule in enumerate(wanted.get("add", []), start=1)]
        self.rules += added
        return {"data": added, "meta": {"summary": {"created": len(added)}}}


def _said(script: list[bytes | float]) -> Iterator[bytes]:
    for piece in script:
        if isinstance(piece, bytes):
            yield piece
        else:
            time.sleep(piece)


def post(number: int) -> dict[str, Any]:
    return {
        "id": str(BASE + number),
        "text": f"An invoice is late again, number {number}. Any tool &amp; advice?",
        "author_id": "4711",
        "created_at": (FIRST + timedelta(minutes=number))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "conversation_id": str(BASE + number),
        "lang": "en",
        "edit_history_post_ids": [str(BASE + number)],
        "entities": {"hashtags": [{"start": 3, "end": 13, "tag": "freelance"}]},
        "referenced_posts": [{"type": "quoted", "id": "5"}],
        "public_metrics": {
            "repost_count": 2,
            "reply_count": 1,
            "like_count": number,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 1000 + number,
        },
    }


def user(identity: str = "4711", **changes: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "username": "ada_harbour",
        "name": "Ada Harbour",
        "description": "Freelance editor",
        "verified": True,
        "created_at": "2020-01-02T00:00:00.000Z",
        "public_metrics": {"followers_count": 120, "following_count": 5, "post_count": 9, "listed_count": 0},
        **changes,
    }


def problem(status: int, title: str, detail: str, *, kind: str, headers: Mapping[str, str] | None = None) -> Reply:
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    named = {"Content-Type": "application/problem+json", **(headers or {})}
    return Reply(status, named, (json.dumps(body).encode(),))


def invalid(parameter: str, message: str) -> Reply:
    """As in the recorded 400s: the sentence that helps stands in `errors`."""
    return reply(
        {
            "errors": [{"parameters": {parameter: ["..."]}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{PROBLEMS}invalid-request",
        },
        400,
    )


def too_old(name: str, value: str, *, oldest: int) -> Reply:
    """In the words that X uses for an id from before its seven days."""
    message = (
        f"'{name}' must be a tweet id created after 2026-03-02T09:00Z. "
        f"Please use a '{name}' that is larger than {oldest}"
    )
    return invalid(name, f"Invalid '{name}':'{value}'. {message}")


def not_found(identity: str) -> dict[str, str]:
    return {
        "value": identity,
        "detail": f"Could not find post with ids: [{identity}].",
        "title": "Not Found Error",
        "resource_type": "post",
        "parameter": "ids",
        "resource_id": identity,
        "type": f"{PROBLEMS}resource-not-found",
    }
