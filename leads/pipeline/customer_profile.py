"""The ideal customer profile as a filter. A fact that is not known never filters anyone out."""

from typing import NamedTuple, Protocol

from signalops_site.core.config.schema import IdealCustomerProfile

from ..languages import primary_language


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


class FilterReason(NamedTuple):
    """Why a lead goes no further: its kind, by which a run counts, and a sentence for people."""

    kind: str
    text: str


def reason_to_filter(post: Prospect, *, profile: IdealCustomerProfile) -> FilterReason | None:
    """Why a post is not for this project; None when it may go on."""
    return _language_reason(post.language, profile) or _author_reason(post, profile)


def _language_reason(language: str, profile: IdealCustomerProfile) -> FilterReason | None:
    wanted = [primary_language(tag) for tag in profile.languages]
    if language and wanted and primary_language(language) not in wanted:
        return FilterReason("language", f"language is {language}")
    return None


def _author_reason(author: Prospect, profile: IdealCustomerProfile) -> FilterReason | None:
    return (
        _followers_reason(author.followers, profile)
        or _verified_reason(author.verified, profile)
        or _bio_reason(author.bio, profile)
    )


def _followers_reason(followers: int | None, profile: IdealCustomerProfile) -> FilterReason | None:
    if followers is None:
        return None
    if followers < profile.min_followers:
        return FilterReason("followers", f"fewer than {profile.min_followers} followers")
    if profile.max_followers is not None and followers > profile.max_followers:
        return FilterReason("followers", f"more than {profile.max_followers} followers")
    return None


def _verified_reason(verified: bool | None, profile: IdealCustomerProfile) -> FilterReason | None:
    if profile.verified_only and verified is False:
        return FilterReason("verified", "not verified")
    return None


def _bio_reason(bio: str | None, profile: IdealCustomerProfile) -> FilterReason | None:
    folded = (bio or "").casefold()
    excluded = next((phrase for phrase in profile.exclude_bios_containing if phrase.casefold() in folded), None)
    return FilterReason("bio", f"bio contains {excluded!r}") if excluded else None
