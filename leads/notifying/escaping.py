"""Texts of posts, made harmless for the markup of chats.

A post is anybody's text. In a channel of colleagues it must call nobody (`@everyone`, `<!channel>`), look like
nothing else (bold, headings, quotes, text that runs backwards), and lead nowhere by itself: chats make links and
previews of addresses, and Discord makes cards of invitations. So markup is escaped, and addresses and mentions are
broken up with a space that has no width. The link to the post is made here, and shows the host that it leads to.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

from connectors.addresses import web_address
from signalops_site.core.errors import DomainError

BREAK = "\u200b"
_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SLACK_MARKS = re.compile(r"[*_~`]")
_DISCORD_MARKS = re.compile(r"([\\*_~`|>#\-+\[\]()<:!&@])")
_MENTION = re.compile(r"@(?=\w)")
_SCHEME = re.compile(r":(?=//)")
_DOMAIN = re.compile(r"(?<=\w)\.(?=[^\W\d_])")
LONGEST_LINK = 300
_KEPT_IN_LINKS = "/%:@-._~!$&+,;=?"


def one_line(text: str, *, longest: int) -> str:
    """Without control characters, what reverses or hides text, and breaks; shortened between words."""
    kept = "".join(" " if _is_unseen(character) else character for character in text)
    words = " ".join(kept.split())
    if len(words) <= longest:
        return words
    return f"{words[: longest - 1].rsplit(' ', 1)[0]}…"


def _is_unseen(character: str) -> bool:
    """Joiners stay: languages and emoji need them."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in "\u200c\u200d"


def for_slack(text: str) -> str:
    """Slack reads three characters as its own; a few more change how a text looks."""
    escaped = "".join(_SLACK.get(character, character) for character in _broken_up(text))
    return _SLACK_MARKS.sub(lambda mark: f"{BREAK}{mark[0]}{BREAK}", escaped)


def for_discord(text: str) -> str:
    """Discord reads Markdown, and takes a backslash before any of its marks."""
    return _DISCORD_MARKS.sub(r"\\\1", _broken_up(text))


def _broken_up(text: str) -> str:
    without_schemes = _SCHEME.sub(f":{BREAK}", text)
    without_domains = _DOMAIN.sub(f".{BREAK}", without_schemes)
    return _MENTION.sub(f"@{BREAK}", without_domains)


def safe_link(url: str) -> tuple[str, str] | None:
    """(address, host) of a post's own address, fit to stand in markup; None for what is no plain web address.

    Files bring addresses, too. The host is told as it is spelled for machines, so that none looks like another.
    """
    try:
        parts = urlsplit(url)
        host = web_address(parts.hostname or "").removeprefix("https://")
        has_more = parts.username is not None or parts.port is not None
    except (ValueError, DomainError):
        return None
    if parts.scheme not in ("http", "https") or has_more or len(url) > LONGEST_LINK:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{host}{quote(f'{parts.path}{query}', safe=_KEPT_IN_LINKS)}", host
