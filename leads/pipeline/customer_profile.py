"""The ideal customer profile as a filter. A fact that is not known never filters anyone out."""

from typing import Protocol

from signalops_site.core.config.schema import IdealCustomerProfile


class Prospect(Protocol):
    """What the profile asks of a post and its author. None: not known, or the author is not."""

    @property
    def language(self) -> str: ...
    @property
    def followers(self) -> int | None: ...
    @property
    def verified(self) -> bool | None: ...
    @property
    def bio(self) -> str | None: ...


def reason_to_filter(post: Prospect, *, profile: IdealCustomerProfile) -> str:
    """Why a post is not for this project, as one sentence; "" when it may go on."""
    return _language_reason(post.language, profile) or _author_reason(post, profile)


def _language_reason(language: str, profile: IdealCustomerProfile) -> str:
    if language and profile.languages and language not in profile.languages:
        return f"language is {language}"
    return ""


def _author_reason(author: Prospect, profile: IdealCustomerProfile) -> str:
    if author.followers is not None:
        if author.followers < profile.min_followers:
            return f"fewer than {profile.min_followers} followers"
        if profile.max_followers is not None and author.followers > profile.max_followers:
            return f"more than {profile.max_followers} followers"
    if profile.verified_only and author.verified is False:
        return "not verified"
    bio = (author.bio or "").casefold()
    excluded = next((phrase for phrase in profile.exclude_bios_containing if phrase.casefold() in bio), None)
    return f"bio contains {excluded!r}" if excluded else ""
