"""What a word in a search box of the admin means. Each answer is found through an index."""

from django.db.models import Q

from connectors.base import connectors
from signalops_site.core.admin.base import by_id

from ..models import Author, Post


def authors_called(term: str) -> Q:
    """Authors with exactly that handle (with or without `@`), or with that id, `platform:id`."""
    platform, _, key = term.partition(":")
    if key:
        return Q(platform=platform, platform_user_id=key)
    return Q(platform__in=_platforms(), handle=term.removeprefix("@"))


def posts_called(term: str) -> Q:
    """The post with that id here or on its platform (`platform:id`), or all of an author's."""
    if term.isdecimal():
        return by_id(term)
    platform, _, key = term.partition(":")
    if key:
        return Q(platform=platform, platform_post_id=key)
    return Q(author__in=Author.objects.filter(authors_called(term)).values("pk"))


def leads_called(term: str) -> Q:
    """The lead with that id, or those of a post or author, by what `posts_called` knows."""
    return by_id(term) if term.isdecimal() else Q(post__in=Post.objects.filter(posts_called(term)).values("pk"))


def of_lead(term: str) -> Q:
    """Rows of the lead with that id."""
    return by_id(term.removeprefix("lead").strip(), "lead_id")


def _platforms() -> list[str]:
    """Handles are indexed under their platform, so all platforms are named."""
    return sorted({connector.platform for connector in connectors.items().values()})
