"""How long a reply may be on each platform, in characters."""

from signalops_site.core.config.schema import ProjectDocument

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


def max_length(platform: str, *, document: ProjectDocument) -> int:
    """The project's own limit (`drafts.max_length`), never above what the platform takes."""
    allowed = PLATFORM_LIMITS.get(platform, DEFAULT_LIMIT)
    return min(document.drafts.max_length.get(platform, allowed), allowed)


def cut_at_word(text: str, *, limit: int) -> str:
    """The text within a limit, cut between words and marked with an ellipsis when something is left out."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    shortened = head.rsplit(maxsplit=1)[0] if " " in head and not text[limit - 1].isspace() else head
    return shortened.rstrip(" ,;:-\u2013\u2014") + "…"
