"""What the stand-ins of platforms say: pages of invented posts, as their documentation describes them.

Posts are numbered; number 7 is newer than number 6. `statuses` and `views` may be changed to anything. X, Reddit
and Hacker News have files of their own.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.access import Access, Credentials
from connectors.base import AccountConnector, Connector, Looking, connectors

from .fakes_hackernews import HackerNewsFake
from .fakes_reddit import RedditFake
from .fakes_x import XFake
from .standin import Asked, Reply, StandIn, reply

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN = "a-good-token"
APP_PASSWORD = "abcd-efgh-ijkl-mnop"


def moment(number: int) -> str:
    return (FIRST + timedelta(minutes=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class MastodonFake:
    platform = "mastodon"
    handle = "ada"
    query = "invoice"
    searched = "/api/v2/search"
    verified = "/api/v1/accounts/verify_credentials"
    id_key = "id"
    secret = "access_token"

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.statuses: list[Any] = []
        self.token = TOKEN
        self.notice = "mention"
        """What kind of notification the account gets of each post."""
        stand_in.routes |= {
            "/api/v2/search": lambda asked: self._guarded(asked, lambda: {"statuses": self._searched(asked)}),
            "/api/v1/timelines/tag/": self._timeline,
            "/api/v1/statuses/": self._one,
            "/api/v1/notifications": lambda asked: self._guarded(asked, lambda: self._notified(asked)),
            "/api/v1/accounts/verify_credentials": lambda asked: self._guarded(asked, lambda: {"acct": "ada"}),
            "/api/v1/apps/verify_credentials": lambda asked: self._guarded(
                asked, lambda: {"name": "SignalOps", "scopes": ["profile", "read:search"]}
            ),
        }

    def credentials(self) -> dict[str, str]:
        return {"access_token": TOKEN}

    def fill(self, count: int) -> list[str]:
        """Post that many; their ids, newest first."""
        self.statuses += [status(len(self.statuses) + number) for number in range(1, count + 1)]
        return [self.id_of(100 + number) for number in range(len(self.statuses), 0, -1)]

    def id_of(self, number: int | str) -> str:
        """What SignalOps calls the post of that number."""
        return f"{number}@{self.stand_in.url.removeprefix('http://')}"

    def bare(self) -> Any:
        """A post of which nothing is told but its id and text."""
        return {"id": "101", "content": "<p>An invoice</p>"}

    def page_of(self, posts: list[Any], *, more: str = "") -> Any:
        """Whether there is `more`, a page of Mastodon's does not say."""
        return {"statuses": posts}

    def use(self, *posts: Any) -> None:
        self.statuses = list(posts)

    def id_of_post(self, post: Any) -> str:
        """What SignalOps calls it."""
        return self.id_of(post[self.id_key])

    def with_changes(self, number: int, **changes: Any) -> Any:
        return {**status(number), **changes}

    def with_text(self, number: int, text: str) -> Any:
        return {**status(number), "content": text}

    def start(self, asked: Asked, newest: int) -> int:
        """How many posts lie before the page that is asked for, where `newest` is the first of them all."""
        return int(asked.param("offset", "0"))

    def remove(self, identity: str) -> None:
        self.statuses = [each for each in self.statuses if each["id"] != identity.partition("@")[0]]

    def revoke(self) -> None:
        self.token = "another-token"

    def _guarded(self, asked: Asked, answer: Any) -> Reply:
        if asked.bearer != self.token:
            return reply({"error": "The access token is invalid"}, 401)
        return reply(
            answer(), X_RateLimit_Limit="300", X_RateLimit_Remaining="250", X_RateLimit_Reset=_in_minutes(5)
        )

    def _newest_first(self, asked: Asked) -> list[Any]:
        since = int(asked.param("since_id") or asked.param("min_id") or 0)
        below = int(asked.param("max_id") or 10**18)
        return [each for each in reversed(self.statuses) if since < int(each["id"]) < below]

    def _searched(self, asked: Asked) -> list[Any]:
        start = int(asked.param("offset", "0"))
        return self._newest_first(asked)[start : start + int(asked.param("limit", "20"))]

    def _one(self, asked: Asked) -> Reply:
        """What is deleted and what is private are told alike (documented so)."""
        found = [each for each in self.statuses if each["id"] == asked.path.rpartition("/")[2]]
        return reply(found[0]) if found else reply({"error": "Record not found"}, 404)

    def _notified(self, asked: Asked) -> list[Any]:
        """Notifications have ids of their own, which grow as those of their posts."""
        found = [
            {"id": f"{int(each['id']) + 50_000}", "type": self.notice, "status": each} for each in self.statuses
        ]
        below = int(asked.param("max_id") or 10**18)
        newest_first = [each for each in reversed(found) if int(each["id"]) < below]
        return newest_first[: int(asked.param("limit", "40"))]

    def _timeline(self, asked: Asked) -> Reply:
        page = self._newest_first(asked)[: int(asked.param("limit", "20"))]
        link = f'<{self.stand_in.url}{asked.path}?max_id={page[-1]["id"]}>; rel="next"' if page else ""
        return reply(page, Link=link)


def status(number: int) -> dict[str, Any]:
    return {
        "id": str(100 + number),
        "created_at": moment(number),
        "in_reply_to_id": None,
        "visibility": "public",
        "language": "en",
        "url": f"https://harbour.example/@ada/{100 + number}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": number,
        "content": f"<p>An invoice is late again, number {number}.<br>Any tool &amp; advice?</p>",
        "reblog": None,
        "account": {
            "id": "7",
            "acct": "ada",
            "display_name": "Ada Harbour",
            "note": "<p>Freelance editor</p>",
            "followers_count": 120,
            "created_at": "2020-01-02T00:00:00.000Z",
        },
        "mentions": [],
        "tags": [{"name": "freelance"}],
    }


class BlueskyFake:
    platform = "bluesky"
    handle = "ada"
    query = "invoice"
    searched = "/xrpc/app.bsky.feed.searchPosts"
    verified = "/xrpc/com.atproto.server.createSession"
    id_key = "uri"
    secret = "app_password"

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.views: list[Any] = []
        self.access_token, self.refresh_token = "token-1", "refresh-1"
        self.password = APP_PASSWORD
        self.sign_ins = 0
        self.hidden: set[str] = set()
        """Posts that are there, and of which `getPosts` tells nothing."""
        self.reason = "mention"
        """Why the account is told of each post."""
        stand_in.routes |= {
            "/xrpc/com.atproto.server.createSession": self._sign_in,
            "/xrpc/com.atproto.server.refreshSession": self._renew,
            "/xrpc/app.bsky.feed.searchPosts": lambda asked: self._guarded(asked, lambda: self._searched(asked)),
            "/xrpc/app.bsky.feed.getPosts": lambda asked: self._guarded(asked, lambda: self._known(asked)),
            "/xrpc/com.atproto.repo.getRecord": self._record,
            "/xrpc/app.bsky.notification.listNotifications": lambda asked: self._guarded(
                asked, lambda: self._notified(asked)
            ),
            "/xrpc/app.bsky.actor.getProfiles": lambda asked: self._guarded(asked, lambda: self._profiles(asked)),
        }

    def credentials(self) -> dict[str, str]:
        return {"handle": "ada.example", "app_password": APP_PASSWORD}

    def fill(self, count: int) -> list[str]:
        self.views += [view(len(self.views) + number) for number in range(1, count + 1)]
        return [uri(number) for number in range(len(self.views), 0, -1)]

    def bare(self) -> Any:
        return {"uri": uri(1), "record": {"text": "An invoice"}}

    def page_of(self, posts: list[Any], *, more: str = "") -> Any:
        return {"posts": posts, **({"cursor": more} if more else {})}

    def use(self, *posts: Any) -> None:
        self.views = list(posts)

    def id_of_post(self, post: Any) -> str:
        """What SignalOps calls it."""
        return str(post[self.id_key])

    def with_changes(self, number: int, **changes: Any) -> Any:
        return {**view(number), **changes}

    def with_text(self, number: int, text: str) -> Any:
        return {**view(number), "record": {"text": text}}

    def start(self, asked: Asked, newest: int) -> int:
        return int(asked.param("cursor", "0"))

    def remove(self, identity: str) -> None:
        self.views = [each for each in self.views if each["uri"] != identity]

    def revoke(self) -> None:
        """As when an app password is deleted: its sessions end with it."""
        self.password, self.access_token, self.refresh_token = "another", "token-2", "refresh-2"

    def _sign_in(self, asked: Asked) -> Reply:
        if self.password.encode() not in asked.body:
            return reply({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        self.sign_ins += 1
        return reply({**self._session(), "handle": "ada.example", "did": "did:plc:ada"})

    def _renew(self, asked: Asked) -> Reply:
        if asked.bearer != self.refresh_token:
            return reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        return reply(self._session())

    def _session(self) -> dict[str, str]:
        return {"accessJwt": self.access_token, "refreshJwt": self.refresh_token}

    def _guarded(self, asked: Asked, answer: Any) -> Reply:
        if asked.bearer != self.access_token:
            return reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        reset = str(int((datetime.now(tz=UTC) + timedelta(minutes=5)).timestamp()))
        return reply(answer(), RateLimit_Limit="3000", RateLimit_Remaining="2990", RateLimit_Reset=reset)

    def _searched(self, asked: Asked) -> dict[str, Any]:
        since = asked.param("since")
        found = [each for each in reversed(self.views) if not since or each["indexedAt"] >= since]
        start, limit = int(asked.param("cursor", "0")), int(asked.param("limit", "25"))
        following = {"cursor": str(start + limit)} if start + limit < len(found) else {}
        return {"posts": found[start : start + limit], **following}

    def _notified(self, asked: Asked) -> dict[str, Any]:
        start, limit = int(asked.param("cursor", "0")), int(asked.param("limit", "50"))
        found = [{**each, "reason": self.reason} for each in reversed(self.views)]
        following = {"cursor": str(start + limit)} if start + limit < len(found) else {}
        return {"notifications": found[start : start + limit], **following}

    def _known(self, asked: Asked) -> dict[str, Any]:
        told = [each for each in self.views if each["uri"] in asked.params["uris"]]
        return {"posts": [each for each in told if each["uri"] not in self.hidden]}

    def _record(self, asked: Asked) -> Reply:
        if asked.bearer != self.access_token:
            return reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        wanted = f"at://{asked.param('repo')}/{asked.param('collection')}/{asked.param('rkey')}"
        found = next((each for each in self.views if each["uri"] == wanted), None)
        if found is None:
            return reply({"error": "RecordNotFound", "message": f"Could not locate record: {wanted}"}, 400)
        return reply({"uri": wanted, "value": found["record"]})

    def _profiles(self, asked: Asked) -> dict[str, Any]:
        return {"profiles": [profile(did) for did in asked.params["actors"]]}


def uri(number: int) -> str:
    return f"at://did:plc:ada/app.bsky.feed.post/key{number:010}"


def view(number: int) -> dict[str, Any]:
    return {
        "uri": uri(number),
        "author": {"did": "did:plc:ada", "handle": "ada.example", "displayName": "Ada"},
        "record": {
            "text": f"An invoice is late again, number {number}. Any tool?",
            "createdAt": moment(number),
            "langs": ["en"],
        },
        "likeCount": number,
        "repostCount": 2,
        "replyCount": 1,
        "indexedAt": moment(number),
    }


def profile(did: str) -> dict[str, Any]:
    return {
        "did": did,
        "handle": "ada.example",
        "displayName": "Ada Harbour",
        "description": "Freelance editor",
        "followersCount": 120,
        "createdAt": "2023-05-04T12:00:00.000Z",
        "verification": {"verifiedStatus": "valid"},
    }


Fake = MastodonFake | BlueskyFake | RedditFake | XFake
"""Of a platform that has accounts."""
WebFake = Fake | HackerNewsFake
FAKES: Mapping[str, type[MastodonFake] | type[BlueskyFake] | type[RedditFake] | type[XFake]] = {
    "mastodon": MastodonFake,
    "bluesky": BlueskyFake,
    "reddit": RedditFake,
    "x": XFake,
}
WEB_FAKES: Mapping[str, Callable[[StandIn], WebFake]] = {**FAKES, "hackernews": HackerNewsFake}
"""Every platform that is spoken to over HTTP, with or without an account."""


def connector_of(fake: WebFake, **changes: Any) -> Connector:
    """The connector of any fake, with good credentials if its platform has any."""
    if isinstance(fake, HackerNewsFake):
        return connectors.get(fake.platform)(Access(**{"base_url": fake.stand_in.url, **changes}))
    return account_connector(fake, **changes)


def looking(fake: WebFake) -> Looking:
    connector = connector_of(fake)
    assert isinstance(connector, Looking)
    return connector


def account_connector(fake: Fake, **changes: Any) -> AccountConnector:
    """The connector of a fake, with good credentials unless they are changed."""
    kind = connectors.get(fake.platform)
    assert issubclass(kind, AccountConnector)
    credentials: Credentials = kind.credentials.model_validate(fake.credentials())
    values: dict[str, Any] = {"base_url": fake.stand_in.url, "credentials": credentials, **changes}
    return kind(Access(**values))


def _in_minutes(minutes: int) -> str:
    return (datetime.now(tz=UTC) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
