"""How long a reply may be on each platform, as the platform counts (`lengths`)."""

from signalops_site.core.config.schema import ProjectDocument

from .lengths import length_on

PLATFORM_LIMITS = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "reddit": 10_000,
    "hackernews": 2_000,
    "linkedin": 1_250,
    "file": 1_000,
    "sample": 500,
}
DEFAULT_LIMIT = 280


def max_length(platform: str, *, document: ProjectDocument, answering: str = "") -> int:
    """The project's own limit (`drafts.max_length`), never above what the platform takes. `answering`: the handle
    of whom the reply is to. Mastodon's connector puts it before the text.
    """
    allowed = PLATFORM_LIMITS.get(platform, DEFAULT_LIMIT)
    if platform == "mastodon" and answering:
        name = answering.removeprefix("@").partition("@")[0]
        allowed -= len(f"@{name} ")
    return min(document.drafts.max_length.get(platform, allowed), allowed)


def cut_at_word(text: str, *, limit: int, platform: str = "") -> str:
    """The text within a limit, cut between words and marked with an ellipsis when something is left out."""
    if length_on(platform, text) <= limit:
        return text
    end = _longest_head(text, limit=limit, platform=platform)
    head = text[:end]
    shortened = head.rsplit(maxsplit=1)[0] if " " in head and not text[end].isspace() else head
    return shortened.rstrip(" ,;:-\u2013\u2014") + "…"


def _longest_head(text: str, *, limit: int, platform: str) -> int:
    """How many code points fit with the ellipsis behind them."""
    fits, too_many = 0, len(text)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if length_on(platform, text[:middle] + "…") <= limit:
            fits = middle
        else:
            too_many = middle
    return fits
