"""Two processes bring the same posts at once, in another order each."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import DatabaseError, connection, connections

from connectors.base import FetchedAuthor, FetchedPost
from leads.models import Author, Lead, Post
from leads.services.ingest import store_posts
from signalops_site.core.models import Project

from ...factories import ProjectFactory

COUNT = 400
ROUNDS = 6


def posts_of(number: int) -> list[FetchedPost]:
    return [
        FetchedPost("x", f"{number}-{each}", "An invoice", FetchedAuthor(f"{number}-{each % 40}", name=str(each)))
        for each in range(COUNT)
    ]


def at_once(*calls: Callable[[], object]) -> list[DatabaseError]:
    """Call all of them, each in a thread with a connection of its own; what they raised."""
    start = threading.Barrier(len(calls))
    errors: list[DatabaseError] = []

    def work(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except DatabaseError as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one connection of a test in memory")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_project", [True, False])
def test_threads_on_postgresql_bring_the_same_posts_in_any_order(*, same_project: bool) -> None:
    projects: list[Project] = [ProjectFactory.create(), ProjectFactory.create()]
    second = projects[0] if same_project else projects[1]
    for number in range(ROUNDS):
        posts = posts_of(number)
        errors = at_once(
            partial(store_posts, projects[0], posts, query_label="first"),
            partial(store_posts, second, posts[::-1], query_label="second"),
        )
        assert errors == []
    assert (Post.objects.count(), Author.objects.count()) == (ROUNDS * COUNT, ROUNDS * 40)
    assert Lead.objects.count() == ROUNDS * COUNT * (1 if same_project else 2)


@pytest.mark.django_db
def test_leads_keep_the_order_in_which_their_posts_came(project: Project) -> None:
    posts = list(reversed(posts_of(1)))
    store_posts(project, posts, query_label="all")
    leads = Lead.objects.order_by("pk").values_list("post__platform_post_id", flat=True)
    assert list(leads) == [post.id for post in posts]
