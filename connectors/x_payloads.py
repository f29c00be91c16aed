"""X's JSON as posts: what its API answers, its stream sends and its exports hold.

Two vocabularies are read alike. X's present description (openapi 2.167) says `note_post`, `referenced_posts`,
`repost_count` and `includes.posts`; what was recorded before it, and what its stream still asks for, says
`note_tweet`, `referenced_tweets`, `retweet_count` and `includes.tweets`.

A repost is the post that it reposts, with that post's id, author and counts: X cuts a repost's own text. Where the
reposted post is not told, there is nothing whole to read, and the repost is passed over.

Texts come with `&`, `<` and `>` escaped, once, and with shortened links. Entities give their place in the escaped
text, in code points; links are found by their short form instead, which no unescaping and no emoji shifts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .base import FetchedAuthor, FetchedPost
from .reading import (
    as_count,
    as_id,
    as_language,
    as_list,
    as_moment,
    as_object,
    as_text,
    bounded,
    objects_in,
    web_url,
)

POST_ID = re.compile(r"[0-9]{1,19}")
"""As the API's description has it."""
ESCAPED = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
ESCAPE = re.compile("|".join(ESCAPED))
NO_LANGUAGE = frozenset({"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"})
"""X's words for a text whose language nobody can tell, or that has none: only hashtags, only links, and so on."""
RENAMED_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}
HANDLE = re.compile(r"\w{1,50}", re.ASCII)

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a list of posts: its id there, and the post that it is, or reposts; None: nothing to read."""

    id: str
    post: FetchedPost | None


@dataclass(frozen=True, slots=True)
class Included:
    """What an answer tells beside its posts, by id."""

    users: Mapping[str, Item] = field(default_factory=dict)
    posts: Mapping[str, Item] = field(default_factory=dict)


def items_in(body: Mapping[str, Any]) -> list[Any]:
    """The entries of an answer: a list, or the one post that was asked for or that a stream sends."""
    data = body.get("data")
    return [data] if isinstance(data, dict) else as_list(data)


def included_in(body: Mapping[str, Any]) -> Included:
    told = as_object(body.get("includes"))
    posts = [*objects_in(told.get("tweets")), *objects_in(told.get("posts"))]
    return Included(_by_id(objects_in(told.get("users"))), _by_id(posts))


def found_in(body: Mapping[str, Any]) -> list[Found]:
    """The entries of an answer that have an id, in their order."""
    included = included_in(body)
    items = (item for item in items_in(body) if isinstance(item, dict) and id_of(item))
    return [Found(id_of(item), read_item(item, included)) for item in items]


def read_item(item: Item, included: Included) -> FetchedPost | None:
    """An entry as the post that it is, or reposts; None when that has no text or is not told."""
    reposted = referenced(item, "retweeted")
    if not reposted:
        return _post(item, included)
    original = included.posts.get(reposted)
    return None if original is None else _post(original, included)


def id_of(item: Item) -> str:
    identity = item.get("id")
    return identity if isinstance(identity, str) and POST_ID.fullmatch(identity) else ""


def referenced(item: Item, kind: str) -> str:
    """The id of the post that this one reposts (`retweeted`), answers (`replied_to`) or quotes (`quoted`)."""
    references = [*objects_in(item.get("referenced_posts")), *objects_in(item.get("referenced_tweets"))]
    return next((id_of(each) for each in references if each.get("type") == kind), "")


def error_codes(body: Mapping[str, Any]) -> list[str]:
    """The kinds of what X could not tell, such as `resource-not-found`: without its sentences, which quote ids."""
    return sorted({problem_code(error) or "unknown" for error in objects_in(body.get("errors"))})


def problem_code(problem: Item) -> str:
    """The last part of a problem's type, which X writes with either of its hosts."""
    return as_id(as_text(problem.get("type")).rpartition("/problems/")[2])


def _post(item: Item, included: Included) -> FetchedPost | None:
    identity = id_of(item)
    note = as_object(item.get("note_post")) or as_object(item.get("note_tweet"))
    whole = note if as_text(note.get("text")).strip() else item
    entities, metrics = as_object(whole.get("entities")), as_object(item.get("public_metrics"))
    text = _text(as_text(whole.get("text")), entities)
    if not identity or not text:
        return None
    author = _author(item, included)
    return FetchedPost(
        platform="x",
        id=identity,
        text=text,
        author=author,
        created_at=as_moment(item.get("created_at")),
        language=_language(item.get("lang")),
        url=f"https://x.com/{(author and author.handle) or 'i'}/status/{identity}",
        conversation_id=as_id(item.get("conversation_id")),
        reply_to_id=referenced(item, "replied_to"),
        likes=as_count(metrics.get("like_count")),
        replies=as_count(metrics.get("reply_count")),
        reposts=_first_count(metrics, "repost_count", "retweet_count"),
        views=as_count(metrics.get("impression_count")),
        hashtags=_names(entities.get("hashtags"), "tag"),
        mentions=_names(entities.get("mentions"), "username"),
        urls=_unique(address for _, address in _links(entities) if address),
        raw=bounded(dict(item)),
    )


def _author(item: Item, included: Included) -> FetchedAuthor | None:
    """The author with the facts that came beside the post, or known by id alone; some exports hold both in one."""
    inner = as_object(item.get("author"))
    identity = as_id(item.get("author_id")) or as_id(inner.get("id"))
    if not identity:
        return None
    user = included.users.get(identity, inner)
    bio_entities = as_object(as_object(user.get("entities")).get("description"))
    return FetchedAuthor(
        id=identity,
        handle=_handle(user.get("username")) or _handle(item.get("username")),
        name=as_text(user.get("name"))[:300],
        bio=_written_out(as_text(user.get("description")), bio_entities),
        followers=as_count(as_object(user.get("public_metrics")).get("followers_count")),
        verified=user["verified"] if isinstance(user.get("verified"), bool) else None,
        account_created_at=as_moment(user.get("created_at")),
    )


def _handle(value: Any) -> str:
    return value if isinstance(value, str) and HANDLE.fullmatch(value) else ""


def _language(value: Any) -> str | None:
    language = as_language(value)
    return None if language is None or language in NO_LANGUAGE else RENAMED_LANGUAGES.get(language, language)


def _text(written: str, entities: Item) -> str:
    """What a person reads. A post that is nothing but its pictures keeps their link, so that it has a text."""
    text = _unescaped(written)
    return _written_out(text, entities).strip() or text.strip()


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: ESCAPED[found.group()], text) if "&" in text else text


def _written_out(text: str, entities: Item) -> str:
    """Each shortened link as the address that it stands for; a post's own pictures, which X shows, as nothing."""
    addresses = dict(_links(entities))
    if not addresses:
        return text
    longest_first = sorted(addresses, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: addresses[found.group()], text)


def _links(entities: Item) -> Iterator[tuple[str, str]]:
    """(the short link, what it stands for or empty for the post's own pictures)"""
    for link in objects_in(entities.get("urls")):
        short, address = web_url(link.get("url")), web_url(link.get("expanded_url"))
        if short and address:
            yield short, "" if _is_picture(link) else address


def _is_picture(link: Item) -> bool:
    shown = as_text(link.get("display_url"))
    return bool(as_text(link.get("media_key"))) or shown.startswith(("pic.twitter.com/", "pic.x.com/"))


def _names(value: Any, key: str) -> tuple[str, ...]:
    return _unique(as_text(item.get(key))[:200] for item in objects_in(value))


def _unique(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _first_count(metrics: Item, *names: str) -> int | None:
    return next((count for name in names if (count := as_count(metrics.get(name))) is not None), None)


def _by_id(items: Any) -> dict[str, Item]:
    return {identity: item for item in items if (identity := as_id(item.get("id")))}
