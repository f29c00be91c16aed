"""How long a text is by each platform's own count, which is what its limit is about.

X         twitter-text 3: 280 units; signs of most alphabets take one, others (CJK, bullets) two, an emoji two
          whatever it is made of, a link 23 (https://docs.x.com/fundamentals/counting-characters)
Mastodon  characters as people see them; a link takes 23, and of a mention only the name without its server
          (https://docs.joinmastodon.org/user/posting/#text)
Bluesky   characters as people see them (https://docs.bsky.app/docs/advanced-guides/posts)
others    code points

The dashboard counts alike (`frontend/src/lib/length.ts`): both are held to the `lengths.json` beside that.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping

import regex

LINK_LENGTH = 23
_LINK = regex.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)'\]]", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![\w@/])@(\w+)@[\w.-]+\w")
_CHARACTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
_PLAIN_SIGNS = regex.compile(r"[\u00a9\u00ae\u203c\u2049\u2122\u2139]")
"""Pictographs that are signs of print, unless a variation selector makes them emoji."""
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that X counts once."""


def length_on(platform: str, text: str) -> int:
    """In the unit of the platform's limit."""
    return _COUNTS.get(platform, len)(text)


def _on_x(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    links = len(_LINK.findall(text))
    return links * LINK_LENGTH + sum(map(_weight, _characters(_LINK.sub("", text))))


def _weight(character: str) -> int:
    if _is_emoji(character):
        return 2
    return sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in character)


def _is_emoji(character: str) -> bool:
    if not _EMOJI.search(character):
        return False
    return "\ufe0f" in character or not _PLAIN_SIGNS.fullmatch(character)


def _on_mastodon(text: str) -> int:
    return _as_seen(_MENTION.sub(r"@\1", _LINK.sub("x" * LINK_LENGTH, text)))


def _as_seen(text: str) -> int:
    return sum(1 for _ in _characters(text))


def _characters(text: str) -> Iterable[str]:
    return (found.group() for found in _CHARACTER.finditer(text))


_COUNTS: Mapping[str, Callable[[str], int]] = {"x": _on_x, "mastodon": _on_mastodon, "bluesky": _as_seen}
