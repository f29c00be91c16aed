"""Hashtags, mentions and links in a text, where the platform does not tell them apart (files, Hacker News)."""

import re
from collections.abc import Iterable
from dataclasses import replace

from .base import FetchedPost

MOST = 100
"""Of each kind, in one post: a text may be nothing but hashtags."""

HASHTAG = re.compile(r"(?<![\w&/#])#(\d*[^\W\d]\w{0,99})")
"""With a letter in it: `#1` is a number. `&#39;` and the end of an address are none."""
MENTION = re.compile(r"(?<![\w@./])@(\w(?:[\w.-]{0,98}\w)?(?:@[\w-]+(?:\.[\w-]+)+)?)")
"""`@ada`, or `@ada@social.example`; an e-mail address is none."""
LINK = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
AFTER_A_LINK = ".,;:!?'*_\u2026"
PAIRS = {")": "(", "]": "[", "}": "{"}


def with_entities(post: FetchedPost) -> FetchedPost:
    """The post with what its platform told of each kind, and else with what stands in its text."""
    text = post.text
    hashtags = post.hashtags or (_found(HASHTAG, text) if "#" in text else ())
    mentions = post.mentions or (_found(MENTION, text) if "@" in text else ())
    urls = post.urls or (links_in(text) if "://" in text else ())
    if (hashtags, mentions, urls) == (post.hashtags, post.mentions, post.urls):
        return post
    return replace(post, hashtags=hashtags, mentions=mentions, urls=urls)


def links_in(text: str) -> tuple[str, ...]:
    """Web addresses, each once, without the punctuation of the sentence around them."""
    return _each_once(_without_tail(link) for link in LINK.findall(text))


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return _each_once(pattern.findall(text))


def _each_once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST]


def _without_tail(link: str) -> str:
    """`(see https://a.example/b_(c)).` links to `https://a.example/b_(c)`."""
    while True:
        last = link[-1]
        opening = PAIRS.get(last)
        if last not in AFTER_A_LINK and (opening is None or link.count(opening) >= link.count(last)):
            return link
        link = link[:-1]
