"""Whose a post's id is. A platform's own names one post for everybody. One that stands only in a person's file (a
row's number, a name of theirs) means something in their project alone: there it begins with the project's name, so
that another project's file with the same ids has posts and authors of its own.
"""

import hashlib
import re
from dataclasses import replace

from .base import FetchedPost

LINKEDIN_NUMBER = re.compile(r"[0-9]{15,30}")
"""As LinkedIn numbers posts. A shorter number, an address or a word may be anybody's."""
LONGEST = 200
DIGEST = 32


def within(project: str, post: FetchedPost) -> FetchedPost:
    """A post that a person has in a file, with the ids that it has in the project of that name."""
    named = replace(
        post,
        conversation_id=_post_id(project, post.platform, post.conversation_id),
        reply_to_id=_post_id(project, post.platform, post.reply_to_id),
    )
    if not is_of_a_file(post.platform, post.id):
        return named
    author = post.author and replace(post.author, id=own_id(project, post.author.id))
    return replace(named, id=own_id(project, post.id), author=author)


def is_of_a_file(platform: str, post_id: str) -> bool:
    """Whether a post's id is none of its platform's own."""
    return platform == "file" or (platform == "linkedin" and not LINKEDIN_NUMBER.fullmatch(post_id))


def own_id(project: str, identity: str) -> str:
    """`tidewater:7`. One that begins so already is the project's; one that would be too long ends in a digest."""
    if identity.startswith(f"{project}:"):
        return identity
    named = f"{project}:{identity}"
    if len(named) <= LONGEST:
        return named
    return named[: LONGEST - DIGEST] + hashlib.sha256(named.encode()).hexdigest()[:DIGEST]


def _post_id(project: str, platform: str, identity: str) -> str:
    return own_id(project, identity) if identity and is_of_a_file(platform, identity) else identity
