"""Replies on Bluesky: a record in the account's own repository, which names the post and the thread's first one.

The text is plain; links and mentions in it are marked beside it, by the bytes of UTF-8 that they cover. A
repository says at once what is in it, so a reply that may be there is looked for in the account's own.

Source: https://docs.bsky.app/docs/advanced-guides/posts, .../post-richtext and the lexicons
com.atproto.repo.createRecord and .listRecords (read 2026-11-23).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from django.utils import timezone

from ..base import SentReply
from ..errors import BadAnswer, BadQuery, NotSent, NotThere
from ..http import Answer
from ..reading import as_id, as_moment, as_object, as_text, objects_in
from ..replies import OwnPost, named

PAGE_SIZE = 100
FACET = "app.bsky.richtext.facet#"
POST_COLLECTION = "app.bsky.feed.post"
POST_URI = re.compile(rf"at://did:[a-z]+:[a-zA-Z0-9._:%-]+/{re.escape(POST_COLLECTION)}/[a-zA-Z0-9._~:-]{{1,512}}")
"""A malformed one would have the whole request refused."""
DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]{1,180}")
TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
LINK = re.compile(r"https?://[^\s<>\"]+")
BEHIND_A_LINK = ".,;:!?'*_"
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
MENTION = re.compile(rf"(?<![\w@./-])@((?:{LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?)")
"""A handle is a domain name."""


class Asking(Protocol):
    """How a signed-in account asks, and how it writes."""

    def get(self, method: str, **params: Any) -> Answer: ...

    def publish(self, method: str, content: Mapping[str, Any]) -> Answer: ...


def send_reply(session: Asking, post_id: str, text: str) -> SentReply:
    """Everything is asked first: what is answered, by whom, and who is mentioned. Then one request writes."""
    answered = _answered(session, post_id)
    did = own_did(session)
    record: dict[str, Any] = {
        "$type": POST_COLLECTION,
        "text": text,
        "createdAt": timezone.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reply": _references(answered),
    }
    if facets := facets_of(text, lambda handle: _did_of(session, handle)):
        record["facets"] = facets
    content = {"repo": did, "collection": POST_COLLECTION, "record": record}
    uri = as_id(as_object(session.publish("com.atproto.repo.createRecord", content).body).get("uri"))
    is_ours = POST_URI.fullmatch(uri) is not None and uri.startswith(f"at://{did}/")
    return named(uri if is_ours else "", url=page_of(uri), platform="Bluesky")


def _answered(session: Asking, post_id: str) -> Mapping[str, Any]:
    """The post as Bluesky shows it to the account. NotSent when it does not, or when it takes no replies."""
    if not POST_URI.fullmatch(post_id):
        raise NotSent("This is no id of a post on Bluesky.")
    views = objects_in(as_object(session.get("app.bsky.feed.getPosts", uris=[post_id]).body).get("posts"))
    view = next((each for each in views if each.get("uri") == post_id), None)
    if view is None:
        raise NotSent("Bluesky does not show the account this post: it is deleted, hidden, or its author blocks.")
    if as_object(view.get("viewer")).get("replyDisabled") is True:
        raise NotSent("Its author does not let the account reply.")
    if not as_id(view.get("cid")):
        raise BadAnswer("Bluesky's answer does not say which version of the post it is.")
    return view


def _references(view: Mapping[str, Any]) -> dict[str, Any]:
    parent = {"uri": as_id(view.get("uri")), "cid": as_id(view.get("cid"))}
    above = as_object(as_object(as_object(view.get("record")).get("reply")).get("root"))
    root = {"uri": as_id(above.get("uri")), "cid": as_id(above.get("cid"))}
    return {"root": root if all(root.values()) else parent, "parent": parent}


def own_did(session: Asking) -> str:
    did = as_id(as_object(session.get("com.atproto.server.getSession").body).get("did"))
    if not DID.fullmatch(did):
        raise BadAnswer("Bluesky's answer does not say whose session this is.")
    return did


def _did_of(session: Asking, handle: str) -> str:
    """Who has a handle; empty when nobody has, or nobody can say."""
    try:
        answer = session.get("com.atproto.identity.resolveHandle", handle=handle)
    except (NotThere, BadQuery, BadAnswer):
        return ""
    did = as_id(as_object(answer.body).get("did"))
    return did if DID.fullmatch(did) else ""


def facets_of(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """The marks of a text, in its order. A mention of nobody stays plain."""
    spans = [(found.start(), found.start() + len(link)) for found, link in _links_in(text)]
    marks = [(start, end, {"$type": f"{FACET}link", "uri": text[start:end]}) for start, end in spans]
    for found in MENTION.finditer(text):
        is_in_link = any(start <= found.start() < end for start, end in spans)
        if not is_in_link and (did := did_of(found.group(1))):
            marks.append((found.start(), found.end(), {"$type": f"{FACET}mention", "did": did}))
    return [
        {"index": {"byteStart": _bytes_in(text[:start]), "byteEnd": _bytes_in(text[:end])}, "features": [feature]}
        for start, end, feature in sorted(marks, key=lambda mark: mark[0])
    ]


def _links_in(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Links without what belongs to the sentence: its full stop, or the bracket that was opened before."""
    for found in LINK.finditer(text):
        link = found.group().rstrip(BEHIND_A_LINK)
        while link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1].rstrip(BEHIND_A_LINK)
        if len(link) > len("https://"):
            yield found, link


def _bytes_in(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def own_posts(session: Asking) -> Iterator[list[OwnPost]]:
    """Pages of the records in the account's own repository, newest first."""
    did, cursor = own_did(session), ""
    while True:
        answer = session.get(
            "com.atproto.repo.listRecords", repo=did, collection=POST_COLLECTION, limit=PAGE_SIZE, cursor=cursor
        )
        body = as_object(answer.body)
        if not isinstance(body.get("records"), list):
            raise BadAnswer("Bluesky answered with something else than a list of records.")
        yield [_own(record) for record in objects_in(body["records"])]
        following = as_text(body.get("cursor"))
        if following in ("", cursor):
            return
        cursor = following


def _own(entry: Mapping[str, Any]) -> OwnPost:
    """Records are sorted by their keys, which tell the time; one that another program named does not."""
    uri, record = as_id(entry.get("uri")), as_object(entry.get("value"))
    answers = as_id(as_object(as_object(record.get("reply")).get("parent")).get("uri"))
    moment = moment_of_tid(uri.rpartition("/")[2]) or as_moment(record.get("createdAt"))
    return OwnPost(uri, answers, as_text(record.get("text")), moment, page_of(uri))


def moment_of_tid(key: str) -> datetime | None:
    """The time in a timestamp id: 13 letters of base 32 that count microseconds (53 bits) and clocks (10 bits)."""
    if len(key) != 13 or any(letter not in TID_LETTERS for letter in key):
        return None
    number = 0
    for letter in key:
        number = number * 32 + TID_LETTERS.index(letter)
    moment = datetime.fromtimestamp((number >> 10) / 1_000_000, tz=UTC) if number >> 63 == 0 else None
    return moment if moment is not None and moment <= datetime.now(tz=UTC) else None


def page_of(uri: str, handle: str = "") -> str:
    """`at://did/app.bsky.feed.post/key` as the page that people open."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    collection, _, key = rest.partition("/")
    if collection != POST_COLLECTION or not key.isascii():
        return ""
    return f"https://bsky.app/profile/{handle or did}/post/{key}"
