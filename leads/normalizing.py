"""Pure text work: what judges read of a post, and what is compared of it (docs/normalizing.md)."""

import html
import re
import unicodedata
from functools import lru_cache

from .marks import without_piles

URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
TAG_OR_MENTION = re.compile(r"(?<!\w)[#@][\w.-]+")
REPOSTED = re.compile(r"\s*RT\s+(?=@)")
BLANK_LINES = re.compile(r"\n{3,}")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});")
"""Closed by a semicolon, unlike what browsers accept: `?a=1&copy=2` is part of a link."""
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")


def clean_text(text: str) -> str:
    """The text as people read it: NFC, HTML's entities resolved, white space tidied, invisible characters gone.
    Words, case, punctuation, links, hashtags, mentions, emoji and line breaks stay.
    """
    if "&" in text:
        text = ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", without_piles(INVISIBLE.sub("", text)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return BLANK_LINES.sub("\n\n", "\n".join([" ".join(line.split()) for line in lines])).strip()


@lru_cache(maxsize=2)
def bare_text(text: str) -> str:
    """Without links, tags, mentions and a leading "RT". The last is kept: a post is asked about twice in a row."""
    if "://" in text or "www." in text.casefold():
        text = URL.sub(" ", text)
    if "@" in text and (reposted := REPOSTED.match(text)):
        text = text[reposted.end() :]
    return TAG_OR_MENTION.sub(" ", text) if "#" in text or "@" in text else text
