"""Replies on X, which are those of a person who has connected the account.

What X refuses is a 403, be it the reply ("you have not been mentioned or otherwise engaged") or the account; its
problem's type tells which. A reply that may be there is looked for in the account's own posts.

Source: the API's description, version 2.167 (createPosts, getUsersPosts) and
https://docs.x.com/x-api/fundamentals/response-codes-and-errors (read 2026-11-23).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from .base import SentReply
from .errors import AccountNeeded, NotSent, Refused
from .http import Answer, PlatformClient
from .oauth import HOW_TO_CONNECT, OAuthSession
from .reading import as_moment, as_object, as_text
from .replies import CLOCKS_DIFFER, OwnPost, named, published, refusal
from .x_pages import listed
from .x_payloads import POST_ID, id_of, included_in, items_in, read_item, referenced

POSTS = "/2/tweets"
TO_WRITE = "tweet.write"
OWN_FIELDS: Mapping[str, str] = {
    "post.fields": "created_at,entities,id,note_post,text",
    "expansions": "referenced_posts",
}
LARGEST_PAGE = 100
OF_THE_ACCOUNT = frozenset(
    {"client-forbidden", "client-not-enrolled", "oauth1-permissions", "unsupported-authentication"}
)
"""Types of X's problems, or its reasons, for which no other reply would be taken, either."""
OUT_OF_USE = re.compile(r"\baccount (?:is|has been)(?: \w+)? (?:suspended|locked)\b", re.IGNORECASE)


def send_reply(consent: OAuthSession, client: PlatformClient, post_id: str, text: str) -> SentReply:
    if not POST_ID.fullmatch(post_id):
        raise NotSent("This is no id of a post on X.")
    if consent.is_connected and consent.scopes and TO_WRITE not in consent.scopes:
        raise AccountNeeded(
            f"Whoever connected the account at X did not agree to posting. To do so, {HOW_TO_CONNECT}."
        )
    content = {"text": text, "reply": {"in_reply_to_tweet_id": post_id}}

    def post(headers: Mapping[str, str]) -> Answer:
        return published(client, POSTS, content=content, headers=headers, endpoint=f"POST {POSTS}")

    try:
        answer = consent.published(client, post)
    except Refused as error:
        if error.answered != 403 or error.code in OF_THE_ACCOUNT or OUT_OF_USE.search(error.detail):
            raise
        raise refusal(error) from error
    identity = id_of(as_object(as_object(answer.body).get("data")))
    return named(identity, url=page_of(identity), platform="X")


def own_posts(get: Callable[..., Answer], user_id: str, since: datetime) -> Iterator[list[OwnPost]]:
    """Pages of what the account has posted since then, newest first: X is paid for each post that it tells."""
    begin = (since - CLOCKS_DIFFER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = ""
    while True:
        answer = get(
            f"/2/users/{user_id}/tweets",
            window="/2/users/:id/tweets",
            max_results=LARGEST_PAGE,
            start_time=begin,
            pagination_token=token,
            **OWN_FIELDS,
        )
        body = listed(answer)
        yield list(_own_in(body))
        following = as_text(as_object(body.get("meta")).get("next_token"))
        if following in ("", token):
            return
        token = following


def _own_in(body: Mapping[str, Any]) -> Iterator[OwnPost]:
    included = included_in(body)
    for item in map(as_object, items_in(body)):
        post, identity = read_item(item, included), id_of(item)
        text, moment = post.text if post else "", as_moment(item.get("created_at"))
        yield OwnPost(identity, referenced(item, "replied_to"), text, moment, page_of(identity))


def page_of(identity: str) -> str:
    return f"https://x.com/i/status/{identity}"
