"""What the migration makes of posts that were imported before ids of files were the projects' own."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from connectors.file_ids import own_id
from leads.models import Author, Lead, Post
from signalops_site.core.models import Project

from ..factories import AuthorFactory, LeadFactory, PostFactory

pytestmark = pytest.mark.django_db
NUMBER = "7301234567890123456"


def migrated(step: str) -> None:
    module: Any = importlib.import_module("leads.migrations.0008_ids_of_files")
    getattr(module, step)(apps, SimpleNamespace(connection=connection))


def kept(project: Project, identity: str, *, platform: str = "file", **more: Any) -> Lead:
    made: Lead = LeadFactory.create(
        project=project, post=PostFactory.create(platform=platform, platform_post_id=identity, **more)
    )
    return made


def ids() -> set[str]:
    return set(Post.objects.values_list("platform_post_id", flat=True))


def test_ids_take_the_name_of_the_project_that_had_them_first(project: Project, other_project: Project) -> None:
    author = AuthorFactory.create(platform="file", platform_user_id="ada")
    shared = kept(project, "1", author=author)
    LeadFactory.create(project=other_project, post=shared.post)
    kept(other_project, "2", author=None)
    PostFactory.create(platform="file", platform_post_id="nobody's", author=None)
    kept(project, "3", platform="x", author=None)

    migrated("name_by_project")

    assert ids() == {"tidewater:1", "elsewhere:2", "nobody's", "3"}
    assert Author.objects.get(platform="file").platform_user_id == "tidewater:ada"

    migrated("name_by_file")

    assert ids() == {"1", "2", "nobody's", "3"}
    assert Author.objects.get(platform="file").platform_user_id == "ada"


def test_of_linkedin_those_that_are_no_numbers_of_its_own(project: Project) -> None:
    known, other = (AuthorFactory.create(platform="linkedin", platform_user_id=name) for name in ("ada", "bea"))
    kept(project, NUMBER, platform="linkedin", author=known, conversation_id="9", reply_to_id=NUMBER)
    kept(project, "row 5", platform="linkedin", author=known)
    kept(project, "row 6", platform="linkedin", author=other)

    migrated("name_by_project")

    assert ids() == {NUMBER, "tidewater:row 5", "tidewater:row 6"}
    assert set(Author.objects.values_list("platform_user_id", flat=True)) == {"ada", "tidewater:bea"}
    answer = Post.objects.get(platform_post_id=NUMBER)
    assert (answer.conversation_id, answer.reply_to_id) == ("tidewater:9", NUMBER)

    migrated("name_by_file")

    answer.refresh_from_db()
    assert (ids(), answer.conversation_id) == ({NUMBER, "row 5", "row 6"}, "9")


def test_an_id_is_named_as_an_import_names_it(project: Project) -> None:
    odd = ["1", "tidewater:9", "a" * 200, "a" * 199 + "b", "elsewhere:1"]
    for identity in odd:
        kept(project, identity, author=None)
    migrated("name_by_project")
    assert ids() == {own_id("tidewater", identity) for identity in odd}


def test_no_two_posts_get_one_id(project: Project, other_project: Project) -> None:
    """Back again two projects may have the same: the later one keeps its name. Nothing is lost either way."""
    kept(project, "1", author=None)
    kept(project, "tidewater:1", author=None)
    migrated("name_by_project")
    assert ids() == {"1", "tidewater:1"}

    Post.objects.all().delete()
    kept(project, "tidewater:1", author=None)
    kept(other_project, "elsewhere:1", author=None)
    migrated("name_by_file")
    assert ids() == {"1", "elsewhere:1"}
    migrated("name_by_project")
    assert ids() == {"tidewater:1", "elsewhere:1"}


def test_many_posts_take_no_more_queries_than_one(
    project: Project, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    count = 1_000
    posts = Post.objects.bulk_create(
        [Post(platform="file", platform_post_id=str(number), text="t") for number in range(count)]
    )
    Lead.objects.bulk_create([Lead(project=project, post=post) for post in posts])
    with django_assert_max_num_queries(14):
        migrated("name_by_project")
    assert Post.objects.filter(platform_post_id__startswith="tidewater:").count() == count
