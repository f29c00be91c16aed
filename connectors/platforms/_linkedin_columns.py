"""The names under which exports, scrapers and CRMs tell each fact of a LinkedIn post, and reading one of them."""

import re
from collections.abc import Mapping
from typing import Any

from ..records import Record
from ..written import written_count

Names = tuple[str, ...]

IDS: Names = (
    *("urn", "post_urn", "activity_urn", "share_urn", "ugc_urn", "entity_urn", "update_urn"),
    *("activity_id", "post_id", "share_id", "id"),
)
ADDRESSES: Names = ("url", "post_url", "post_link", "share_link", "share_url", "link", "permalink", "linkedin_url")
TEXTS: Names = (
    *("text", "commentary", "share_commentary", "post_text", "post_content", "content", "body"),
    *("post_title", "description", "message"),
)
LIKES: Names = (
    *("reactions", "reaction_count", "reactions_count", "num_reactions", "total_reactions"),
    *("total_reaction_count", "likes", "like_count", "likes_count", "num_likes"),
)
REPLIES: Names = ("comments", "comment_count", "comments_count", "num_comments", "replies")
REPOSTS: Names = (
    *("reposts", "repost_count", "reposts_count", "num_reposts"),
    *("shares", "share_count", "shares_count", "num_shares"),
)
VIEWS: Names = ("impressions", "impression_count", "impressions_count", "num_impressions", "views", "view_count")
COUNTS_INSIDE: Names = ("stats", "social_counts", "engagement", "metrics")
TIMES: Names = (
    *("posted_at", "posted_date", "date_posted", "date", "created_at", "created_date", "created", "timestamp"),
    *("published_at", "published_date", "published", "post_date", "time"),
)
SEEN_AT: Names = ("scraped_at", "collected_at", "fetched_at", "retrieved_at", "extracted_at", "captured_at")
KINDS: Names = ("content_type", "media_type", "post_type", "type")
LINKS: Names = ("shared_url", "media_url")
PAGES: Names = ("company_page", "company_page_name", "page_name", "organization", "organization_name")
EMPLOYER_OR_PAGE: Names = ("company", "company_name")
"""A page's name where no author is told; beside an author it may be the employer."""

AUTHOR_NAMES: Names = ("name", "full_name", "display_name")
AUTHOR_HANDLES: Names = ("handle", "public_identifier", "public_id", "vanity_name", "username", "universal_name")
AUTHOR_ADDRESSES: Names = ("profile_url", "url", "linkedin_url", "profile", "profile_link", "link")
AUTHOR_BIOS: Names = ("headline", "bio", "occupation", "description", "title")
AUTHOR_FOLLOWERS: Names = (
    *("followers", "followers_count", "follower_count", "num_followers"),
    *("connections", "connections_count", "connection_count", "num_connections"),
)
AUTHOR_VERIFIED: Names = ("verified", "is_verified", "premium", "is_premium")
AUTHOR_IDS: Names = ("urn", "profile_urn", "entity_urn", "profile_id", "id")
FLAT_AUTHOR: Names = (
    *("full_name", "first_name", "last_name", "headline", "profile_url", "public_identifier"),
    *("followers", "connections", "premium"),
)
"""What can only be said of an author, so that it needs no `author_` before it."""

SHARES = frozenset({"share_link", "share_commentary"})
PAGE_EXPORT = frozenset({"post_title", "post_link", "created_date"})


def spelled(record: Mapping[str, Any]) -> Record:
    return {spelling_of(str(key)): value for key, value in record.items()}


def spelling_of(key: str) -> str:
    """`postedAt`, `Posted at` and `posted_at` as one."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()).strip("_")


def as_table(value: Any) -> Record:
    return spelled(value) if isinstance(value, dict) else {}


def plain(value: str) -> str:
    """For comparing names that people typed."""
    return " ".join(value.split()).casefold()


def first_of(record: Mapping[str, Any], names: Names) -> tuple[str, Any]:
    """The first of these keys that holds something, and what it holds."""
    return next(((name, record[name]) for name in names if record.get(name) not in (None, "")), ("", None))


def text_of(record: Mapping[str, Any], names: Names) -> str:
    """The first of these that is told; an object may hold it as its `text` or `name`."""
    name, value = first_of(record, names)
    if isinstance(value, dict):
        value = first_of(spelled(value), ("text", "name"))[1]
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"`{name}` should be text, and is {value!r:.60}")
    return str(value).replace("\0", "").strip()


def count_of(record: Mapping[str, Any], names: Names, *, inside: str = "") -> int | None:
    """The first of these that is told as one number; a list or table of reactions may be only a part of all."""
    told = {name: record[name] for name in names if isinstance(record.get(name), str | int | float)}
    name, value = first_of(told, names)
    if value is None:
        return None
    try:
        return written_count(value)
    except ValueError:
        message = f"`{inside}{name}` should be a whole number that is not negative, and is {value!r:.60}"
        raise ValueError(message) from None
