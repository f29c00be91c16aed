"""Authors and posts, as they were collected. What they wrote is shown as text, whatever it looks like."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from signalops_site.core.admin.base import LookUpAdmin, by_id
from signalops_site.core.admin.display import (
    Shown,
    excerpt_of,
    json_block,
    list_of,
    outside_link,
    page_of,
    prose_of,
)

from ..models import Author, Lead, Post
from .lookups import authors_called, posts_called


@admin.register(Author)
class AuthorAdmin(LookUpAdmin):
    list_display = ("handle", "platform", "name", "followers", "verified", "updated_at")
    list_display_links = ("handle",)
    list_filter = ("platform",)
    search_help_text = "by id, by handle, or by the platform's own id (platform:id)"
    fields = (
        "platform",
        "platform_user_id",
        "handle",
        "name",
        "about",
        "followers",
        "verified",
        "account_created_at",
        "updated_at",
        "their_posts",
    )

    def find(self, term: str) -> Q:
        return (authors_called(term) | by_id(term)) if term.isdecimal() else authors_called(term)

    @admin.display(description="bio")
    def about(self, author: Author) -> Shown:
        return prose_of(author.bio)

    @admin.display(description="posts")
    def their_posts(self, author: Author) -> Shown:
        return list_of(Post, "all that were collected", author__id__exact=author.pk)


@admin.register(Post)
class PostAdmin(LookUpAdmin):
    list_display = ("id", "platform", "author", "excerpt", "language", "posted_at", "first_seen_at")
    list_filter = ("platform",)
    list_select_related = ("author",)
    search_help_text = "by id, by the platform's own id (platform:id), or by the author's handle"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "platform",
                    "platform_post_id",
                    "its_author",
                    "whole_text",
                    "cleaned",
                    "language",
                    "page",
                )
            },
        ),
        ("Where", {"fields": ("community", "conversation_id", "reply_to_id", "near_duplicate_key")}),
        ("When", {"fields": ("posted_at", "first_seen_at")}),
        ("Still there?", {"fields": ("availability", "checked_at", "next_check_at", "gone_at")}),
        ("Counts", {"fields": ("likes", "replies", "reposts", "views")}),
        ("As received", {"fields": ("entities", "payload", "its_leads")}),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "author__id__exact" or super().lookup_allowed(lookup, value, request)

    def find(self, term: str) -> Q:
        return posts_called(term)

    @admin.display(description="text")
    def excerpt(self, post: Post) -> str:
        return excerpt_of(post.text)

    @admin.display(description="author")
    def its_author(self, post: Post) -> Shown:
        return page_of(post.author)

    @admin.display(description="text")
    def whole_text(self, post: Post) -> Shown:
        return prose_of(post.text)

    @admin.display(description="what judges read")
    def cleaned(self, post: Post) -> Shown:
        return prose_of(post.clean_text)

    @admin.display(description="address")
    def page(self, post: Post) -> Shown:
        return outside_link(post.url)

    @admin.display(description="hashtags, mentions, addresses")
    def entities(self, post: Post) -> Shown:
        return json_block({"hashtags": post.hashtags, "mentions": post.mentions, "urls": post.urls})

    @admin.display(description="payload")
    def payload(self, post: Post) -> Shown:
        raw = getattr(post, "raw", None)
        return json_block(raw.payload if raw else None)

    @admin.display(description="leads")
    def its_leads(self, post: Post) -> Shown:
        return list_of(Lead, "in all projects", post__id__exact=post.pk)
