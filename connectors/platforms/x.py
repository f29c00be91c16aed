"""X, by its API v2: recent search (seven days) or the full archive, posts by id, and mentions of an account.

Every post that is read costs money, so nothing is asked twice and pages are no larger than what is wanted; X gives
at least ten. Facts of authors come in the same answer, by `expansions`.

An app's bearer token reads everything here but mentions, which are those of a person's account, as replies are.
Once a person has connected the account (OAuth 2.0), it is they who ask, but for what X tells to apps alone.
Fields are asked for by
the names of the API's own description; `x_payloads` reads them by the older ones as well.

Source: the API's description (https://api.x.com/2/openapi.json, version 2.167) and
https://docs.x.com/x-api/posts/search/introduction, .../fundamentals/rate-limits, and for how a person agrees
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code (read 2026-11-23).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Self

from django.conf import settings
from pydantic import BaseModel, Field, model_validator

from signalops_site.core.config.schema import XPlatform

from ..access import Credentials, Identity, SecretText
from ..base import (
    AccountConnector,
    Availability,
    Capability,
    FetchedPage,
    LookedUp,
    Looking,
    Mentioned,
    Replying,
    SearchQuery,
    SentReply,
    Streaming,
    connectors,
)
from ..errors import AccountNeeded, BadAnswer, BadQuery
from ..http import Answer, PlatformClient
from ..oauth import HOW_TO_CONNECT, OAuthProvider, OAuthSession
from ..paging import walk
from ..reading import as_id, as_object, objects_in
from ..replies import found_among
from ..x_pages import FIELDS, Listing, Pages, checked, readable
from ..x_payloads import POST_ID, problem_code
from ..x_replies import TO_WRITE, own_posts, send_reply
from ..x_stream import RULES, STREAM, XStream

POSTS_AT_ONCE = 100
USAGE = "/2/usage/tweets"
FOR_APPS = frozenset({"/2/tweets/search/all", STREAM, RULES, USAGE})
"""What X answers to an app's own token only."""
X_OAUTH = OAuthProvider(
    "https://x.com/i/oauth2/authorize",
    "https://api.x.com/2/oauth2/token",
    ("tweet.read", "users.read", TO_WRITE, "offline.access"),
)
MENTIONS_SHOWN = 800
"""X shows no more mentions of an account than its latest 800."""
SEARCHES: Mapping[str, Listing] = {
    "recent": Listing("/2/tweets/search/recent", largest_page=100),
    "all": Listing("/2/tweets/search/all", largest_page=500, pause=1.0),
}
LONGEST_QUERY: Mapping[str, int] = {"recent": 512, "all": 1024}
"""Characters, for those who buy by the post. The description allows 4,096, which is what an enterprise has."""


class XCredentials(Credentials):
    bearer_token: SecretText | None = Field(
        None, description="developer.x.com > your app > Keys and tokens > Bearer Token: the app's own, for reading"
    )
    client_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="the same page > OAuth 2.0 Client ID: for a person's account",
    )
    client_secret: SecretText | None = Field(None, description="OAuth 2.0 Client Secret, where the app has one")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.bearer_token is None and self.client_id is None:
            raise ValueError("bearer_token: is missing, or for a person's account the client_id")
        return self


@connectors.register("x")
class XConnector(AccountConnector, Looking, Mentioned, Streaming, Replying):
    platform = "x"
    capabilities = frozenset(
        {Capability.SEARCH, Capability.LOOKUP, Capability.MENTIONS, Capability.STREAM, Capability.REPLY}
    )
    credentials = XCredentials
    default_base_url = "https://api.x.com"
    oauth = X_OAUTH
    writing_scopes = frozenset({TO_WRITE})

    @classmethod
    def query_problem(cls, text: str, options: BaseModel | None) -> str:
        chosen = x_options(options)
        return length_problem(as_sent(text, chosen), longest=LONGEST_QUERY[chosen.search_type])

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        options = x_options(self.access.options)
        if problem := self.query_problem(query.text, options):
            raise BadQuery(problem)
        params = {"query": as_sent(query.text, options), "sort_order": "recency"}
        listing = replace(SEARCHES[options.search_type], params=params)
        with self.client() as client:
            pages = Pages(partial(self.get, client), listing, since_id=query.since_id)
            yield from walk(query, pages.page, token_behind=pages.token_behind)

    def mentions(self, since_id: str = "") -> Iterator[FetchedPage]:
        """Who mentions the account; a quotation counts where it names the account, too."""
        query = SearchQuery("", since_id, max_results=MENTIONS_SHOWN)
        with self.client() as client:
            path, window = f"/2/users/{self._me(client)['id']}/mentions", "/2/users/:id/mentions"
            listing = Listing(path, largest_page=100, window=window, goes_on_by="pagination_token")
            pages = Pages(partial(self.get, client), listing, since_id=since_id)
            yield from walk(query, pages.page, token_behind=pages.token_behind)

    def look_up(self, ids: Sequence[str]) -> dict[str, LookedUp]:
        found = dict.fromkeys(ids, LookedUp(Availability.UNKNOWN))
        known = [identity for identity in found if POST_ID.fullmatch(identity)]
        with self.client() as client:
            for start in range(0, len(known), POSTS_AT_ONCE):
                asked = known[start : start + POSTS_AT_ONCE]
                body = checked(self.get(client, "/2/tweets", ids=",".join(asked), **FIELDS))
                found |= {identity: seen for identity, seen in looked_up(body) if identity in asked}
        return found

    def open_stream(self, rules: Sequence[str], *, tag: str) -> XStream:
        with ExitStack() as failing:
            client = failing.enter_context(self.client())
            options = x_options(self.access.options)
            stream = XStream(self, client, [as_sent(rule, options) for rule in rules], tag=tag)
            failing.pop_all()  # from here on the stream closes it
            return stream

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        """As the person who connected the account. X takes no key."""
        self._require_person()
        with self.client() as client:
            return send_reply(self._consent, client, post_id, text)

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        with self.client() as client:
            pages = own_posts(partial(self.get, client), self._me(client)["id"], since)
            return found_among(pages, post_id=post_id, text=text, since=since)

    def verify(self) -> Identity:
        """Asks what costs nothing: who the person is who connected it, or, as an app, how much it has read."""
        with self.client() as client:
            if self.is_person:
                return Identity(self._me(client)["username"])
            usage = as_object(self.get(client, USAGE, days=1).body)
            project = as_id(as_object(usage.get("data")).get("project_id"))
            return Identity(f"project {project}" if project else "app", ("app-only",))

    def _me(self, client: PlatformClient) -> Mapping[str, str]:
        self._require_person()
        told = as_object(as_object(self.get(client, "/2/users/me").body).get("data"))
        me = {name: as_id(told.get(name)) for name in ("id", "username")}
        if not POST_ID.fullmatch(me["id"]) or not me["username"]:
            raise BadAnswer("X's answer does not say whose account this is.")
        return me

    def _require_person(self) -> None:
        if not self.is_person:
            raise AccountNeeded(
                "X takes this of a person's account only, and this is an app's bearer token. Give it a "
                f"client_id (`accounts rotate`), and {HOW_TO_CONNECT}."
            )

    @property
    def is_person(self) -> bool:
        """Whether a person is who asks: one has connected the account, or it has nothing else to ask with."""
        credentials = self.access.credentials
        if not isinstance(credentials, XCredentials):
            return False
        return credentials.bearer_token is None or self._consent.is_connected

    @property
    def _consent(self) -> OAuthSession:
        return OAuthSession(self.platform, X_OAUTH, self.access)

    def _app_token(self) -> str:
        credentials = self.access.credentials
        if not isinstance(credentials, XCredentials):
            raise AccountNeeded("X is read with an account: `manage.py accounts add x` adds one.")
        if credentials.bearer_token is None:
            raise AccountNeeded("This takes the app's bearer token, and the account has none: `accounts rotate`.")
        return credentials.bearer_token.get_secret_value()

    def get(self, client: PlatformClient, path: str, *, window: str = "", **params: Any) -> Answer:
        given = {name: value for name, value in params.items() if value not in (None, "")}

        def ask(headers: Mapping[str, str]) -> Answer:
            return client.get(path, params=given, headers=headers, endpoint=window or path)

        if path in FOR_APPS or not self.is_person:
            return ask(self.as_app())
        return self._consent.asked(client, ask)

    def as_app(self) -> Mapping[str, str]:
        """The headers of what the app itself asks."""
        return {"Authorization": f"Bearer {self._app_token()}"}

    def client(self) -> PlatformClient:
        access = self.access
        base_url = access.base_url or self.default_base_url
        return PlatformClient("x", base_url, limits=access.limits, credentials=access.credentials)


def x_options(options: BaseModel | None) -> XPlatform:
    return options if isinstance(options, XPlatform) else XPlatform()


def as_sent(query: str, options: XPlatform) -> str:
    return query if options.include_retweets else without_reposts(query)


def without_reposts(query: str) -> str:
    """The query with `-is:retweet`, unless it says something of reposts itself.

    `OR` binds less than a space: without brackets the addition would belong to the last part alone.
    """
    if re.search(r"\b(is:retweet|retweets_of(_tweet_id)?:)", query):
        return query
    return f"({query}) -is:retweet" if re.search(r"\bOR\b", query) else f"{query} -is:retweet"


def length_problem(query: str, *, longest: int) -> str:
    """X counts characters as NFC has them; an emoji's code points each."""
    allowed = settings.X_MAX_QUERY_LENGTH or longest
    length = len(unicodedata.normalize("NFC", query))
    if length <= allowed:
        return ""
    return (
        f"The query is {length} characters long as it is sent, and X takes {allowed}. Make two of it "
        "(a contract that allows more is told by X_MAX_QUERY_LENGTH)."
    )


def looked_up(body: Mapping[str, Any]) -> Iterator[tuple[str, LookedUp]]:
    """What is told of posts that were asked for by id. Only "not found" of the post itself says that it is gone:
    who is suspended, protected or withheld may be back.
    """
    for problem in objects_in(body.get("errors")):
        is_asked = problem.get("parameter") in ("ids", "id") and problem.get("resource_type") in ("tweet", "post")
        if is_asked and problem_code(problem) == "resource-not-found":
            yield as_id(problem.get("resource_id") or problem.get("value")), LookedUp(Availability.GONE)
    for each in readable(body):
        yield each.id, LookedUp(Availability.LIVE, each.post)
