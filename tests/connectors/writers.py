"""Stand-ins of platforms that can be answered: they take replies, count them, and show them to whoever wrote."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs

from connectors.base import Replying
from connectors.platforms.x import XCredentials

from .fakes import BlueskyFake, Fake, MastodonFake, account_connector, uri
from .fakes_reddit import RedditFake
from .fakes_x import BASE, BEARER, PROBLEMS, XFake, connected, problem
from .standin import Answering, Asked, Reply, StandIn, reply

REASON = "Because of the rules here"
SEQUENCE = "234567abcdefghijklmnopqrstuvwxyz"


class Writer(ABC):
    """One platform. `posted` is what has been posted, newest last; `answering` decides on each POST, and is `take`
    until a test says otherwise.
    """

    platform: ClassVar[str]
    written: ClassVar[str]
    """The path of the request that writes."""
    listed: ClassVar[str]
    """The path of the account's own posts."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.posted: list[Any] = []
        self.answering: Answering = self.take
        self.fake, self.post_id = self.make(stand_in)
        reading = stand_in.routes.get(self.written)
        stand_in.routes[self.written] = lambda asked: (
            self.answering(asked) if asked.method == "POST" or reading is None else reading(asked)
        )
        stand_in.routes[self.listed] = self.show

    @abstractmethod
    def make(self, stand_in: StandIn) -> tuple[Fake, str]:
        """The platform, and a post of somebody's there."""

    @abstractmethod
    def take(self, asked: Asked) -> Reply:
        """Post it, and answer as the platform does."""

    @abstractmethod
    def post(self, text: str, *, at: datetime, answers: str) -> Any:
        """As if the account had posted this; what the platform shows of it."""

    @abstractmethod
    def show(self, asked: Asked) -> Reply:
        """A page of the account's own posts, newest first."""

    @abstractmethod
    def refuses(self) -> Reply:
        """A definite refusal of one reply, with REASON in it."""

    @abstractmethod
    def refuses_account(self) -> Reply:
        """A 403 that is the account's."""

    @property
    def asked(self) -> list[Asked]:
        """The requests that write."""
        return [asked for asked in self.stand_in.asked if (asked.method, asked.path) == ("POST", self.written)]

    def connector(self, **changes: Any) -> Replying:
        connector = account_connector(self.fake, **{**self.access(), **changes})
        assert isinstance(connector, Replying)
        return connector

    def access(self) -> dict[str, Any]:
        return {}

    def page(self, asked: Asked, *, place: str, size: str = "limit") -> tuple[list[Any], str]:
        """A part of what was posted, and where the next one begins."""
        start, count = int(asked.param(place, "0")), int(asked.param(size))
        newest_first = list(reversed(self.posted))
        return newest_first[start : start + count], str(start + count) if start + count < len(self.posted) else ""


class MastodonWriter(Writer):
    platform, written, listed = "mastodon", "/api/v1/statuses", "/api/v1/accounts/1/statuses"

    def make(self, stand_in: StandIn) -> tuple[Fake, str]:
        fake = MastodonFake(stand_in)
        fake.use(fake.with_changes(1, visibility="unlisted"))
        stand_in.routes["/api/v1/accounts/verify_credentials"] = lambda _: reply({"id": "1", "acct": "we"})
        return fake, "101"

    def take(self, asked: Asked) -> Reply:
        sent = json.loads(asked.body)
        return reply(self.post(sent["status"], at=datetime.now(tz=UTC), answers=sent["in_reply_to_id"]))

    def post(self, text: str, *, at: datetime, answers: str) -> Any:
        identity = str(900 + len(self.posted))
        self.posted.append(
            {
                "id": identity,
                "created_at": at.isoformat(),
                "in_reply_to_id": answers or None,
                "content": f"<p>{text}</p>",
                "visibility": "unlisted",
                "url": f"https://harbour.example/@we/{identity}",
            }
        )
        return self.posted[-1]

    def show(self, asked: Asked) -> Reply:
        page, following = self.page(asked, place="max_id")
        link = f'<{self.stand_in.url}{asked.path}?max_id={following}>; rel="next"'
        return reply(page, Link=link if following else "<>; rel=prev")

    def refuses(self) -> Reply:
        return reply({"error": f"Validation failed: {REASON}"}, 422)

    def refuses_account(self) -> Reply:
        return reply({"error": "This action is outside the authorized scopes"}, 403)


class BlueskyWriter(Writer):
    platform = "bluesky"
    written = "/xrpc/com.atproto.repo.createRecord"
    listed = "/xrpc/com.atproto.repo.listRecords"

    def make(self, stand_in: StandIn) -> tuple[Fake, str]:
        fake = BlueskyFake(stand_in)
        fake.use(fake.with_changes(1, cid="bafy-1"))
        stand_in.routes["/xrpc/com.atproto.server.getSession"] = lambda _: reply({"did": "did:plc:we"})
        return fake, uri(1)

    def take(self, asked: Asked) -> Reply:
        record = json.loads(asked.body)["record"]
        now = datetime.now(tz=UTC)
        made = self.post(record["text"], at=now, answers=record["reply"]["parent"]["uri"])
        return reply({"uri": made["uri"], "cid": "bafy-2", "validationStatus": "valid"})

    def post(self, text: str, *, at: datetime, answers: str) -> Any:
        value = {"text": text, "createdAt": at.isoformat(), "reply": {"parent": {"uri": answers, "cid": "..."}}}
        made = {"uri": f"at://did:plc:we/app.bsky.feed.post/{tid(at)}", "cid": "bafy-2", "value": value}
        self.posted.append(made)
        return made

    def show(self, asked: Asked) -> Reply:
        page, following = self.page(asked, place="cursor")
        return reply({"records": page, **({"cursor": following} if following else {})})

    def refuses(self) -> Reply:
        return reply({"error": "InvalidRequest", "message": REASON}, 400)

    def refuses_account(self) -> Reply:
        return reply({"error": "Forbidden", "message": "Bad token scope"}, 403)


class XWriter(Writer):
    platform, written, listed = "x", "/2/tweets", "/2/users/77/tweets"

    def make(self, stand_in: StandIn) -> tuple[Fake, str]:
        return (fake := XFake(stand_in)), fake.fill(1)[0]

    def access(self) -> dict[str, Any]:
        credentials = XCredentials.model_validate({"bearer_token": BEARER, "client_id": "abc"})
        return {"credentials": credentials, "session": connected()}

    def take(self, asked: Asked) -> Reply:
        sent = json.loads(asked.body)
        now = datetime.now(tz=UTC)
        made = self.post(sent["text"], at=now, answers=sent["reply"]["in_reply_to_tweet_id"])
        return reply({"data": {"id": made["id"], "text": made["text"]}}, 201)

    def post(self, text: str, *, at: datetime, answers: str) -> Any:
        made = {
            "id": str(BASE + 10_000 + len(self.posted)),
            "text": f"@ada_harbour {text}".replace("&", "&amp;"),
            "created_at": at.isoformat(),
            "referenced_posts": [{"type": "replied_to", "id": answers}],
        }
        self.posted.append(made)
        return made

    def show(self, asked: Asked) -> Reply:
        begin = datetime.fromisoformat(asked.param("start_time"))
        self.posted = [each for each in self.posted if datetime.fromisoformat(each["created_at"]) >= begin]
        page, following = self.page(asked, place="pagination_token", size="max_results")
        meta = {"result_count": len(page), **({"next_token": following} if following else {})}
        return reply({**({"data": page} if page else {}), "meta": meta})

    def refuses(self) -> Reply:
        return problem(
            403, "Forbidden", f"Reply to this conversation is not allowed. {REASON}", kind="about:blank"
        )

    def refuses_account(self) -> Reply:
        return problem(403, "Client Forbidden", "Not enrolled", kind=f"{PROBLEMS}client-forbidden")


class RedditWriter(Writer):
    platform, written, listed = "reddit", "/api/comment", "/user/we/comments"

    def make(self, stand_in: StandIn) -> tuple[Fake, str]:
        fake = RedditFake(stand_in)
        self.me: dict[str, Any] = {"name": "we", "is_suspended": False}
        stand_in.routes["/api/v1/me"] = lambda _: reply(self.me)
        return fake, fake.fill(1)[0]

    def access(self) -> dict[str, Any]:
        return {"session": connected()}

    def take(self, asked: Asked) -> Reply:
        sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        made = self.post(sent["text"], at=datetime.now(tz=UTC), answers=sent["thing_id"])
        return reply({"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": made}]}}})

    def post(self, text: str, *, at: datetime, answers: str) -> Any:
        made = {
            "name": f"t1_c{len(self.posted)}",
            "body": text,
            "parent_id": answers,
            "created_utc": at.timestamp(),
            "permalink": f"/r/freelance/comments/1/an_invoice/c{len(self.posted)}/",
        }
        self.posted.append(made)
        return made

    def show(self, asked: Asked) -> Reply:
        page, following = self.page(asked, place="after")
        children = [{"kind": "t1", "data": each} for each in page]
        return reply({"kind": "Listing", "data": {"after": following or None, "children": children}})

    def refuses(self) -> Reply:
        return reply({"json": {"errors": [["THREAD_LOCKED", REASON, "parent"]]}})

    def refuses_account(self) -> Reply:
        self.me["is_suspended"] = True
        return reply({"message": "Forbidden", "error": 403}, 403)


def tid(moment: datetime) -> str:
    """A timestamp id as a repository makes it."""
    number = int(moment.timestamp() * 1_000_000) << 10
    return "".join(SEQUENCE[number >> shift & 31] for shift in range(60, -1, -5))


def ago(**distance: float) -> datetime:
    return datetime.now(tz=UTC) - timedelta(**distance)


WRITERS: Mapping[str, type[Writer]] = {
    "bluesky": BlueskyWriter,
    "mastodon": MastodonWriter,
    "reddit": RedditWriter,
    "x": XWriter,
}
